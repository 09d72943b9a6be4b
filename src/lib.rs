//! rdspec compiles a declarative spec of a stack of container images into Dockerfiles, install scripts and
//! everything around them.
//!
//! # The pipeline
//!
//! ```text
//! spec/ (TOML) --parse--> syntax --resolve--> model --plan--> Plan --render--> FileTree --write/diff--> generated/
//! ```
//!
//! [`compile::compile`] is the whole of it from parse to render: a pure function from the bytes of the spec
//! to the bytes of the output, or to diagnostics. `generate`, `generate --check`, `build` and the tests share it.
//!
//! | module | takes | gives | never |
//! |---|---|---|---|
//! | [`parse`] | TOML text | [`syntax`], with spans | fills a default |
//! | [`resolve`] | the syntax of all files | [`model::Stack`], or all errors at once | decides a layer |
//! | [`plan`] | the model | [`plan::Plan`]: every layer and every output file, decided | formats text |
//! | [`render`] | the plan and the templates | [`render::FileTree`], in memory | touches the disk, clock, environment, network |
//! | [`splice`] | TOML text and a change of its values | replacements that leave every other byte as it is | touches the disk |
//! | [`dev`] | two compiled specs | their difference as an image on top of the one that was built | lays what it cannot lay exactly |
//! | [`versions`] | the names that an upstream lists | which are newer, and which of them a pin may move to | trusts the order of a list |
//! | [`upstream`] | where versions are found, the network | releases and files as that place lists them | believes them |
//! | [`verify`] | keys, signatures, lists of sums | whose they are, until when, whether they are believed | asks the time, or the network |
//! | [`bump`] | a compiled spec and releases | pins, candidates, edits of values | asks the network, or writes |
//! | [`surroundings`] | the time, and which files lie beside the spec | what is wrong with the spec then and there | looks itself |
//! | [`workspace`] | a file tree and the disk | atomic writes, or a diff | half-writes |
//! | [`engine`] | a build context | a tagged image | changes what is built |
//! | [`language`] | nothing | the tables and keys of the spec, as a JSON Schema and a reference | decides what the parser accepts |
//! | [`affected`] | two compiled specs | which images the change touches, by which layers and checks, and what did it | guesses: the bytes decide |
//! | [`inventory`] | the model | the packages, downloads and base image of each image | formats |
//! | [`why`] | the compiled spec and a name | what brings it, into which layer, and who needs that | guesses what packages bring along |
//! | [`graph`] | the compiled spec | its images, components and layers to draw, and where they are in a picture | decides about an image |
//! | [`sbom`] | the compiled spec, or a built image | its bill of materials in SPDX | asks the time |
//! | [`show`] | the spec and what it compiled to | each value of an image with its origin | compiles |
//! | [`mod@image`] | an archive or layout of a built image | its layers, tree, packages, waste, leftovers | writes |
//! | [`audit`] | a built image and the plan | where its bytes are, whose, and which are for nothing | blames the base image |
//! | [`comparison`] | two built images | what changed between them | says which is right |
//!
//! The boundaries are kept by lints: `.clippy.toml` forbids file, environment, clock and process functions
//! everywhere but in the modules that declare them with a reason, and forbids maps of random order.
//!
//! # The guarantees, and what each follows from
//!
//! 1. **No byte is stored twice by our doing.** A [`plan::Layer`] is either a [`plan::Copy`] or a [`plan::Run`]. A `Copy` has
//!    one mode, one owner and one directory, and `plan::files` fills it with files only, into directories that an
//!    earlier `Run` made: there is no value of the type that copies a tree or changes a directory. Two owners of a
//!    path in a chain are an error of `resolve`, so no file is written over. A `Run` executes one of five kinds of
//!    script ([`plan::script::ScriptKind`]); only a component's own shell can touch older files, and the permission fix
//!    around it is over declared paths, by ctime, new directories and wholly new files only. All packages of a
//!    change class are one `Run`, so the databases of the package manager are rewritten at most four times in a
//!    root image and three times in a child.
//! 2. **Nothing temporary reaches a layer.** Every [`plan::Mount`] that `plan::image` makes lies directly below /run. Scripts
//!    run with a home, a temporary folder and a working directory that vanish, and end by removing what
//!    [`plan::script::ScriptKind::leftovers`] says that their kind leaves behind, if this run made it. Downloads go through a cache under
//!    the name of their SHA-256 and are verified each time before they are unpacked.
//! 3. **A change rebuilds itself and what depends on it.** [`render::digest`] puts a digest of every file that a RUN reads
//!    into its line. Prose (summaries, reasons) is only in comments of the Dockerfile, package lists are sorted, so
//!    nothing else changes a digest. ENV comes last, ARG is the base's alone, and [`plan::order`] puts dear and stable layers
//!    first. [`workspace::output::stage`] gives engines a context of constant modes and times, since both are in their cache keys.
//! 4. **Portable.** The one Dockerfile template has no heredoc, no `COPY --link`, no `# syntax=`, no SHELL. The number of layers over a chain is
//!    checked in [`plan::plan`].
//! 5. **Pinned in time.** A download without a SHA-256, a base image without a digest or a reason, and packages without a
//!    refresh date are errors of `resolve`; the date is in every apt script, so in its digest.
//! 6. **Readable.** Templates look like what they make; values are quoted only where they need it.
//!
//! **Every value is quoted for the language it lands in**: the template environment ([`render::templates`]) refuses to print a
//! string that did not come out of a quoting filter of [`render::quote`], and those refuse what their language cannot hold.

pub mod accept;
pub mod affected;
pub mod audit;
pub mod bump;
pub mod cli;
pub mod commands;
pub mod comparison;
pub mod compile;
pub mod dev;
pub mod diagnostic;
pub mod engine;
pub mod graph;
pub mod image;
pub mod inventory;
pub mod language;
pub mod model;
pub mod parallel;
pub mod parse;
pub mod plan;
pub mod render;
pub mod resolve;
pub mod sbom;
pub mod show;
pub mod source;
pub mod splice;
pub mod surroundings;
pub mod syntax;
pub mod unusable;
pub mod upstream;
pub mod verify;
pub mod versions;
pub mod why;
pub mod workspace;
