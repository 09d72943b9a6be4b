//! Processor architectures that images are built for.

/// A processor architecture, by its name in Debian and in image platforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Architecture {
    /// 64-bit x86.
    Amd64,
    /// 64-bit Arm.
    Arm64,
}

impl Architecture {
    /// Every architecture that rdspec knows.
    pub const ALL: [Self; 2] = [Self::Amd64, Self::Arm64];

    /// The name that dpkg and image platforms use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// The name that `uname -m` prints.
    pub fn machine(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64",
            Self::Arm64 => "aarch64",
        }
    }

    /// Its name among image platforms: `linux/amd64`.
    pub fn platform(self) -> String {
        format!("linux/{}", self.name())
    }

    /// Reads `linux/amd64`.
    pub fn from_platform(platform: &str) -> Option<Self> {
        let name = platform.strip_prefix("linux/")?;
        Self::from_name(name)
    }

    /// Reads `amd64`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|architecture| architecture.name() == name)
    }
}
