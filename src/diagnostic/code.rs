//! The kinds of mistakes that the compiler knows, each with a stable name.

use super::Severity;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $severity:ident;)+) => {
        /// A kind of mistake. Its name is stable: it is what users search for and refer to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code, in the order of this file.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name as it is printed.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What it is, in a sentence.
            pub fn summary(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc,)+).trim(),)+
                }
            }

            /// It in full: what it means, why it matters, a wrong and a right example where one can show it, and
            /// what to do; Markdown.
            pub fn explanation(self) -> &'static str {
                match self {
                    $(Self::$variant => include_str!(concat!("explain/", $name, ".md")),)+
                }
            }

            /// Whether it stops the compiler.
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$variant => Severity::$severity,)+
                }
            }
        }
    };
}

codes! {
    /// The file is not TOML, or a key is there twice.
    TomlSyntax = "toml-syntax", Error;
    /// The file is not UTF-8.
    NotUtf8 = "not-utf8", Error;
    /// An entry of the spec folder that cannot be part of a spec, such as a link that leads out of it.
    UnusableFile = "unusable-file", Error;
    /// A key that the language does not have.
    UnknownKey = "unknown-key", Error;
    /// A value of another type than the key takes.
    WrongType = "wrong-type", Error;
    /// A word that is none of those that the key knows.
    UnknownValue = "unknown-value", Error;
    /// A value that a list has twice.
    DuplicateValue = "duplicate-value", Error;
    /// A list that has to have something in it.
    EmptyList = "empty-list", Error;
    /// A key that has to be there.
    MissingKey = "missing-key", Error;
    /// Two keys that exclude each other, or say the contrary.
    ConflictingKeys = "conflicting-keys", Error;
    /// A file of the spec that has to be there.
    MissingFile = "missing-file", Error;
    /// A resource path that leaves the component's folder, or is not a plain relative path.
    BadResourcePath = "bad-resource-path", Error;
    /// A file under resources that nothing uses.
    UnusedResource = "unused-resource", Warning;
    /// A component that no image of any variant lists.
    UnusedComponent = "unused-component", Warning;
    /// A name of a stack, image, variant, component, download or service that cannot be used in paths and tags.
    BadName = "bad-name", Error;
    /// An image that the stack does not have.
    UnknownImage = "unknown-image", Error;
    /// A component that has no file.
    UnknownComponent = "unknown-component", Error;
    /// A variant that the stack does not have.
    UnknownVariant = "unknown-variant", Error;
    /// Images that extend each other in a circle.
    ImageCycle = "image-cycle", Error;
    /// Components that need each other in a circle.
    ComponentCycle = "component-cycle", Error;
    /// A component that an image has twice, itself or through its parents.
    DuplicateComponent = "duplicate-component", Error;
    /// A component that another one needs and the image does not have.
    MissingNeed = "missing-need", Error;
    /// A base image reference that engines do not take.
    BadReference = "bad-reference", Error;
    /// A digest that is not `sha256:` and 64 hexadecimal digits.
    BadDigest = "bad-digest", Error;
    /// A base image without a digest and without a reason.
    UnpinnedBase = "unpinned-base", Error;
    /// A platform that is not `linux/amd64` or `linux/arm64`.
    BadPlatform = "bad-platform", Error;
    /// A date that is not a calendar day.
    BadDate = "bad-date", Error;
    /// A number outside its range.
    BadNumber = "bad-number", Error;
    /// A user name that useradd(8) does not take everywhere.
    BadUserName = "bad-user-name", Error;
    /// A user or a group whose name or id is taken.
    DuplicateAccount = "duplicate-account", Error;
    /// A user or a group that nobody declares.
    UnknownAccount = "unknown-account", Warning;
    /// Membership of a group that gives more than its name says.
    PowerfulGroup = "powerful-group", Warning;
    /// Something that needs a user in a stack without one.
    MissingUser = "missing-user", Error;
    /// An environment variable name that shells do not take.
    BadEnvironmentName = "bad-environment-name", Error;
    /// A variable that is set for the build by rdspec itself.
    ReservedEnvironment = "reserved-environment", Error;
    /// A package name that its package manager does not take.
    BadPackageName = "bad-package-name", Error;
    /// A version that no package of its kind can have.
    BadVersion = "bad-version", Error;
    /// A licence that is no expression of SPDX.
    BadLicense = "bad-license", Error;
    /// A package of which the spec does not say one exact version.
    UnpinnedPackage = "unpinned-package", Error;
    /// A line of a requirements file that is not one package with its hashes.
    BadRequirement = "bad-requirement", Error;
    /// A lock of npm that does not say of everything where it comes from and what its hash is.
    BadLock = "bad-lock", Error;
    /// Packages that no hash in the spec verifies, where it could.
    UnverifiedPackage = "unverified-package", Warning;
    /// A package manager that nothing in the image brings before it is used.
    MissingManager = "missing-manager", Warning;
    /// A package that the component pins or holds and does not list.
    UnlistedPackage = "unlisted-package", Error;
    /// A package that is installed and purged, or pinned to two versions, in one chain.
    ConflictingPackages = "conflicting-packages", Error;
    /// An answer that debconf does not take.
    BadSelection = "bad-selection", Error;
    /// Two components that answer the same question of debconf.
    DuplicateSelection = "duplicate-selection", Error;
    /// An apt repository whose suites, components or architectures apt does not take, or a channel that conda does not.
    BadRepository = "bad-repository", Error;
    /// Two components that own the same apt repository.
    DuplicateRepository = "duplicate-repository", Error;
    /// A fingerprint that is not whole.
    BadFingerprint = "bad-fingerprint", Error;
    /// A key file that is not exactly the key of the fingerprint.
    BadKey = "bad-key", Error;
    /// The key of an apt repository or an upstream that has expired or was revoked.
    ExpiredKey = "expired-key", Warning;
    /// The key of an apt repository or an upstream that expires within 60 days.
    KeyExpiresSoon = "key-expires-soon", Warning;
    /// A file mode that is not octal, or sets setuid or setgid.
    BadMode = "bad-mode", Error;
    /// A path that is not absolute and plain.
    BadPath = "bad-path", Error;
    /// A path of which the engine or the build owns the content, such as /run, /proc or /tmp.
    ReservedPath = "reserved-path", Error;
    /// Something written to the real home instead of the skeleton.
    HomePath = "home-path", Error;
    /// A file whose text names the skeleton, which is not where it will be used.
    SkeletonInFile = "skeleton-in-file", Error;
    /// A user's file outside of what belongs to the user.
    UserFileOutsideHome = "user-file-outside-home", Error;
    /// Two components that make the same path.
    DuplicatePath = "duplicate-path", Error;
    /// A path below one that is a file.
    PathBelowFile = "path-below-file", Error;
    /// Two components that set the same variable.
    DuplicateEnvironment = "duplicate-environment", Error;
    /// Two components that define the same service.
    DuplicateService = "duplicate-service", Error;
    /// A path of a route that nginx would not find, or that does not fit the path at the service.
    BadRoute = "bad-route", Error;
    /// Two components that lead the same path somewhere.
    DuplicateRoute = "duplicate-route", Error;
    /// A route to a port on which no service listens.
    RouteWithoutService = "route-without-service", Error;
    /// Two components that make the same shortcut.
    DuplicateShortcut = "duplicate-shortcut", Error;
    /// A command of a shortcut that desktops do not read.
    BadExec = "bad-exec", Error;
    /// A category that the Desktop Menu Specification does not have.
    BadCategory = "bad-category", Error;
    /// A media type that is not `type/subtype`.
    BadMimeType = "bad-mime-type", Error;
    /// An icon that is neither a name in an icon theme nor a path.
    BadIcon = "bad-icon", Error;
    /// A language that is not a code such as `fr`.
    BadLanguage = "bad-language", Error;
    /// Text in a language that the stack does not have.
    UnknownLanguage = "unknown-language", Error;
    /// Text that users read, not in all languages of the stack.
    MissingTranslation = "missing-translation", Warning;
    /// A service, a shortcut or a container that starts a program which nothing in the image makes.
    ServiceWithoutProgram = "service-without-program", Warning;
    /// A finding that rdspec does not have.
    UnknownCode = "unknown-code", Error;
    /// An accepted finding that cannot be accepted, or without a reason.
    BadAccept = "bad-accept", Error;
    /// An accepted finding that does not occur.
    UnusedAccept = "unused-accept", Warning;
    /// Two components that set the same property of the container.
    DuplicateRuntime = "duplicate-runtime", Error;
    /// Two components that expose the same port, or two services that listen on it.
    DuplicatePort = "duplicate-port", Error;
    /// An address that is not an https URL.
    BadUrl = "bad-url", Error;
    /// A download whose address can serve something else tomorrow.
    MutableUrl = "mutable-url", Warning;
    /// An upstream that does not say how to find versions.
    BadUpstream = "bad-upstream", Error;
    /// A name that is no locale, or a default that nobody generates.
    BadLocale = "bad-locale", Error;
    /// A package without which a part of a component cannot be made.
    MissingPackage = "missing-package", Error;
    /// A download over plain http.
    PlainHttp = "plain-http", Error;
    /// A URL template that uses an unknown variable or is not well formed.
    BadTemplate = "bad-template", Error;
    /// A template that names a variable that its image does not have.
    UnknownVariable = "unknown-variable", Error;
    /// A template that prints a value that is not the same in every language, without saying which one it is in.
    UnquotedValue = "unquoted-value", Error;
    /// A label whose key breaks the rules of OCI annotations.
    BadLabel = "bad-label", Error;
    /// A size that is not a whole number and a unit.
    BadSize = "bad-size", Error;
    /// Something written below a volume, where it would be lost.
    PathBelowVolume = "path-below-volume", Error;
    /// A checksum that is not 64 hexadecimal digits.
    BadSha256 = "bad-sha256", Error;
    /// A checksum that is known to be of nothing, or a placeholder.
    DummySha256 = "dummy-sha256", Error;
    /// A download without a checksum for an architecture that the stack builds.
    MissingSha256 = "missing-sha256", Error;
    /// An archive whose format the file name does not tell.
    UnknownArchive = "unknown-archive", Error;
    /// A download in a stack whose bootstrap lacks the program that it takes.
    MissingBootstrap = "missing-bootstrap", Error;
    /// A sudo command that is not one exact command line.
    BadSudoCommand = "bad-sudo-command", Error;
    /// A sudo command that would give more than it says.
    UnsafeSudoCommand = "unsafe-sudo-command", Error;
    /// A tag of sudo that gives more rights, or that means nothing here.
    BadSudoTag = "bad-sudo-tag", Error;
    /// Two rules of sudo that say different things about one command.
    DuplicateSudoRule = "duplicate-sudo-rule", Error;
    /// A value that looks like a secret.
    SecretLike = "secret-like", Warning;
    /// A value that the language it lands in cannot hold.
    UnrepresentableValue = "unrepresentable-value", Error;
    /// A duration that is not a number and a unit.
    BadDuration = "bad-duration", Error;
    /// A schedule that is not five fields as in crontab(5).
    BadSchedule = "bad-schedule", Error;
    /// A workflow that compiles rdspec where its source is not.
    MissingSource = "missing-source", Warning;
    /// A signal that the kernel does not have.
    BadSignal = "bad-signal", Error;
    /// More layers than engines can stack.
    TooManyLayers = "too-many-layers", Error;
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        assert!(names.iter().all(|name| {
            name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        }));
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
