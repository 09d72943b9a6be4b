//! apt transactions: all packages of one change class of an image in one RUN.
//!
//! Installing one component at a time would rewrite dpkg's and debconf's databases each time, and
//! the order would choose alternatives. So: at most three transactions an image, and the bootstrap.

use super::Mount;
use super::script::{Apt, Transaction};
use crate::model::component::Component;
use crate::model::names::PackageName;
use crate::model::stack::{Base, Image, Stack};

/// The cache of package lists and packages, shared by all images on the same release.
pub(super) fn cache(stack: &Stack, chain: &[&Image]) -> Mount {
    let release = match chain.first().map(|root| &root.base) {
        Some(Base::External(external)) => {
            external.reference.as_str().rsplit('/').next().unwrap_or_default().replace(':', "-")
        }
        _ => String::new(),
    };
    // Files in it carry the architecture in their names, so that several can share it.
    let architecture = match stack.architectures.as_slice() {
        [only] => format!("-{}", only.name()),
        _ => String::new(),
    };
    Mount::Cache {
        id: format!("apt-{release}{architecture}"),
        target: super::script::APT,
        locked: true,
    }
}

/// The packages of a root image's first layer.
pub(super) fn bootstrap(stack: &Stack, packages: &[PackageName]) -> Apt {
    Apt { refresh: refresh(stack), transactions: transactions(packages.iter(), std::iter::empty()) }
}

/// The packages of all components of one class. Sorted and without duplicates, so that neither the
/// order of components nor a package that moves between two of them changes anything.
pub(super) fn transaction(stack: &Stack, components: &[&Component]) -> Apt {
    let of = |recommends: bool| {
        components
            .iter()
            .filter(move |component| component.recommends == recommends)
            .flat_map(|component| &component.packages)
    };
    Apt { refresh: refresh(stack), transactions: transactions(of(false), of(true)) }
}

fn refresh(stack: &Stack) -> String {
    stack.refresh.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// One call of apt-get for the packages without and one for those with recommended packages; both run
/// in the same layer.
fn transactions<'names>(
    plain: impl Iterator<Item = &'names PackageName>,
    with_recommends: impl Iterator<Item = &'names PackageName>,
) -> Vec<Transaction> {
    let sorted = |names: Vec<&PackageName>| {
        let mut names: Vec<String> = names.into_iter().map(ToString::to_string).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let with_recommends = sorted(with_recommends.collect());
    let mut plain = sorted(plain.collect());
    plain.retain(|name| !with_recommends.contains(name));
    [(false, plain), (true, with_recommends)]
        .into_iter()
        .filter(|(_, packages)| !packages.is_empty())
        .map(|(recommends, packages)| Transaction { recommends, packages })
        .collect()
}
