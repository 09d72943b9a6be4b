//! The components of each image, over all variants: what an experiment can name.

use std::collections::BTreeMap;

use crate::compile::Output;
use crate::model;

/// A component and the image that has it.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) component: String,
    pub(super) image: String,
    /// Whether it is in a layer of packages or has one of its own, in any variant.
    pub(super) has_layer: bool,
}

/// The images of each image's chain, root first.
pub(super) fn chains(output: &Output) -> BTreeMap<String, Vec<String>> {
    let mut chains = BTreeMap::new();
    for variant in &output.stack.variants {
        for image in &variant.images {
            let chain = variant.chain(image).into_iter();
            let names = chain.map(|image: &model::Image| image.name.to_string()).collect();
            chains.entry(image.name.to_string()).or_insert(names);
        }
    }
    chains
}

/// Every component of every image, the default variant's first.
pub(super) fn members(output: &Output) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    for variant in &output.stack.variants {
        for image in &variant.images {
            for component in &image.components {
                let has_layer = component.has_script() || component.has_packages();
                let known = members.iter_mut().find(|member| {
                    member.component == component.name.as_str()
                        && member.image == image.name.as_str()
                });
                match known {
                    Some(known) => known.has_layer |= has_layer,
                    None => members.push(Member {
                        component: component.name.to_string(),
                        image: image.name.to_string(),
                        has_layer,
                    }),
                }
            }
        }
    }
    members
}
