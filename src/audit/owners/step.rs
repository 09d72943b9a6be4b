//! The step of a build that made a layer, as engines write it into the history of an image.
//!
//! Takes the text of `created_by`, gives the instruction if it is one of those that rdspec writes. BuildKit has the
//! instruction and ` # buildkit`; buildah and podman have the shell's command line for a RUN, and `#(nop)` before others.

/// An instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'text> {
    /// A script of ours.
    Run { script: &'text str, inputs: &'text str },
    /// A COPY, without what BuildKit adds.
    Copy { text: &'text str },
    /// A WORKDIR.
    WorkingDirectory { path: &'text str },
}

impl<'text> Step<'text> {
    pub(super) fn of(created_by: &'text str) -> Option<Self> {
        let text = created_by.trim();
        let text = text.strip_suffix("# buildkit").unwrap_or(text).trim_end();
        if let Some((_, command)) = text.split_once("bash /run/") {
            let (script, inputs) = command.split_once(" # inputs ")?;
            return Some(Self::Run { script, inputs: inputs.split_whitespace().next()? });
        }
        let text = text.strip_prefix("/bin/sh -c #(nop)").unwrap_or(text).trim();
        if let Some(path) = text.strip_prefix("WORKDIR ") {
            return Some(Self::WorkingDirectory { path: path.trim() });
        }
        text.starts_with("COPY ").then_some(Self::Copy { text })
    }
}

/// Whether a COPY is that of some sources into a directory. buildah has a digest in the sources' place.
pub(super) fn copies(text: &str, sources: &[String], directory: &str) -> bool {
    let bare = |path: &str| path.trim_end_matches(['/', '"', ']', ' ']).to_owned();
    let whole = bare(text);
    let to = bare(directory);
    let ends = whole.strip_suffix(&to).is_some_and(|rest| rest.ends_with([' ', '"']));
    let names_sources = text.contains(&format!("{}/", crate::plan::FILES));
    ends && (!names_sources || sources.iter().all(|source| text.contains(source.as_str())))
}

#[cfg(test)]
mod tests {
    use super::{Step, copies};

    #[test]
    fn steps_of_every_engine() {
        let run = Step::Run { script: "users.sh", inputs: "0123" };
        for text in [
            "RUN /bin/sh -c bash /run/users.sh # inputs 0123 # buildkit",
            "RUN |1 BASE=debian:bookworm /bin/sh -c bash /run/users.sh # inputs 0123 # buildkit",
            "/bin/sh -c --mount=type=bind,source=s,target=/run/users.sh     bash /run/users.sh # inputs 0123",
            "|1 BASE=debian:bookworm /bin/sh -c     bash /run/users.sh # inputs 0123",
        ] {
            assert_eq!(Step::of(text), Some(run), "{text}");
        }
        for text in ["WORKDIR /srv # buildkit", "/bin/sh -c #(nop) WORKDIR /srv"] {
            assert_eq!(Step::of(text), Some(Step::WorkingDirectory { path: "/srv" }));
        }
        for text in ["/bin/sh -c #(nop) ADD file:1 in /", "RUN /bin/sh -c bash /run/x.sh", ""] {
            assert_eq!(Step::of(text), None, "{text}");
        }
    }

    #[test]
    fn copies_go_by_sources_and_directory() {
        let sources = ["resources/files/a/etc/x".to_owned(), "resources/files/a/etc/y".to_owned()];
        for text in [
            "COPY resources/files/a/etc/x resources/files/a/etc/y /etc/ # buildkit",
            "COPY --chmod=0644 resources/files/a/etc/x resources/files/a/etc/y /etc/",
            "/bin/sh -c #(nop) COPY multi:0123 in /etc/",
            "/bin/sh -c #(nop) COPY multi:0123 in /etc",
            r#"COPY ["resources/files/a/etc/x", "resources/files/a/etc/y", "/etc/"]"#,
        ] {
            let Some(Step::Copy { text }) = Step::of(text) else { panic!("{text}") };
            assert!(copies(text, &sources, "/etc/"), "{text}");
            assert!(!copies(text, &sources, "/etc/x/"), "{text}");
            assert!(!copies(text, &sources, "/usr/etc/"), "{text}");
        }
        assert!(!copies("COPY resources/files/a/etc/x /etc/", &sources, "/etc/"));
        assert!(!copies("COPY multi:0123 in /usr/etc/", &sources, "/etc/"));
    }
}
