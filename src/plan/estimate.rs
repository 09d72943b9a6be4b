//! What layers cost to build and how often they change: guesses by kind, and measurements of the profile.
//!
//! The guesses need not be right, they have to put layers in order: a transaction of apt and a big download are dear,
//! a copied file is cheap; a browser changes more often than a locale.

use super::{Instruction, Layer};
use crate::model::Name;
use crate::model::component::{ChangeClass, Component};
use crate::model::profile::{Measured, Profile};

/// What a layer costs and how often it changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Seconds to build it.
    pub seconds: f64,
    /// How likely it is to change between two builds: between 0 and 1.
    pub rate: f64,
    /// Bytes that it adds, where the profile says.
    pub bytes: Option<u64>,
    /// Whether the seconds come from the profile.
    pub is_measured: bool,
}

/// A layer with its name and estimate.
#[derive(Clone, Debug)]
pub struct Estimated {
    /// The name of the layer in plans and in the profile: `apt-stable`, `firefox`, `copy /etc/nginx 0644`.
    pub name: String,
    /// What it costs.
    pub estimate: Estimate,
    /// Which step of the order it is; none for layers whose place is fixed.
    pub step: Option<usize>,
}

/// Seconds of an apt transaction: its start, and each package with what it brings.
const APT_SECONDS: (f64, f64) = (8.0, 2.5);

/// Seconds of a component's script, and of each of its downloads.
const COMPONENT_SECONDS: (f64, f64) = (10.0, 15.0);

/// Seconds of a conda environment: its solver, and each listed package with what it brings.
const CONDA_SECONDS: (f64, f64) = (30.0, 10.0);

/// Seconds of R packages, and of each of them with what it brings: most are compiled.
const R_SECONDS: (f64, f64) = (5.0, 60.0);

/// Seconds of a folder of Node packages, and of each of them.
const NPM_SECONDS: (f64, f64) = (5.0, 1.0);

/// Seconds of a Python environment, and of each of its packages: wheels are only unpacked.
const PIP_SECONDS: (f64, f64) = (5.0, 3.0);

/// Seconds and rate of the first layer of a root image.
const BOOTSTRAP: (f64, f64) = (20.0, 0.01);

/// Seconds and rate of a RUN that makes accounts, directories or sudo rules.
const SMALL_RUN: (f64, f64) = (1.0, 0.02);

/// Seconds and rate of a COPY.
const COPY: (f64, f64) = (0.5, 0.1);

/// How likely something of a class is to change between two builds.
fn rate(class: ChangeClass) -> f64 {
    match class {
        ChangeClass::Stable => 0.02,
        ChangeClass::Normal => 0.10,
        ChangeClass::Volatile => 0.35,
    }
}

/// The estimates of one image.
#[derive(Debug)]
pub struct Estimates<'stack> {
    profile: &'stack Profile,
    variant: &'stack Name,
    image: &'stack Name,
}

impl<'stack> Estimates<'stack> {
    /// The estimates of an image of a variant.
    pub fn new(profile: &'stack Profile, variant: &'stack Name, image: &'stack Name) -> Self {
        Self { profile, variant, image }
    }

    /// The transaction of all packages of a class.
    pub fn packages(
        &self,
        name: &str,
        class: ChangeClass,
        packages: usize,
        downloads: usize,
    ) -> Estimate {
        let seconds = APT_SECONDS.0
            + APT_SECONDS.1 * count(packages + downloads)
            + COMPONENT_SECONDS.1 * count(downloads);
        self.measured(name, (seconds, rate(class)))
    }

    /// The layer of a component's downloads and script.
    pub fn component(&self, component: &Component) -> Estimate {
        let downloads = count(component.script_downloads().count());
        let pip = component.pip.iter().map(|pip| (PIP_SECONDS, pip.requirements.count()));
        let npm = component.npm.iter().map(|npm| (NPM_SECONDS, npm.install.count()));
        let conda = component.conda.iter().map(|conda| (CONDA_SECONDS, conda.packages.len()));
        let r = component.r.iter().map(|r| (R_SECONDS, r.packages.len()));
        let managers = conda.chain(r).chain(npm).chain(pip);
        let managers = managers.map(|((start, each), packages)| start + each * count(packages));
        let managers: f64 = managers.sum();
        let seconds = COMPONENT_SECONDS.0 + COMPONENT_SECONDS.1 * downloads + managers;
        self.measured(component.name.as_str(), (seconds, rate(component.change_class)))
    }

    /// The layer of a name whose place is fixed.
    pub fn fixed(&self, layer: &Layer) -> Estimate {
        let name = layer_name(layer);
        let guess = match &layer.instruction {
            Instruction::Copy(_) => COPY,
            Instruction::Run(_) if name == "bootstrap" => BOOTSTRAP,
            Instruction::Run(_) => SMALL_RUN,
        };
        self.measured(&name, guess)
    }

    fn measured(&self, name: &str, (seconds, rate): (f64, f64)) -> Estimate {
        let measured: Measured = self
            .profile
            .layer(self.variant.as_str(), self.image.as_str(), name)
            .unwrap_or_default();
        Estimate {
            seconds: measured.seconds.unwrap_or(seconds),
            rate: measured.rate.unwrap_or(rate),
            bytes: measured.bytes,
            is_measured: measured.seconds.is_some(),
        }
    }
}

/// The name of a layer: what its script is called, or where its files go with which mode and owner.
pub fn layer_name(layer: &Layer) -> String {
    match &layer.instruction {
        Instruction::Run(run) => run.script.strip_suffix(".sh").unwrap_or(&run.script).to_owned(),
        Instruction::Copy(copy) => {
            let directory = match copy.directory.trim_end_matches('/') {
                "" => "/",
                directory => directory,
            };
            let owner = copy.owner.map(|(uid, gid)| format!(" {uid}:{gid}")).unwrap_or_default();
            format!("copy {directory} {}{owner}", copy.mode)
        }
    }
}

/// A number of things, to be multiplied.
fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}
