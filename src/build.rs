//! The build script: gives the compiler `RDSPEC_VERSION`, which is what `rdspec --version` says.
//!
//! That is the version of the package and, in brackets, the commit that the program is made of: `RDSPEC_COMMIT` where
//! somebody says it, as the script of a release does, else what git says of the checkout, else what `cargo package` wrote into the
//! crate. Where nobody knows it there is none, and the build goes on. A build for development has none either: everything would
//! be compiled again after each commit, only to say what its developer knows.
//!
//! Nothing but the command line reads it: the same spec gives the same bytes, whichever rdspec compiled it.
#![expect(
    clippy::disallowed_methods,
    reason = "build scripts read their environment, and tell cargo on stdout"
)]

#[path = "build/source.rs"]
mod source;

use std::env;
use std::path::PathBuf;

use source::{Source, is_commit};

/// Says the commit, in place of git; empty for none.
const COMMIT: &str = "RDSPEC_COMMIT";

fn main() {
    println!("cargo::rerun-if-env-changed={COMMIT}");
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-changed=src/build");
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    match commit() {
        Some(commit) => println!("cargo::rustc-env=RDSPEC_VERSION={version} ({commit})"),
        None => println!("cargo::rustc-env=RDSPEC_VERSION={version}"),
    }
}

fn commit() -> Option<String> {
    if let Ok(said) = env::var(COMMIT) {
        if said.is_empty() || is_commit(&said) {
            return Some(said).filter(|said| !said.is_empty());
        }
        println!(
            "cargo::warning={COMMIT} is no commit, so it is left out of the version: {said:?}"
        );
        return None;
    }
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").filter(|_| is_release)?);
    let Source { commit, watched } = Source::of(&folder)?;
    for path in watched {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    Some(commit)
}
