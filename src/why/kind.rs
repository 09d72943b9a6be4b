//! What there is to ask for.

use serde::{Serialize, Serializer};

use crate::inventory;

/// What something in an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A package, a download, or the base image.
    Package(inventory::Kind),
    /// A package that no image with a component has.
    KeptOut,
    /// A repository of apt.
    Repository,
    /// A file that describes one, or its key.
    RepositoryFile,
    /// A component, or a name that it provides.
    Component,
    /// A file that is copied.
    File,
    /// A symbolic link.
    Link,
    /// A directory with a mode or an owner of its own.
    Directory,
    /// A download that is one file.
    Installed,
    /// A download that was unpacked.
    Unpacked,
    /// What a package manager fills.
    Environment,
    /// What a script fills, and the user may write.
    Writable,
    /// The home of the user, or what it is filled from.
    Home,
    /// A directory that is no part of the image once a container runs.
    Volume,
    /// A program that supervisor keeps running.
    Service,
    /// Its configuration.
    ServiceFile,
    /// A port on which it listens.
    ServicePort,
    /// A variable that it alone sees.
    ServiceVariable,
    /// A path of the web server.
    Route,
    /// Its configuration.
    RouteFile,
    /// The port that it leads to.
    RoutePort,
    /// Something to click.
    Shortcut,
    /// A program that the user may run as somebody else.
    SudoRule,
    /// The rules of a component.
    SudoFile,
    /// A port of the container.
    Port,
    /// A variable of the container.
    Variable,
    /// A variable that a script sees while it builds.
    ScriptVariable,
    /// An account.
    User,
    /// A group.
    Group,
}

impl Kind {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Package(kind) => kind.name(),
            Self::KeptOut => "package that is kept out",
            Self::Repository => "apt repository",
            Self::RepositoryFile => "file of an apt repository",
            Self::Component => "component",
            Self::File => "file",
            Self::Link => "link",
            Self::Directory => "directory",
            Self::Installed => "installed download",
            Self::Unpacked => "unpacked download",
            Self::Environment => "folder of a package manager",
            Self::Writable => "writable folder of a script",
            Self::Home => "home",
            Self::Volume => "volume",
            Self::Service => "service",
            Self::ServiceFile => "configuration of a service",
            Self::ServicePort => "port of a service",
            Self::ServiceVariable => "variable of a service",
            Self::Route => "route",
            Self::RouteFile => "configuration of a route",
            Self::RoutePort => "port of a route",
            Self::Shortcut => "shortcut",
            Self::SudoRule => "program of a sudo rule",
            Self::SudoFile => "sudo rules",
            Self::Port => "port of the container",
            Self::Variable => "variable of the container",
            Self::ScriptVariable => "variable of a script",
            Self::User => "user",
            Self::Group => "group",
        }
    }

    /// Whether paths below its own can be asked for.
    pub(super) fn holds_paths(self) -> bool {
        matches!(
            self,
            Self::Directory
                | Self::Unpacked
                | Self::Environment
                | Self::Writable
                | Self::Home
                | Self::Volume
        )
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
