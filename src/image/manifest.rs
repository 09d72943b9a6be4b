//! Which image of an archive is meant, and the names of its blobs.
//!
//! Takes an archive and the reference that the user gave, gives the one image that fits. It never
//! guesses between two.

use anyhow::{Result, bail};

use super::archive::{Archive, Blob};
use super::digest::Digest;

mod docker;
mod oci;

/// The image that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its name.
    pub reference: String,
    /// Its configuration.
    pub configuration: Blob,
    /// Its layers, from the bottom up.
    pub layers: Vec<Blob>,
}

/// Finds the image that `reference` names, or the only one.
///
/// `manifest.json` is asked first, since an archive of Docker 25 or later has both and lists there what
/// `docker load` would load.
pub fn choose(archive: &Archive, reference: Option<&str>) -> Result<Chosen> {
    if archive.contains(docker::FILE) {
        docker::choose(archive, reference)
    } else if archive.contains(oci::FILE) {
        oci::choose(archive, reference)
    } else {
        bail!("it has neither {} nor {}: no image archive", docker::FILE, oci::FILE)
    }
}

/// An image that could be meant.
struct Candidate<T> {
    names: Vec<String>,
    /// Of the configuration or the manifest; an image without names has at least this.
    digest: Option<Digest>,
    platform: Option<String>,
    image: T,
}

impl<T> Candidate<T> {
    fn is_called(&self, wanted: &str) -> bool {
        let by_digest =
            wanted.rsplit('@').next().map(|text| text.strip_prefix("sha256:").unwrap_or(text));
        let digest = by_digest.and_then(Digest::from_hexadecimal);
        if digest.is_some() {
            return digest == self.digest;
        }
        self.names.iter().any(|name| name == wanted || canonical(name) == canonical(wanted))
    }

    /// What [`super::Image::reference`] becomes.
    fn name(&self, wanted: Option<&str>) -> String {
        let wanted = self.names.iter().find(|name| Some(name.as_str()) == wanted);
        match (wanted.or(self.names.first()), self.digest) {
            (Some(name), _) => name.clone(),
            (None, Some(digest)) => digest.to_string(),
            (None, None) => "<none>".to_owned(),
        }
    }

    fn describe(&self) -> String {
        let names = if self.names.is_empty() { "<none>".to_owned() } else { self.names.join(", ") };
        let mut details: Vec<String> = self.digest.iter().map(Digest::to_string).collect();
        details.extend(self.platform.clone());
        if details.is_empty() { names } else { format!("{names} ({})", details.join(", ")) }
    }
}

/// A name in full: Docker leaves out its own registry, the folder of official images, and `latest`.
fn canonical(name: &str) -> String {
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') { name.to_owned() } else { format!("{name}:latest") }
}

fn pick<T>(candidates: Vec<Candidate<T>>, wanted: Option<&str>) -> Result<(String, T)> {
    let list = |all: &[Candidate<T>]| {
        let lines: Vec<String> = all.iter().map(Candidate::describe).collect();
        format!(
            "
  {}",
            lines.join(
                "
  "
            )
        )
    };
    if candidates.is_empty() {
        bail!("the archive holds no image");
    }
    let everything = list(&candidates);
    let fitting: Vec<Candidate<T>> = candidates
        .into_iter()
        .filter(|candidate| wanted.is_none_or(|wanted| candidate.is_called(wanted)))
        .collect();
    let several = list(&fitting);
    let mut fitting = fitting.into_iter();
    match (fitting.next(), fitting.next(), wanted) {
        (Some(only), None, _) => Ok((only.name(wanted), only.image)),
        (None, _, _) => {
            bail!("no image is called {}; there are:{everything}", wanted.unwrap_or(""))
        }
        (Some(_), Some(_), None) => bail!("several images; choose one of:{several}"),
        (Some(_), Some(_), Some(wanted)) => {
            bail!("several images are called {wanted}; choose by digest:{several}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn names_in_full() {
        for name in
            ["debian", "debian:latest", "docker.io/library/debian", "docker.io/debian:latest"]
        {
            assert_eq!(canonical(name), "debian:latest");
        }
        assert_eq!(canonical("localhost:5000/a"), "localhost:5000/a:latest");
        assert_ne!(canonical("localhost/debian"), canonical("debian"));
    }
}
