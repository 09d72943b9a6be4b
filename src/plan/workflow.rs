//! What continuous integration does with a stack, decided: the jobs of its workflow on GitHub.
//!
//! Takes the model and the planned images, gives the values of the template; it formats nothing.

pub mod actions;

use std::collections::BTreeSet;

use serde::Serialize;

use super::bake::{Bake, Target};
use super::{ImagePlan, Plan};
use crate::model::architecture::Architecture;
use crate::model::ci::{Ci, Install, Label, Login, Schedule, Severity};
use crate::model::reference::{self, Reference};
use crate::model::stack::{Base, Image};
use crate::model::{Name, Stack, size};
use crate::upstream::oci::name::ImageName;
use actions::Action;

/// What a runner that GitHub hosts has free ("GitHub-hosted runners reference", standard runners).
const FREE_DISK: u64 = 14_000_000_000;

/// How often a builder has the bytes of an image of one processor: unpacked, packed to be pushed, and in an archive.
const COPIES: u64 = 3;

/// The workflow.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is something that a team does or does not")]
pub struct Workflow {
    /// The stack.
    pub stack: String,
    /// The spec folder, as headers name it.
    pub spec: String,
    /// The branch whose images are published.
    pub branch: String,
    /// Labels of the machines.
    pub runner: Vec<String>,
    /// When anything is done without a change, each time once.
    pub schedules: Vec<String>,
    /// When pins are moved, besides by hand.
    pub bump: Option<String>,
    /// When pins are verified, besides by hand.
    pub verify: Option<String>,
    /// How rdspec gets onto a machine.
    pub install: Installation,
    /// The host of the registry.
    pub host: String,
    /// Who logs in there.
    pub login: Account,
    /// For what else than its images a job logs in there.
    pub logins: Logins,
    /// What all images are called up to their own name.
    pub images: String,
    /// What the ConfigMap with the published images is called.
    pub config_map: String,
    /// The tag of the stack.
    pub tag: String,
    /// The default variant.
    pub variant: String,
    /// The variants that are built.
    pub variants: Vec<String>,
    /// What a scan looks for; empty for no scan.
    pub severities: Vec<&'static str>,
    /// Whether vulnerabilities without a fix count.
    pub unfixed: bool,
    /// Whether a list of what is in it is pushed with an image.
    pub sbom: bool,
    /// Whether it is pushed how an image was built.
    pub provenance: bool,
    /// Whether a builder of all images frees its disk.
    pub frees_disk: bool,
    /// Whether a builder needs an emulator.
    pub emulates: bool,
    /// Secrets that scripts of any image read: id for the engine, and variable.
    pub secrets: BTreeSet<(String, String)>,
    /// A job for each image that is published, parents first.
    pub jobs: Vec<Job>,
    /// The actions, by what they are for.
    pub uses: actions::Actions<&'static Action>,
}

/// The job of one image.
#[derive(Debug, Serialize)]
pub struct Job {
    /// How other jobs call it.
    pub id: String,
    /// What people read.
    pub name: String,
    /// The job of its parent.
    pub parent: Option<String>,
    /// What the parent is called, without a tag.
    pub parent_image: Option<String>,
    /// What the image is called, without a tag.
    pub image: String,
    /// Its budget, for each processor, as `rdspec audit` reads it.
    pub max_size: Option<String>,
    /// Its build context, in the output folder.
    pub folder: String,
    /// Its tags besides that of the commit.
    pub tags: Vec<String>,
    /// What follows the tag in this variant.
    pub suffix: String,
    /// What it is built for.
    pub architectures: Vec<&'static str>,
    /// Whether the builder frees its disk.
    pub frees_disk: bool,
    /// Secrets that its scripts read.
    pub secrets: BTreeSet<(String, String)>,
}

/// How rdspec gets onto a machine.
#[derive(Debug, Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Installation {
    /// Compiled from a folder of the repository.
    Source {
        /// The folder.
        path: String,
    },
    /// Downloaded.
    Program {
        /// From here.
        url: String,
        /// What it has to be.
        sha256: String,
        /// Whether it lies in an archive, in the one folder there, as releases of rdspec have it.
        is_packed: bool,
    },
    /// Copied out of an image.
    Image {
        /// Its name with its digest.
        reference: String,
    },
}

/// Who logs in at the registry.
#[derive(Debug, Serialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Account {
    /// The holder of two secrets, which have these names.
    Secrets {
        /// Of the user's name.
        username: String,
        /// Of the password.
        password: String,
    },
    /// Whoever started the run.
    Token,
}

/// What can only be had after a login at the stack's own registry, besides its own images.
#[derive(Debug, Serialize)]
pub struct Logins {
    /// rdspec, where it is copied out of an image that is there.
    pub to_install: bool,
    /// What is known of the pins: base images are there.
    pub to_ask: bool,
}

/// The workflow of a stack; none where there is nowhere to publish.
pub fn plan(stack: &Stack, plan: &Plan, ci: &Ci) -> Option<Workflow> {
    let registry = stack.registry.as_ref()?.as_str();
    let default = stack.variants.first()?;
    let images = format!("{registry}/{}", stack.name);
    let built: Vec<(&ImagePlan, &Target)> = plan
        .images
        .iter()
        .zip(&plan.bake.targets)
        .filter(|(image, _)| ci.variants.contains(&image.variant))
        .collect();
    let jobs: Vec<Job> =
        built.iter().map(|(image, target)| job(stack, ci, &plan.bake, image, target)).collect();
    let schedules = [&ci.bump, &ci.verify].into_iter().flatten().map(Schedule::to_string);
    let mut schedules: Vec<String> = schedules.collect();
    schedules.dedup();
    Some(Workflow {
        stack: stack.name.to_string(),
        spec: stack.root.clone(),
        branch: ci.branch.to_string(),
        runner: ci.runner.iter().map(ToString::to_string).collect(),
        schedules,
        bump: ci.bump.as_ref().map(ToString::to_string),
        verify: ci.verify.as_ref().map(ToString::to_string),
        install: installation(&ci.rdspec),
        host: reference::host(registry).to_owned(),
        login: account(&ci.login),
        logins: logins(stack, ci, &images),
        images,
        config_map: config_map(&stack.name),
        tag: stack.tag.to_string(),
        variant: default.name.to_string(),
        variants: ci.variants.iter().map(ToString::to_string).collect(),
        severities: ci.severity.map(Severity::and_worse).unwrap_or_default(),
        unfixed: ci.unfixed,
        sbom: ci.sbom,
        provenance: ci.provenance,
        // Unpacked, a chain has its last image's size alone.
        frees_disk: jobs.iter().any(|job| job.frees_disk),
        emulates: emulates(&ci.runner, &stack.architectures),
        secrets: jobs.iter().flat_map(|job| job.secrets.iter().cloned()).collect(),
        jobs,
        uses: actions::ACTIONS.as_ref(),
    })
}

fn job(stack: &Stack, ci: &Ci, bake: &Bake, image: &ImagePlan, target: &Target) -> Job {
    let mut tags: Vec<String> = Vec::new();
    let wanted = [ci.branch.tag(), bake.tag.clone()];
    for tag in wanted.into_iter().chain(ci.tags.iter().map(ToString::to_string)) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let secrets = target.secrets.iter().map(|name| (name.to_string(), name.variable()));
    Job {
        id: job_id(&target.name),
        name: format!("{}{}", image.name, target.suffix.replacen('-', " on ", 1)),
        parent: target.parent.as_ref().map(|(_, parent)| job_id(parent)),
        parent_image: image.parent.as_ref().map(|parent| stack.repository(parent)),
        image: stack.repository(&image.name),
        max_size: image.max_size.and_then(size::exact),
        folder: target.folder.clone(),
        tags,
        suffix: target.suffix.clone(),
        architectures: stack.architectures.iter().map(|one| one.name()).collect(),
        frees_disk: ci.free_disk.unwrap_or_else(|| {
            is_hosted(ci) && needs_room(image.max_size, stack.architectures.len())
        }),
        secrets: secrets.collect(),
    }
}

/// Names of jobs begin with a letter or `_`, and those of the other jobs have no `image-` in front.
fn job_id(target: &str) -> String {
    format!("image-{target}")
}

/// Whether an image of this budget may need more than a builder has free. Without a budget nobody knows.
fn needs_room(max_size: Option<u64>, architectures: usize) -> bool {
    let copies = COPIES.saturating_mul(u64::try_from(architectures).unwrap_or(u64::MAX));
    max_size.is_some_and(|size| size.saturating_mul(copies) > FREE_DISK)
}

/// Whether something is built for another processor than the machines have.
fn emulates(runner: &[Label], architectures: &[Architecture]) -> bool {
    // GitHub's own names of such machines end so; those of teams have the other label ("GitHub-hosted runners reference",
    // "Using self-hosted runners in a workflow").
    let is_arm = |label: &Label| {
        label.as_str().ends_with("-arm") || label.as_str().eq_ignore_ascii_case("arm64")
    };
    let own = if runner.iter().any(is_arm) { Architecture::Arm64 } else { Architecture::Amd64 };
    architectures.iter().any(|one| *one != own)
}

/// Whether the machines are GitHub's own, each new. What lies on a team's machine is not to be removed unasked.
fn is_hosted(ci: &Ci) -> bool {
    ci.runner.iter().all(|label| label.as_str().starts_with("ubuntu-"))
}

fn installation(install: &Install) -> Installation {
    match install {
        Install::Source(path) => Installation::Source { path: path.to_string() },
        Install::Program { url, sha256 } => {
            let is_packed =
                [".tar.gz", ".tgz", ".tar.xz"].iter().any(|end| url.file_name().ends_with(end));
            Installation::Program { url: url.text.clone(), sha256: sha256.to_string(), is_packed }
        }
        Install::Image { reference, digest } => {
            Installation::Image { reference: format!("{reference}@{digest}") }
        }
    }
}

/// A name that Kubernetes takes: of what it does not take (RFC 1123, labels with dots between them), a stack's name can only
/// have `_`.
fn config_map(stack: &Name) -> String {
    format!("{}-images", stack.as_str().replace('_', "-"))
}

/// What is on the registry of the stack's images, whose names begin with `images`.
fn logins(stack: &Stack, ci: &Ci, images: &str) -> Logins {
    let own = ImageName::parse(images).registry;
    let is_there = |reference: &Reference| {
        ImageName::parse(reference.as_str()).registry.eq_ignore_ascii_case(&own)
    };
    let is_base_there = |image: &Image| match &image.base {
        Base::External(base) => is_there(&base.reference.value),
        Base::Parent(_) => false,
    };
    Logins {
        to_install: matches!(&ci.rdspec, Install::Image { reference, .. } if is_there(reference)),
        to_ask: stack.images().any(is_base_there),
    }
}

fn account(login: &Login) -> Account {
    match login {
        Login::Secrets { username, password } => {
            Account::Secrets { username: username.to_string(), password: password.to_string() }
        }
        Login::GithubToken => Account::Token,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Architecture::{Amd64, Arm64};

    /// RFC 1123, section 2.1, as Kubernetes reads it ("Object names and IDs": DNS subdomain names).
    fn is_subdomain(name: &str) -> bool {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        name.len() <= 253
            && name.split('.').all(|label| {
                label.chars().all(|c| plain(c) || c == '-')
                    && label.starts_with(plain)
                    && label.ends_with(plain)
            })
    }

    #[test]
    fn every_name_of_a_stack_gives_a_name_that_kubernetes_takes() {
        assert!(!is_subdomain("my_stack-images") && !is_subdomain("a-.b"));
        // One sign of each kind stands for all of them.
        let mut texts = vec![String::new()];
        let mut names = 0;
        for _ in 0..6 {
            let longer =
                |text: &String| "a0._-".chars().map(|c| format!("{text}{c}")).collect::<Vec<_>>();
            texts = texts.iter().flat_map(longer).collect();
            for name in texts.iter().filter_map(|text| Name::parse(text).ok()) {
                let found = config_map(&name);
                assert!(is_subdomain(&found), "{name} becomes {found}");
                names += 1;
            }
        }
        assert!(names > 1000, "only {names} names");
        let longest = Name::parse(&"a_b".repeat(21)).unwrap();
        assert!(is_subdomain(&config_map(&longest)));
        assert_eq!(config_map(&Name::parse("my_stack").unwrap()), "my-stack-images");
    }

    #[test]
    fn an_emulator_is_for_processors_that_the_machine_is_not() {
        for (labels, architectures, wanted) in [
            (&["ubuntu-24.04"][..], &[Amd64][..], false),
            (&["ubuntu-24.04"], &[Arm64], true),
            (&["ubuntu-24.04"], &[Amd64, Arm64], true),
            (&["ubuntu-24.04-arm"], &[Arm64], false),
            (&["ubuntu-24.04-arm"], &[Amd64], true),
            (&["ubuntu-24.04-arm"], &[Amd64, Arm64], true),
            (&["self-hosted", "linux", "ARM64"], &[Arm64], false),
            (&["self-hosted", "arm64"], &[Amd64], true),
            (&["self-hosted", "X64"], &[Amd64], false),
            (&["swarm", "army", "farm64"], &[Amd64], false),
        ] {
            let runner: Vec<Label> =
                labels.iter().map(|label| Label::parse(label).unwrap()).collect();
            assert_eq!(emulates(&runner, architectures), wanted, "{labels:?} {architectures:?}");
        }
    }

    #[test]
    fn room_is_made_for_what_may_not_fit_three_times_for_each_processor() {
        for (budget, architectures, wanted) in [
            (None, 1, false),
            (Some(4_000_000_000), 1, false),
            (Some(4_000_000_000), 2, true),
            (Some(5_000_000_000), 1, true),
            (Some(u64::MAX), 2, true),
        ] {
            assert_eq!(needs_room(budget, architectures), wanted, "{budget:?} {architectures}");
        }
    }
}
