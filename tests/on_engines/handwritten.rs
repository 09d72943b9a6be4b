//! The images of a spec once more, written as such stacks are written by hand.
//!
//! Takes the resolved spec, its plan and what was generated of it; gives build contexts with a Dockerfile. What is
//! installed and copied is the spec's own: the same packages, scripts, files, accounts. Only the manner is another
//! one, that of the Dockerfiles which this stack replaces: each habit of theirs is named where it is written down.
//!
//! Two things of theirs are left out, because the Debian variant has nothing that they could be done to: the
//! permission fix over a conda or Node tree of gigabytes, and editor extensions in the home. So the waste of these
//! images is less than that of the originals.

mod tests;

use bytes::Bytes;
use rdspec::compile::Output;
use rdspec::model::component::Component;
use rdspec::model::stack::{User, Variant};
use rdspec::plan::script::ScriptKind;
use rdspec::plan::{ImagePlan, Instruction, Mount, TOOLS};
use rdspec::render::{File, FileTree};

/// Where the images keep what their Dockerfiles copy first.
const RESOURCES: &str = "/resources";

/// The helpers that every step calls at its end.
const HELPERS: [(&str, &str); 2] = [
    ("clean-layer.sh", include_str!("handwritten/clean-layer.sh")),
    ("fix-permissions.sh", include_str!("handwritten/fix-permissions.sh")),
];

/// An image of the spec.
pub(crate) struct Original<'output> {
    pub(crate) output: &'output Output,
    pub(crate) variant: &'output Variant,
    pub(crate) plan: &'output ImagePlan,
    /// The names of all packages of the built image. Alternatives among dependencies are chosen by the order in which
    /// packages are installed; both sides shall have the same, so apt may take no others.
    pub(crate) packages: String,
}

/// The build context of an image, with its Dockerfile.
pub(crate) fn context(original: &Original<'_>) -> FileTree {
    let mut writer = Writer {
        original,
        generated: original.output.tree.subtree(&original.plan.folder),
        dockerfile: Vec::new(),
        context: FileTree::default(),
    };
    if original.plan.parent.is_none() {
        writer.root_image();
    } else {
        writer.child_image();
    }
    let dockerfile = writer.dockerfile.join("\n") + "\n";
    writer.add("Dockerfile", dockerfile);
    writer.context
}

struct Writer<'original> {
    original: &'original Original<'original>,
    generated: FileTree,
    dockerfile: Vec<String>,
    context: FileTree,
}

impl<'original> Writer<'original> {
    fn line(&mut self, text: impl Into<String>) {
        self.dockerfile.push(text.into());
    }

    /// Habit: no file of the repository has the mode that it needs, so a later RUN changes it.
    fn add(&mut self, path: &str, bytes: impl Into<Bytes>) {
        self.context.insert(path.to_owned(), File { bytes: bytes.into(), executable: false });
    }

    fn user(&self) -> &'original User {
        self.original.output.stack.user.as_ref().unwrap()
    }

    fn components(&self) -> Vec<&'original Component> {
        let name = &self.original.plan.name;
        let image = self.original.variant.images.iter().find(|image| image.name == *name).unwrap();
        image.components.iter().map(AsRef::as_ref).collect()
    }

    fn root_image(&mut self) {
        let (home, skeleton) = (self.user().home.to_string(), self.user().skeleton.to_string());
        let (uid, gid) = (self.user().uid, self.user().gid);
        self.begin();
        // Habit: the variables of the build stay in the image, and root builds in the user's home.
        self.line(format!("ENV DEBIAN_FRONTEND=noninteractive HOME={home} USER_GID={gid}"));
        // Habit: what every step calls is copied first, and made executable by a layer of its own.
        for (name, text) in HELPERS {
            self.add(&format!("resources/scripts/{name}"), text);
            self.line(format!("COPY resources/scripts/{name} /usr/bin/"));
        }
        self.line("RUN chmod u+x /usr/bin/clean-layer.sh && chmod u+x /usr/bin/fix-permissions.sh");
        self.tools();
        self.line(format!("RUN bash {RESOURCES}/tools/users.sh"));
        self.translations();
        // Habit: an instruction for each program, with the package lists fetched and thrown away each time.
        for step in self.steps() {
            self.line(format!("RUN bash {RESOURCES}/tools/{step}"));
        }
        self.directories();
        self.sudo_rules();
        self.files();
        // Habit: the home is copied to where no volume lies over it, moved about, and given to its owner, each in a
        // layer of its own.
        if self.home_files() {
            self.line(format!("COPY resources/home/ {home}/"));
            self.make_programs_of_home(&home);
            self.line(format!(
                "RUN mv {home}/.config {home}/.config2 && mv {home}/.config2 {home}/.config && fix-permissions.sh {home}"
            ));
        }
        // Habit: rights are widened at the end, over whole trees.
        self.line(
            "RUN chmod -R a+w /var/log/ && if [ -d /etc/nginx ]; then chmod a+w /etc/nginx; fi",
        );
        self.line(format!("RUN cp -r {home}/. {skeleton} && chown -R {uid} {skeleton}"));
        self.run_time();
    }

    /// Habit: a child copies its scripts, runs them in one RUN, and cleans up at its end.
    fn child_image(&mut self) {
        let skeleton = self.user().skeleton.to_string();
        self.begin();
        self.tools();
        let mut commands: Vec<String> =
            self.steps().into_iter().map(|step| format!("bash {RESOURCES}/tools/{step}")).collect();
        commands.push("apt-get clean".to_owned());
        commands.push("rm -rf /var/lib/apt/lists/*".to_owned());
        self.line(format!("RUN {}", commands.join(" && \\\n    ")));
        self.directories();
        self.files();
        if self.home_files() {
            self.line(format!("COPY resources/home/ {skeleton}/"));
            self.make_programs_of_home(&skeleton);
        }
        // Habit: the whole home is mended whenever something was added to it.
        let user = self.user().uid;
        self.line(format!("RUN chown -R {user} {skeleton} && fix-permissions.sh {skeleton}"));
        self.run_time();
    }

    fn begin(&mut self) {
        self.line("ARG BASE");
        self.line("FROM ${BASE}");
        self.line("USER 0");
    }

    /// Habit: the folder with the scripts of all programs comes before the first of them runs.
    fn tools(&mut self) {
        let list = format!(
            "Package: *\nPin: release *\nPin-Priority: -1\n\nPackage: {}\nPin: release *\nPin-Priority: 500\n",
            self.original.packages.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        self.add(&format!("resources/config/{}.packages", self.original.plan.name), list);
        self.line(format!("COPY resources/config {RESOURCES}/config"));
        self.line(format!("COPY resources/tools {RESOURCES}/tools"));
    }

    /// What the first layer of a chain tells dpkg about translations, as a file.
    fn translations(&mut self) {
        let folders = self.original.plan.scripts.iter().find_map(|script| match &script.kind {
            ScriptKind::Apt(apt) if !apt.locale_folders.is_empty() => Some(&apt.locale_folders),
            _ => None,
        });
        let Some(folders) = folders else { return };
        let lines =
            folders.iter().map(|folder| format!("path-include=/usr/share/locale/{folder}/*\n"));
        let lines: String = lines.collect();
        self.add("resources/config/zz-languages", lines);
        self.line("COPY resources/config/zz-languages /etc/dpkg/dpkg.cfg.d/");
    }

    /// Directories and links. What packages made in the place of a link is in an older layer by now.
    fn directories(&mut self) {
        let kinds = self.original.plan.scripts.iter().map(|script| &script.kind);
        for kind in kinds {
            let ScriptKind::Directories(made) = kind else { continue };
            let links: Vec<&str> = made.links.iter().map(|link| link.path.as_str()).collect();
            let remove = format!("rm -f {} && ", links.join(" "));
            let remove = if links.is_empty() { "" } else { &remove };
            self.line(format!("RUN {remove}bash {RESOURCES}/tools/directories.sh"));
        }
    }

    fn has_script(&self, name: &str) -> bool {
        self.original.plan.scripts.iter().any(|script| script.name == name)
    }

    /// The scripts of the programs, in the order in which the spec names them.
    fn steps(&mut self) -> Vec<String> {
        for script in ["users.sh", "directories.sh"] {
            if self.has_script(script) {
                let bytes = self.generated_file(&format!("{TOOLS}/{script}"));
                self.add(&format!("resources/tools/{script}"), bytes);
            }
        }
        let mut steps = Vec::new();
        let bootstrap = &self.original.variant.bootstrap;
        if self.original.plan.parent.is_none() && !bootstrap.is_empty() {
            let packages: Vec<String> = bootstrap.iter().map(ToString::to_string).collect();
            steps.push(("bootstrap".to_owned(), self.step(&packages, false, None)));
        }
        for component in self.components() {
            let apt = &component.apt;
            assert!(
                apt.selections.is_empty() && apt.repositories.is_empty() && apt.versions.is_empty(),
                "{}: say here how its packages are installed by hand",
                component.name
            );
            let packages: Vec<String> =
                component.packages.iter().map(|package| package.value.to_string()).collect();
            let script = component.has_script().then(|| component.name.as_str());
            if let Some(name) = script {
                let bytes = self.own_script(&format!("{name}.sh"));
                self.add(&format!("resources/tools/{name}.script.sh"), bytes);
            }
            if !packages.is_empty() || script.is_some() {
                let text = self.step(&packages, component.recommends, script);
                steps.push((component.name.to_string(), text));
            }
        }
        let mut names = Vec::new();
        for (name, text) in steps {
            let own = format!("{name}.sh");
            self.add(&format!("resources/tools/{own}"), text);
            names.push(own);
        }
        names
    }

    /// The script of a component as it was generated. It must not need mounts, which these Dockerfiles do not have.
    fn own_script(&self, name: &str) -> Bytes {
        let runs = self.original.plan.layers.iter().filter_map(|layer| match &layer.instruction {
            Instruction::Run(run) if run.script == name => Some(run),
            _ => None,
        });
        for run in runs {
            let only_itself = run.mounts.iter().all(
                |mount| matches!(mount, Mount::Bind { source, .. } if *source == format!("{TOOLS}/{name}")),
            );
            assert!(only_itself, "{name}: say here how its inputs and downloads come in by hand");
        }
        self.generated_file(&format!("{TOOLS}/{name}"))
    }

    fn generated_file(&self, path: &str) -> Bytes {
        self.generated.get(path).unwrap_or_else(|| panic!("no {path}")).bytes.clone()
    }

    fn step(&self, packages: &[String], recommends: bool, script: Option<&str>) -> String {
        let mut lines = vec!["#!/bin/bash".to_owned(), "set -e".to_owned()];
        // Packages ask for it: libpaper makes A4 or Letter of it.
        lines.push("export LC_ALL=C.UTF-8".to_owned());
        if !packages.is_empty() {
            let image = &self.original.plan.name;
            lines.push("apt-get update".to_owned());
            lines.push(format!(
                "apt-get install --yes {}-o Dir::Etc::Preferences={RESOURCES}/config/{image}.packages \\\n  {}",
                if recommends { "" } else { "--no-install-recommends " },
                packages.join(" \\\n  ")
            ));
        }
        lines.extend(script.map(|name| format!("bash {RESOURCES}/tools/{name}.script.sh")));
        // Habit: the home is mended and the caches are emptied at the end of each step.
        lines.push("fix-permissions.sh \"$HOME\"".to_owned());
        lines.push("clean-layer.sh".to_owned());
        lines.join("\n") + "\n"
    }

    fn sudo_rules(&mut self) {
        let rules: Vec<(String, Bytes)> = self
            .generated
            .subtree("resources/sudoers")
            .iter()
            .map(|(path, file)| (path.to_owned(), file.bytes.clone()))
            .collect();
        if rules.is_empty() {
            return;
        }
        for (name, bytes) in rules {
            self.add(&format!("resources/sudoers/{name}"), bytes);
        }
        self.line("COPY resources/sudoers /etc/sudoers.d");
        self.line("RUN chmod 0440 /etc/sudoers.d/*");
    }

    /// Files outside of the home: copied by folders, as root, and made executable by a later RUN.
    fn files(&mut self) {
        for component in self.components() {
            let root = format!("resources/files/{}", component.name);
            let skeleton = self.user().skeleton.as_str().trim_start_matches('/').to_owned();
            let files: Vec<(String, Bytes)> = self
                .generated
                .subtree(&root)
                .iter()
                .filter(|(path, _)| !path.starts_with(&format!("{skeleton}/")))
                .map(|(path, file)| (path.to_owned(), file.bytes.clone()))
                .collect();
            if files.is_empty() {
                continue;
            }
            self.line(format!("COPY {root}/ /"));
            let programs: Vec<String> = files
                .iter()
                .map(|(path, _)| format!("/{path}"))
                .filter(|path| self.is_program(path))
                .collect();
            if !programs.is_empty() {
                self.line(format!("RUN chmod 0755 {}", programs.join(" ")));
            }
            for (path, bytes) in files {
                self.add(&format!("{root}/{path}"), bytes);
            }
        }
    }

    /// Adds the files of the home, and whether there are any.
    fn home_files(&mut self) -> bool {
        let skeleton = format!("{}/", self.user().skeleton.as_str().trim_start_matches('/'));
        let mut found = Vec::new();
        for component in self.components() {
            let files = self.generated.subtree(&format!("resources/files/{}", component.name));
            found.extend(files.iter().filter_map(|(path, file)| {
                Some((path.strip_prefix(&skeleton)?.to_owned(), file.bytes.clone()))
            }));
        }
        for (path, bytes) in &found {
            self.add(&format!("resources/home/{path}"), bytes.clone());
        }
        !found.is_empty()
    }

    /// What the user clicks is made executable by a later RUN.
    fn make_programs_of_home(&mut self, home: &str) {
        let skeleton = self.user().skeleton.to_string();
        let files = self.context.subtree("resources/home");
        let programs: Vec<String> = files
            .iter()
            .filter(|(path, _)| self.is_program(&format!("{skeleton}/{path}")))
            .map(|(path, _)| format!("{home}/{path}"))
            .collect();
        if !programs.is_empty() {
            self.line(format!("RUN chmod 0755 {}", programs.join(" ")));
        }
    }

    /// Whether the spec gives a file of the image the mode of a program.
    fn is_program(&self, path: &str) -> bool {
        self.original.plan.layers.iter().any(|layer| match &layer.instruction {
            Instruction::Copy(copy) => {
                copy.mode.to_string() == "0755"
                    && copy.sources.iter().any(|source| source.ends_with(path))
            }
            Instruction::Run(_) => false,
        })
    }

    /// How a container starts is the same on both sides.
    fn run_time(&mut self) {
        let dockerfile = self.generated_file("Dockerfile");
        let text = std::str::from_utf8(&dockerfile).unwrap();
        let (_, tail) = text.split_once("# Run time:").unwrap();
        let (_, tail) = tail.split_once('\n').unwrap();
        self.line(tail.trim_end().to_owned());
    }
}
