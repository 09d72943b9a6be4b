//! Where the bytes of a built image are, whose they are, and which of them are for nothing.
//!
//! Takes an image as [`mod@crate::image`] read it, and who owns its layers; gives a [`Report`], to be written as JSON or
//! for a person. It is pure: it reads no disk, asks no engine, and never says what to do with an image of somebody else's:
//! the layers of the base are counted, and blamed for nothing.
//!
//! | module | decides |
//! |---|---|
//! | [`owners`] | which image of the stack it is, and which component wrote each layer |
//! | [`layers`] | what each layer has, stores again, or had deleted |
//! | [`findings`] | keys, caches, leftovers, setuid and world-writable files |

pub mod findings;
pub mod layers;
pub mod owners;

use std::fmt;

use anyhow::Context as _;
use serde::Serialize;

use crate::image::efficiency::{self, Efficiency};
use crate::image::{Image, shared_databases, waste};
use crate::model::size;

use findings::Finding;
use layers::{LayerReport, Stored};
use owners::Owned;

/// What an audit is to heed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// How many of the lowest layers are somebody else's; found from the stack where none is given.
    pub base_layers: Option<usize>,
    /// The least efficiency of our layers, from 0 to 1.
    pub min_efficiency: Option<f64>,
    /// The most bytes of all layers, in place of the stack's.
    pub max_size: Option<u64>,
    /// How many files are named in each list of the largest and the worst.
    pub worst: usize,
}

/// What an audit found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What the image is called.
    pub reference: String,
    /// Such as `linux/amd64`.
    pub platform: String,
    /// The image of the stack that it is; none where it is none.
    pub stack_image: Option<StackImage>,
    /// Bytes of all layers, uncompressed.
    pub size: u64,
    /// How many of the lowest layers are somebody else's.
    pub base_layers: usize,
    /// How well the layers use their bytes.
    pub efficiency: Efficiencies,
    /// Bytes in our layers that are for nothing.
    pub wasted: Wasted,
    /// From the bottom up.
    pub layers: Vec<LayerReport>,
    /// Files of our layers that cost most for nothing.
    pub worst: Vec<Stored>,
    /// The largest files of our layers.
    pub largest: Vec<Stored>,
    /// What should not be in our layers.
    pub findings: Vec<Finding>,
    /// What was to be kept to.
    pub budgets: Vec<Budget>,
}

/// An image of the stack.
#[derive(Debug, Serialize)]
pub struct StackImage {
    /// Its name.
    pub image: String,
    /// Its variant.
    pub variant: String,
    /// How many of its layers were found, those of its parents included.
    pub found: usize,
    /// How many it should have.
    pub planned: usize,
    /// How many were found, but built from an older or newer spec.
    pub outdated: usize,
}

/// Efficiencies by dive's definition.
#[derive(Debug, Serialize)]
pub struct Efficiencies {
    /// Of all layers: what dive says.
    pub all_layers: Efficiency,
    /// Of our layers.
    pub our_layers: Efficiency,
    /// Of all layers, without the databases that package managers rewrite.
    pub all_layers_without_shared_databases: Efficiency,
    /// Of our layers, without them.
    pub our_layers_without_shared_databases: Efficiency,
}

/// Bytes in our layers that are for nothing.
#[derive(Debug, Default, Serialize)]
pub struct Wasted {
    /// Stored again by a later layer.
    pub stored_again: u64,
    /// Stored, and deleted by a later layer.
    pub deleted: u64,
    /// How many of all these bytes are the shared databases of package managers.
    pub shared_databases: u64,
}

/// A bound, and what is bounded.
#[derive(Debug, Serialize)]
pub struct Budget {
    /// What is bounded.
    #[serde(flatten)]
    pub bound: Bound,
    /// Whether the bound is not kept.
    pub exceeded: bool,
}

/// What can be bounded.
#[derive(Debug, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Bound {
    /// Bytes of all layers.
    MaxSize {
        /// What is allowed.
        limit: u64,
        /// What there is.
        value: u64,
    },
    /// Efficiency of our layers, from 0 to 1.
    MinEfficiency {
        /// What is asked for.
        limit: f64,
        /// What there is.
        value: f64,
    },
}

/// A share with two digits: 99.5 % and 99.99 % are worlds apart.
pub fn percent(share: f64) -> String {
    // Rounded down, so that 100 % means all.
    format!("{:.2} %", (share * 10_000.0).floor() / 100.0)
}

impl fmt::Display for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bound {
            Bound::MaxSize { limit, value } => write!(
                formatter,
                "the layers have {}, max-size is {}",
                size::display(value),
                size::display(limit)
            ),
            Bound::MinEfficiency { limit, value } => write!(
                formatter,
                "the efficiency of our layers is {}, --min-efficiency is {}",
                percent(value),
                percent(limit)
            ),
        }
    }
}

/// Audits an image.
///
/// # Errors
/// When its layers cannot be applied: a hard link leads nowhere, or a file is a directory's parent.
pub fn audit(image: &Image, owned: Option<&Owned>, options: &Options) -> anyhow::Result<Report> {
    let found_base = owned.map_or(0, |owned| owned.base_layers);
    let base_layers = options.base_layers.unwrap_or(found_base).min(image.layers.len());
    let records = waste::find(image, base_layers)
        .with_context(|| format!("the layers of {} cannot be applied", image.reference))?;
    let efficiency = efficiencies(image, base_layers);
    let size = image.layers.iter().map(|layer| layer.size).sum();
    let max_size = options.max_size.or_else(|| owned.and_then(|owned| owned.max_size));
    let budgets = budgets(options, max_size, size, efficiency.our_layers.score);
    let layers = layers::report(image, base_layers, &records, owned, options.worst);
    Ok(Report {
        reference: image.reference.clone(),
        platform: format!("{}/{}", image.configuration.os, image.configuration.architecture),
        stack_image: owned.map(Owned::summary),
        size,
        base_layers,
        efficiency,
        wasted: wasted(&records),
        worst: layers::worst(&records, options.worst),
        largest: layers::largest(image, base_layers, options.worst),
        findings: findings::find(image, base_layers),
        layers,
        budgets,
    })
}

fn efficiencies(image: &Image, base_layers: usize) -> Efficiencies {
    let ours = &image.layers[base_layers..];
    let others = |path: &str| shared_databases::owner(path).is_none();
    Efficiencies {
        all_layers: efficiency::of(&image.layers),
        our_layers: efficiency::of(ours),
        all_layers_without_shared_databases: efficiency::of_paths(&image.layers, others),
        our_layers_without_shared_databases: efficiency::of_paths(ours, others),
    }
}

fn wasted(records: &[waste::Record]) -> Wasted {
    let sum = |wanted: &dyn Fn(&waste::Record) -> bool| {
        records.iter().filter(|record| wanted(record)).map(|record| record.bytes).sum()
    };
    let is_deleted = |record: &waste::Record| record.cause == waste::Cause::Deleted;
    Wasted {
        stored_again: sum(&|record| !is_deleted(record)),
        deleted: sum(&is_deleted),
        shared_databases: sum(&|record| shared_databases::is_rewritten(record)),
    }
}

fn budgets(options: &Options, max_size: Option<u64>, size: u64, efficiency: f64) -> Vec<Budget> {
    let max_size = max_size.map(|limit| Budget {
        bound: Bound::MaxSize { limit, value: size },
        exceeded: size > limit,
    });
    let min_efficiency = options.min_efficiency.map(|limit| Budget {
        bound: Bound::MinEfficiency { limit, value: efficiency },
        exceeded: efficiency < limit,
    });
    max_size.into_iter().chain(min_efficiency).collect()
}
