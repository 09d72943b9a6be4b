//! The tables of `dev/<image>.toml`: what is tried on an image before it is part of the spec.

use super::{Key, Rule, Table, Type};

/// The whole file.
pub static EXPERIMENT_FILE: Table = Table::new(
    "",
    "What is tried on one image. `rdspec dev` does it on top of what was built; no other command knows it, but `rdspec check` reports its mistakes.",
    &[Key::new(
        "experiments",
        Type::Tables("experiment", &EXPERIMENT),
        "The experiments, by name.",
    )
    .required()],
);

static EXPERIMENT: Table = Table::new(
    "experiments.*",
    "An experiment. What a component owns already, such as a variable, a path or a package, changes there; the rest goes to `component`.",
    &[
        Key::new("summary", Type::Text, "One line about it, for the component that it becomes.")
            .or_else("says that it was tried")
            .example("\"Search in files\""),
        Key::new("component", Type::Text, "The component of the image or its parents that it becomes a part of.")
            .or_else("a new one, of the experiment's name")
            .example("\"tools\""),
        Key::new("before", Type::Text, "The component that uses it. The experiment is done before it, in its image; then its script runs again, and what needs it.")
            .or_else("at the end of the image")
            .example("\"jupyter\""),
        Key::new("needs", Type::Texts, "The components that it uses, if they are fewer than all before it.")
            .example("[\"conda\"]"),
        Key::new("install", Type::Texts, "Debian packages.").example("[\"ripgrep\"]"),
        Key::new("env", Type::TextMap("variable"), "Variables of the container.")
            .example("{ PAGER = \"less\" }"),
        Key::new("run", Type::Text, "bash commands, as in `[script]` of a component.")
            .example("\"update-mime-database /usr/share/mime\""),
        Key::new("undo", Type::Text, "Commands that take back what `run` did, for later.").example("\"rm -r /opt/tool\""),
        Key::new("user", Type::OneOf(&["root", "user"]), "Who runs it.").or("\"root\"").example("\"user\""),
        Key::new("writable", Type::Texts, "Paths that `run` fills and that the user may write.").example("[\"/opt/tool\"]"),
        Key::new("copy", Type::Tables("path", &COPY), "Files to copy into the image, by path; for a folder, all that is below it."),
        Key::new("write", Type::Tables("path", &WRITE), "Files to write into the image, by path."),
        Key::new("remove", Type::Table(&REMOVE), "What the image is to be without."),
    ],
)
.rules(&[Rule::OneAtMost(&["before", "needs"])]);

static COPY: Table = Table::new(
    "experiments.*.copy.*",
    "A file or a folder below `dev/<image>/`.",
    &[
        Key::new("source", Type::Text, "The file or folder.")
            .or_else("the name at the end of the path")
            .example("\"theme\""),
        Key::new("mode", Type::Text, "Permission bits of the files, octal.")
            .or("\"0644\"")
            .example("\"0755\""),
        Key::new("owner", Type::OneOf(&["root", "user"]), "Whose they are.")
            .or_else("`root`; `user` below `~/`")
            .example("\"user\""),
    ],
);

static WRITE: Table = Table::new(
    "experiments.*.write.*",
    "A file, from text.",
    &[
        Key::new("content", Type::Text, "The text.").required().example("\"colour = green\\n\""),
        Key::new("mode", Type::Text, "Permission bits, octal.").or("\"0644\"").example("\"0755\""),
        Key::new("owner", Type::OneOf(&["root", "user"]), "Whose it is.")
            .or_else("`root`; `user` below `~/`")
            .example("\"user\""),
    ],
);

static REMOVE: Table = Table::new(
    "experiments.*.remove",
    "What the image is to be without.",
    &[
        Key::new(
            "packages",
            Type::Texts,
            "Debian packages: no longer asked for; kept out where no component asked for them.",
        )
        .example("[\"nano\"]"),
        Key::new("paths", Type::Texts, "Files, links and directories of components.")
            .example("[\"/etc/tool.conf\"]"),
        Key::new("components", Type::Texts, "Whole components of the image or its parents.")
            .example("[\"cron\"]"),
    ],
);
