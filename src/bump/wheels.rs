//! Which files of a Python package serve an image: wheels, by the tags in their names (PEP 425, PEP 427, PEP 600).

use crate::model::architecture::Architecture;

/// The interpreter of an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// Its minor version, as 12 of 3.12; where it is not known, any serves.
    pub minor: Option<u32>,
}

impl Interpreter {
    /// The interpreter that a path names: `/usr/bin/python3.12` says which it is, `/usr/bin/python3` does not.
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or_default();
        Self { minor: name.strip_prefix("python3.").and_then(|minor| minor.parse().ok()) }
    }

    /// Whether a wheel serves it on one of the architectures: in pure Python, or for CPython and the C library of the
    /// distributions that images here are made of.
    pub fn is_served(self, wheel: &str, architectures: &[Architecture]) -> bool {
        let Some([pythons, abis, platforms]) = tags(wheel) else { return false };
        platforms.split('.').any(|platform| is_here(platform, architectures))
            && abis.split('.').any(|abi| pythons.split('.').any(|python| self.runs(python, abi)))
    }

    /// Whether it runs what a python tag and an ABI tag say.
    fn runs(self, python: &str, abi: &str) -> bool {
        let minor = |text: &str| text.parse::<u32>().ok();
        let is_exactly = |wanted: u32| self.minor.is_none_or(|own| own == wanted);
        let is_least = |wanted: u32| self.minor.is_none_or(|own| own >= wanted);
        match (python, abi) {
            ("py3", "none") => true,
            (python, "none") => {
                let wanted = python.strip_prefix("py3").or_else(|| python.strip_prefix("cp3"));
                wanted.and_then(minor).is_some_and(is_least)
            }
            (python, "abi3") => python.strip_prefix("cp3").and_then(minor).is_some_and(is_least),
            // The ABI of builds without a global lock has a `t` at its end, which is no number.
            (python, abi) => {
                python == abi && python.strip_prefix("cp3").and_then(minor).is_some_and(is_exactly)
            }
        }
    }
}

/// The file of a new version that takes the place of each of an old one, by its position: first those with the very same
/// tags, then others of the same kind, of which the one for the oldest C library. None takes two places.
pub fn successors(old: &[&str], new: &[&str]) -> Vec<Option<usize>> {
    let mut free: Vec<usize> = (0..new.len()).collect();
    free.sort_by_key(|at| new[*at]);
    let mut places = vec![None; old.len()];
    for is_same in [is_same_tags, is_same_kind] {
        for (old, place) in old.iter().zip(&mut places).filter(|(_, place)| place.is_none()) {
            let found = free.iter().position(|at| is_same(old, new[*at]));
            *place = found.map(|found| free.remove(found));
        }
    }
    places
}

/// The tags of a wheel for interpreters, ABIs and platforms. Name and version are before them, and perhaps a build number.
fn tags(wheel: &str) -> Option<[&str; 3]> {
    let mut parts = wheel.strip_suffix(".whl")?.rsplitn(4, '-');
    let (platforms, abis, pythons) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().map(|_| [pythons, abis, platforms])
}

/// Whether two wheels have all tags in common.
fn is_same_tags(old: &str, new: &str) -> bool {
    tags(old).is_some_and(|old| Some(old) == tags(new))
}

/// Whether two files of versions of a package are of one kind: wheels of the same interpreter, ABI and machine, or both
/// sources. How old a C library a wheel needs changes between versions, and is not looked at.
fn is_same_kind(old: &str, new: &str) -> bool {
    let is_wheel = |name: &str| name.strip_suffix(".whl").is_some();
    match (is_wheel(old), is_wheel(new)) {
        (true, true) => kind(old).is_some_and(|kind| Some(kind) == self::kind(new)),
        (old, new) => old == new,
    }
}

/// The interpreter, the ABI, and the system with its machine.
fn kind(wheel: &str) -> Option<(&str, &str, [&str; 2])> {
    let [python, abi, platforms] = tags(wheel)?;
    let platform = platforms.split('.').next()?;
    let system = platform.split(|c: char| c == '_' || c.is_ascii_digit()).next()?;
    let machine = Architecture::ALL.iter().find(|one| platform.ends_with(one.machine()));
    let machine = machine.map_or(platform, |one| one.machine());
    // Pure Python that also runs on the version before serves no less without it.
    let python = if abi == "none" && python.contains("py3") { "py3" } else { python };
    Some((python, abi, [system, machine]))
}

fn is_here(platform: &str, architectures: &[Architecture]) -> bool {
    let is_linux = platform.starts_with("manylinux") || platform.starts_with("linux");
    let of_machine = |one: &Architecture| {
        platform.strip_suffix(one.machine()).is_some_and(|rest| rest.ends_with('_'))
    };
    platform == "any" || is_linux && architectures.iter().any(of_machine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_serve_by_their_tags() {
        let python = Interpreter::of("/usr/bin/python3.12");
        let both = &Architecture::ALL[..];
        for (wheel, serves) in [
            ("six-1.16.0-py2.py3-none-any.whl", true),
            ("old-1.0-py2-none-any.whl", false),
            ("a-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", true),
            ("a-1.0-1-cp312-cp312-manylinux_2_17_aarch64.whl", true),
            ("a-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", false),
            ("a-1.0-cp313-cp313t-manylinux_2_17_x86_64.whl", false),
            ("a-1.0-cp38-abi3-manylinux_2_17_x86_64.whl", true),
            ("a-1.0-cp313-abi3-manylinux_2_17_x86_64.whl", false),
            ("a-1.0-py3-none-manylinux2014_x86_64.whl", true),
            ("a-1.0-py311-none-any.whl", true),
            ("a-1.0-cp312-cp312-musllinux_1_2_x86_64.whl", false),
            ("a-1.0-cp312-cp312-macosx_11_0_arm64.whl", false),
            ("a-1.0-cp312-cp312-win_amd64.whl", false),
            ("a-1.0-pp310-pypy310_pp73-manylinux_2_17_x86_64.whl", false),
            ("a-1.0.tar.gz", false),
            ("a.whl", false),
        ] {
            assert_eq!(python.is_served(wheel, both), serves, "{wheel}");
        }
        let any = Interpreter::of("/usr/bin/python3");
        assert!(any.is_served("a-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", both));
        assert!(!any.is_served("a-1.0-cp311-cp311-linux_aarch64.whl", &[Architecture::Amd64]));
    }

    #[test]
    fn each_file_has_one_successor_of_its_own() {
        let wheel = |version: &str, glibc: &str| {
            format!("a-{version}-cp39-abi3-manylinux_{glibc}_x86_64.whl")
        };
        let old = [wheel("1.0", "2_28"), wheel("1.0", "2_17")];
        let new = ["2_34", "2_17", "2_28"].map(|glibc| wheel("1.1", glibc));
        let all = |names: &[String]| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            successors(&[&old[0], &old[1]], &names)
        };
        assert_eq!(all(&new), [Some(2), Some(1)]);
        assert_eq!(all(&new[..2]), [Some(0), Some(1)]);
        assert_eq!(all(&new[1..2]), [None, Some(0)]);
        assert_eq!(all(&[]), [None, None]);
    }

    #[test]
    fn files_are_of_one_kind_by_interpreter_abi_and_machine() {
        for (old, new, same) in [
            ("a-1.0-py2.py3-none-any.whl", "a-2.0-py3-none-any.whl", true),
            (
                "a-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                "a-2.0-cp311-cp311-manylinux_2_28_x86_64.whl",
                true,
            ),
            (
                "a-1.0-cp311-cp311-manylinux_2_17_x86_64.whl",
                "a-2.0-cp312-cp312-manylinux_2_17_x86_64.whl",
                false,
            ),
            (
                "a-1.0-cp311-cp311-manylinux_2_17_x86_64.whl",
                "a-2.0-cp311-cp311-manylinux_2_17_aarch64.whl",
                false,
            ),
            (
                "a-1.0-cp311-cp311-manylinux_2_17_x86_64.whl",
                "a-2.0-cp311-cp311-musllinux_1_2_x86_64.whl",
                false,
            ),
            ("a-1.0-cp311-cp311-win_amd64.whl", "a-2.0-cp311-cp311-win32.whl", false),
            ("a-1.0-py3-none-any.whl", "a-2.0.tar.gz", false),
            ("a-1.0.tar.gz", "a-2.0.tar.gz", true),
        ] {
            assert_eq!(is_same_kind(old, new), same, "{old} {new}");
        }
    }
}
