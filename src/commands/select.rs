//! Which images a command is about.

use anyhow::bail;

use crate::diagnostic::suggest;
use crate::plan::{ImagePlan, Plan};

/// The images of a variant, or the default variant where none is named, parents first.
///
/// # Errors
/// There is no such variant.
pub fn of_variant<'plan>(
    plan: &'plan Plan,
    variant: Option<&str>,
) -> anyhow::Result<Vec<&'plan ImagePlan>> {
    let default = plan.images.first().map(|image| image.variant.as_str()).unwrap_or_default();
    let variant = variant.unwrap_or(default);
    let images: Vec<&ImagePlan> =
        plan.images.iter().filter(|image| image.variant.as_str() == variant).collect();
    if images.is_empty() {
        let known = plan.images.iter().map(|image| image.variant.as_str());
        let help = suggest::help(variant, known).unwrap_or_default();
        bail!("there is no variant `{variant}`; {help}");
    }
    Ok(images)
}

/// The image of a name.
///
/// # Errors
/// There is no such image.
pub fn named<'plan>(images: &[&'plan ImagePlan], name: &str) -> anyhow::Result<&'plan ImagePlan> {
    let Some(image) = images.iter().copied().find(|image| image.name.as_str() == name) else {
        let known = images.iter().map(|image| image.name.as_str());
        bail!("there is no image `{name}`; {}", suggest::help(name, known).unwrap_or_default());
    };
    Ok(image)
}
