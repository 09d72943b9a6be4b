//! Model to [`Plan`]: the layers of each image in order, and every output file.
//!
//! What a layer may contain is decided here: which script runs in it, what is mounted, which paths
//! it may touch, which files are copied with which mode and owner. Rendering only formats it.

pub mod accounts;
pub mod apt;
pub mod bake;
pub mod configuration;
pub mod download;
pub mod estimate;
pub mod files;
mod generated;
pub mod image;
pub mod managers;
pub mod order;
pub mod report;
pub mod script;
pub mod workflow;

pub use configuration::Configuration;
pub use script::Script;

use std::sync::Arc;

use bytes::Bytes;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::route::Route;
use crate::model::service::Service;
use crate::model::shortcut::Shortcut;
use crate::model::sudo::SudoRule;
use crate::model::{Name, Stack};
use crate::parallel;

/// Layers that every engine can stack in one chain: overlay file systems take no more lower
/// directories ("max depth exceeded").
pub const ENGINE_LAYERS: usize = 127;

/// Layers that are left for the base image and for experiments on top.
pub const RESERVED_LAYERS: usize = 15;

/// The whole output, decided.
#[derive(Debug)]
pub struct Plan {
    /// Every image of every variant, parents before children.
    pub images: Vec<ImagePlan>,
    /// What `docker buildx bake` builds of them.
    pub bake: bake::Bake,
}

/// One image: its Dockerfile and the files of its build context.
#[derive(Debug)]
pub struct ImagePlan {
    /// Its variant.
    pub variant: Name,
    /// Its name.
    pub name: Name,
    /// Its folder in the output: `base`, or `debian/base`.
    pub folder: String,
    /// The name under which it is built and tagged.
    pub reference: String,
    /// The image of this stack that it is built on.
    pub parent: Option<Name>,
    /// What FROM gets: an image of this stack, or one from elsewhere with its digest.
    pub base: String,
    /// Why the base image has no digest.
    pub unpinned: Option<String>,
    /// The spec folder, as headers name it.
    pub spec: String,
    /// What "now" is for scripts and for the times of copied files.
    pub source_date_epoch: u64,
    /// Its budget, in bytes of its layers.
    pub max_size: Option<u64>,
    /// The layers, in order.
    pub layers: Vec<Layer>,
    /// What each layer costs and how often it changes.
    pub estimates: Vec<estimate::Estimated>,
    /// The layers that could be placed otherwise, and what the placing has to heed.
    pub choices: Vec<order::Weight>,
    /// The place of each of `choices` in the order of the spec.
    pub written: Vec<usize>,
    /// What the container is like.
    pub configuration: Configuration,
    /// The scripts of the RUN layers.
    pub scripts: Vec<Script>,
    /// Files that COPY and bind mounts take from the build context: path there, and content.
    pub context: Vec<(String, Content)>,
    /// Commands that prove the image: component, and command line.
    pub checks: Vec<(Name, String)>,
}

/// What is in a file of a build context.
#[derive(Debug)]
pub enum Content {
    /// Bytes of the spec.
    Verbatim(Bytes),
    /// A program for supervisor.
    Service {
        /// The file to edit.
        origin: String,
        /// The program.
        service: Arc<Service>,
    },
    /// A path of the web server.
    Route {
        /// The file to edit.
        origin: String,
        /// Where it leads.
        route: Arc<Route>,
    },
    /// Something to click.
    Shortcut {
        /// The file to edit.
        origin: String,
        /// What it does.
        shortcut: Arc<Shortcut>,
    },
    /// The description of an apt repository.
    Sources(Sources),
    /// Requirements of pip.
    Requirements {
        /// The file to edit.
        origin: String,
        /// Its lines.
        packages: Vec<managers::Requirement>,
    },
    /// Rules for sudo.
    Sudoers {
        /// The file to edit.
        origin: String,
        /// Who may.
        user: String,
        /// What.
        rules: Vec<SudoRule>,
    },
}

/// A file of /etc/apt/sources.list.d: sources.list(5), "deb822-style format".
#[derive(Debug, serde::Serialize)]
pub struct Sources {
    /// The file to edit.
    pub origin: String,
    /// The address of the repository.
    pub uri: String,
    /// Its suites.
    pub suites: Vec<String>,
    /// Its components; none where the suites are paths.
    pub components: Vec<String>,
    /// The architectures to take; none for that of the image.
    pub architectures: Vec<&'static str>,
    /// Whether apt is told that it has no snapshots.
    pub without_snapshots: bool,
    /// Where the key lies in the image.
    pub key_path: String,
}

/// One instruction that makes a layer.
#[derive(Debug)]
pub struct Layer {
    /// What it is for, as the comment above it says.
    pub comment: String,
    /// The components that it belongs to.
    pub owners: Vec<Name>,
    /// RUN or COPY.
    pub instruction: Instruction,
}

impl Layer {
    /// The paths of the build context that it reads.
    pub fn sources(&self) -> Vec<&str> {
        match &self.instruction {
            Instruction::Run(run) => run
                .mounts
                .iter()
                .filter_map(|mount| match mount {
                    Mount::Bind { source, .. } => Some(source.as_str()),
                    Mount::Cache { .. } | Mount::Secret { .. } => None,
                })
                .collect(),
            Instruction::Copy(copy) => copy.sources.iter().map(String::as_str).collect(),
        }
    }
}

/// What makes a layer.
#[derive(Debug)]
pub enum Instruction {
    /// Runs a script of the build context.
    Run(Run),
    /// Copies files of the build context.
    Copy(Copy),
}

/// A RUN instruction.
#[derive(Debug)]
pub struct Run {
    /// The script, a file in [`TOOLS`].
    pub script: String,
    /// What the script sees besides the image.
    pub mounts: Vec<Mount>,
}

/// The folder of the scripts in a build context.
pub const TOOLS: &str = "resources/tools";

/// The folder of the files in a build context.
pub const FILES: &str = "resources/files";

/// Something that a RUN sees and that never becomes part of a layer: its target is a path of its own
/// directly below /run that no layer contains. (buildah deletes a path that it mounted over from the
/// image; a file or directory directly below /run leaves nothing behind on any engine.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mount {
    /// A file or folder of the build context, read-only.
    Bind {
        /// Path in the build context.
        source: String,
        /// Path while the script runs.
        target: String,
    },
    /// A folder that survives between builds.
    Cache {
        /// What shares it.
        id: String,
        /// Path while the script runs.
        target: &'static str,
        /// Whether one build at a time has it.
        locked: bool,
    },
    /// A file that whoever builds hands over. What is in it is no input: another content builds nothing anew.
    Secret {
        /// What the spec and the engine call it.
        id: String,
        /// Path while the script runs.
        target: String,
        /// Who alone may read it.
        uid: u32,
    },
}

/// A COPY instruction: files of one mode and owner into one directory that exists already.
///
/// Never a tree: `COPY --chmod=0644` of a tree makes its directories 0644, `--chown` of a tree changes
/// directories that exist.
#[derive(Debug)]
pub struct Copy {
    /// Paths in the build context.
    pub sources: Vec<String>,
    /// The directory in the image.
    pub directory: String,
    /// Permission bits of the files.
    pub mode: crate::model::names::Mode,
    /// User and group id, where it is not root.
    pub owner: Option<(u32, u32)>,
}

/// Plans every image of a stack.
pub fn plan(stack: &Stack, found: &mut Diagnostics) -> Plan {
    let mut images: Vec<ImagePlan> = Vec::new();
    for variant in &stack.variants {
        let mut depths: Vec<usize> = Vec::with_capacity(variant.images.len());
        let planned = parallel::map(&variant.images, parallel::IMAGES, |image| {
            image::plan(stack, variant, image)
        });
        for (image, planned) in variant.images.iter().zip(planned) {
            let below = image.parent.and_then(|parent| depths.get(parent)).copied().unwrap_or(0);
            let depth = below + planned.layer_count();
            depths.push(depth);
            let most = ENGINE_LAYERS - RESERVED_LAYERS;
            // The first image of a chain that is too deep says it for its children.
            if depth > most && below <= most {
                let message = format!(
                    "`{}` has {depth} layers with its parents; {} is the most",
                    image.name, most
                );
                found.push(
                    Diagnostic::new(Code::TooManyLayers, &image.span, message)
                        .label(format!("{} of them are its own", planned.layer_count()))
                        .help(format!(
                            "engines stack {ENGINE_LAYERS}, of which {RESERVED_LAYERS} are kept for the base image and for `dev`; join components that have a script each",
                        )),
                );
            }
            images.push(planned);
        }
    }
    Plan { bake: bake::plan(stack, &images), images }
}

impl Plan {
    /// An image and all that it is built on in this stack: itself first, the root image last.
    pub fn ancestry<'plan>(
        &'plan self,
        image: &'plan ImagePlan,
    ) -> impl Iterator<Item = &'plan ImagePlan> {
        std::iter::successors(Some(image), |child| {
            let parent = child.parent.as_ref()?;
            self.images.iter().find(|other| other.name == *parent && other.variant == child.variant)
        })
    }
}

impl ImagePlan {
    /// How many layers the image adds to its base.
    pub fn layer_count(&self) -> usize {
        self.layers.len() + usize::from(self.configuration.working_directory.is_some())
    }
}
