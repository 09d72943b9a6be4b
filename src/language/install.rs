//! The tables of a component that install something.

use super::{Key, Rule, Table, Type};

pub(super) static APT: Table = Table::new(
    "apt",
    "Debian packages. All of an image in one change class are installed in one transaction.",
    &[
        Key::new("packages", Type::Texts, "Names of packages.")
            .example("[\"nginx\", { ubuntu = \"bsdtar\", debian = \"libarchive-tools\" }]"),
        Key::new("recommends", Type::Flag, "Whether recommended packages come along.")
            .or("false")
            .example("true"),
        Key::new("versions", Type::TextMap("package"), "Exact versions of listed packages.")
            .example("{ nginx = \"1.22.1-9+deb12u11\" }"),
        Key::new("hold", Type::Texts, "Packages that later upgrades leave alone (apt-mark(8)).")
            .example("[\"nginx\"]"),
        Key::new(
            "purge",
            Type::Texts,
            "Packages that must not be in the image: kept out of the same transaction.",
        )
        .example("[\"xscreensaver\"]"),
        Key::new(
            "debconf",
            Type::Tables("question", &DEBCONF),
            "Answers to questions of packages.",
        ),
        Key::new(
            "repositories",
            Type::Tables("repository", &REPOSITORY),
            "Archives besides the distribution's own.",
        ),
    ],
);

static DEBCONF: Table = Table::new(
    "apt.debconf.*",
    "The answer to a question of debconf (debconf-set-selections(1)).",
    &[
        Key::new("package", Type::Text, "Whose question it is.")
            .required()
            .example("\"keyboard-configuration\""),
        Key::new("type", Type::Text, "The type of the question.").required().example("\"string\""),
        Key::new("value", Type::Text, "The answer.").required().example("\"ca\""),
    ],
);

static REPOSITORY: Table = Table::new(
    "apt.repositories.*",
    "An apt archive, trusted through one key for its own packages (deb822(5) sources).",
    &[
        Key::new("uri", Type::Text, "Its address. http is allowed, since the archive is signed.")
            .required()
            .example("\"https://qgis.org/ubuntu\""),
        Key::new("suites", Type::Texts, "Suites.").required().example("[\"noble\"]"),
        Key::new("components", Type::Texts, "Components.").example("[\"main\"]"),
        Key::new("architectures", Type::Texts, "Architectures.")
            .or_else("the stack's")
            .example("[\"amd64\"]"),
        Key::new("key", Type::Text, "The resource file of the signing key, armored or binary.")
            .required()
            .example("\"keys/qgis.asc\""),
        Key::new("key-url", Type::Text, "Where its publisher has that key, https: `rdspec bump` takes it from there before it expires, if it is the same key with a later end. No build asks there.")
            .example("\"https://download.qgis.org/downloads/qgis-archive-keyring.gpg\""),
        Key::new(
            "fingerprint",
            Type::Text,
            "The full fingerprint of the key; the file holds exactly this primary key.",
        )
        .required()
        .example("\"2D7E3441A707FDB3E7059441D155B8E6A419C5BE\""),
    ],
);

pub(super) static DOWNLOAD: Table = Table::new(
    "downloads.*",
    "A file from elsewhere, verified before it is used.",
    &[
        Key::new("version", Type::Text, "What `{{ version }}` stands for.").example("\"0.19.0\""),
        Key::new("variables", Type::TextMap("variable"), "Further variables of the address.").example("{ build = \"4\" }"),
        Key::new("url", Type::Text, "https. May use `{{ version }}`, `{{ arch }}` (amd64), `{{ machine }}` (x86_64) and `variables`. Plain http only from this machine.")
            .required()
            .example("\"https://github.com/krallin/tini/releases/download/v{{ version }}/tini-{{ arch }}\""),
        Key::new("mirrors", Type::Texts, "Other addresses of the same file, tried in order.").example("[\"https://mirror.example.org/tini-{{ version }}\"]"),
        Key::new("size", Type::Integer(0, i64::MAX), "Its size in bytes, checked.").example("24064"),
        Key::new("sha256", Type::ByArchitecture, "Its SHA-256, or one for each architecture.")
            .required()
            .example("{ amd64 = \"93dcc18adc78c65a028a84799ecf8ad40c936fdfc5f2a57b1acda5a8117fa82c\" }"),
        Key::new(
            "evidence",
            Type::OneOf(&["signature", "signed-checksum", "api", "checksum", "none"]),
            "What proved its bytes when it was pinned, which `rdspec bump` and `rdspec add` write. A new version that less speaks for is refused, unless `require` says what is enough.",
        )
        .example("\"api\""),
        Key::new("install", Type::Table(&INSTALL), "Put in place as one file."),
        Key::new("unpack", Type::Table(&UNPACK), "Unpacked into a new directory."),
        Key::new("deb", Type::Flag, "Installed as a Debian package, in the transaction of the component's change class.").or("false").example("true"),
        Key::new("script", Type::Flag, "Handed to `[script]`: its path is in `$DOWNLOAD_<NAME>`.").or("false").example("true"),
        Key::new("license", Type::Text, "Its licence, as an expression of SPDX: `rdspec docs` and `rdspec sbom` say it.").example("\"MIT\""),
        Key::new("upstream", Type::Table(&UPSTREAM), "Where new versions are found."),
    ],
)
.rules(&[Rule::One(&["install", "unpack", "deb", "script"])]);

static INSTALL: Table = Table::new(
    "downloads.*.install",
    "A download that is one file of the image.",
    &[
        Key::new("to", Type::Text, "Its path.").required().example("\"/usr/bin/tini\""),
        Key::new("mode", Type::Text, "Permission bits, octal.").or("\"0644\"").example("\"0755\""),
    ],
);

static UNPACK: Table = Table::new(
    "downloads.*.unpack",
    "A download that is an archive: tar (plain, gz, xz, bz2, zst) or zip.",
    &[
        Key::new("to", Type::Text, "The new directory.").required().example("\"/opt/firefox\""),
        Key::new(
            "strip",
            Type::Integer(0, 9),
            "How many leading directories of its paths are dropped.",
        )
        .or("0")
        .example("1"),
        Key::new(
            "select",
            Type::Texts,
            "Only these paths of the archive, as they are before `strip`.",
        )
        .example("[\"bin/tool\"]"),
        Key::new(
            "format",
            Type::OneOf(&["tar", "tar.gz", "tar.xz", "tar.bz2", "tar.zst", "zip"]),
            "Its format.",
        )
        .or_else("what the address ends in")
        .example("\"tar.gz\""),
    ],
);

static UPSTREAM: Table = Table::new(
    "downloads.*.upstream",
    "Where new versions of a download are found.",
    &[
        Key::new("github", Type::Text, "Releases of a repository.").example("\"krallin/tini\""),
        Key::new("git", Type::Text, "Tags of a git repository.")
            .example("\"https://git.example.org/tool.git\""),
        Key::new("pypi", Type::Text, "A Python project.").example("\"jedi\""),
        Key::new("npm", Type::Text, "A Node package.").example("\"typescript\""),
        Key::new("crates", Type::Text, "A Rust crate.").example("\"ripgrep\""),
        Key::new("apt", Type::Text, "A package of an `apt.repositories` of the images that have the component; its index, which the key of the repository signed, proves the file.").example("\"nginx\""),
        Key::new("oci", Type::Text, "Tags of an image.").example("\"docker.io/library/ubuntu\""),
        Key::new("json", Type::Text, "A JSON document.")
            .example("\"https://example.org/releases.json\""),
        Key::new("text", Type::Text, "A text or page.").example("\"https://example.org/LATEST\""),
        Key::new(
            "tag",
            Type::Text,
            "The form of tags, a regular expression with the group `version`.",
        )
        .example("'v(?<version>.+)'"),
        Key::new("pointer", Type::Text, "Where the version is in a JSON document (RFC 6901).")
            .example("\"/latest/version\""),
        Key::new(
            "regex",
            Type::Text,
            "The version in a text, a regular expression with the group `version`.",
        )
        .example("'release-(?<version>[0-9.]+)'"),
        Key::new("asset", Type::Text, "The file of a release.").example("\"tini-amd64\""),
        Key::new("allow", Type::Text, "The versions that are wanted.").example("\"<2\""),
        Key::new("ignore", Type::Texts, "Versions that are not wanted.").example("[\"1.5.0\"]"),
        Key::new("group", Type::Text, "Downloads of one group move together.")
            .example("\"desktop\""),
        Key::new("prerelease", Type::Flag, "Whether prereleases are wanted.")
            .or("false")
            .example("true"),
        Key::new(
            "minimum-age",
            Type::Text,
            "How long a version must have been out, and each of its files that is taken, where the upstream says when that was.",
        )
        .example("\"3d\""),
        Key::new(
            "require",
            Type::OneOf(&["signature", "checksum", "api", "none"]),
            "What has to prove a new version's bytes.",
        )
        .example("\"checksum\""),
        Key::new("key", Type::Text, "The key that signs its files, or the lists of their sums.")
            .example("\"tool.asc\""),
        Key::new("fingerprint", Type::Text, "The whole fingerprint of that key.")
            .example("\"4C7E9B0D2A6F8135E0B1C3D4F5A6978812345678\""),
    ],
)
.rules(&[Rule::One(&["github", "git", "pypi", "npm", "crates", "apt", "oci", "json", "text"])]);

pub(super) static CONDA: Table = Table::new(
    "conda",
    "A conda environment of the component's own. conda verifies packages by the SHA-256 in their channel's index, over https; what the listed ones depend on, its solver chooses.",
    &[
        Key::new("program", Type::Text, "conda, mamba or micromamba.")
            .or("\"/usr/local/bin/micromamba\"")
            .example("\"/opt/conda/bin/conda\""),
        Key::new("prefix", Type::Text, "The new folder of the environment.")
            .required()
            .example("\"/opt/conda/envs/r\""),
        Key::new("channels", Type::Texts, "Channels by name or https address. What an earlier one has is never taken from a later one.")
            .required()
            .example("[\"conda-forge\"]"),
        Key::new("packages", Type::Texts, "`name=version[=build]`, exactly.")
            .required()
            .example("[\"r-base=4.4.2\"]"),
    ],
);

pub(super) static PIP: Table = Table::new(
    "pip",
    "A virtual environment of the component's own. Only wheels are installed, each verified by its hash.",
    &[
        Key::new("prefix", Type::Text, "The new folder of the environment.")
            .required()
            .example("\"/opt/jupyter\""),
        Key::new("python", Type::Text, "The interpreter, which has the modules venv and pip.")
            .or("\"/usr/bin/python3\"")
            .example("\"/usr/bin/python3.12\""),
        Key::new(
            "system-packages",
            Type::Flag,
            "Whether the interpreter's own packages are visible.",
        )
        .or("false")
        .example("true"),
        Key::new(
            "requirements",
            Type::Text,
            "A resource file of requirements: each an exact version with its hashes, and all that they depend on.",
        )
        .example("\"requirements.txt\""),
        Key::new(
            "packages",
            Type::Tables("package", &PIP_PACKAGE),
            "Packages, without what they depend on.",
        ),
        Key::new("index", Type::Text, "The package index, https.")
            .or_else("pip's own configuration")
            .example("\"https://packages.example.org/simple\""),
    ],
)
.rules(&[Rule::One(&["requirements", "packages"])]);

static PIP_PACKAGE: Table = Table::new(
    "pip.packages.*",
    "A Python package.",
    &[
        Key::new("version", Type::Text, "Its version.").required().example("\"0.15.2\""),
        Key::new("sha256", Type::Texts, "The SHA-256 of each file that may serve.")
            .required()
            .example("[\"e909527104a903606dd63bea6e8e888833f0ef087057829b89a18364a856f807\"]"),
    ],
);

pub(super) static NPM: Table = Table::new(
    "npm",
    "Node packages in a folder of the component's own.",
    &[
        Key::new("program", Type::Text, "npm, beside its interpreter.")
            .or("\"/usr/bin/npm\"")
            .example("\"/opt/node/bin/npm\""),
        Key::new("prefix", Type::Text, "The new folder; programs are in its `node_modules/.bin`.")
            .required()
            .example("\"/opt/tools\""),
        Key::new(
            "packages",
            Type::TextMap("package"),
            "Exact versions, which no hash verifies: a finding.",
        )
        .example("{ typescript = \"5.9.3\" }"),
        Key::new("manifest", Type::Text, "The resource file package.json.")
            .example("\"package.json\""),
        Key::new(
            "lock",
            Type::Text,
            "The resource file package-lock.json, with the hash of everything.",
        )
        .example("\"package-lock.json\""),
        Key::new("scripts", Type::Flag, "Whether install scripts of packages run.")
            .or("false")
            .example("true"),
    ],
)
.rules(&[Rule::One(&["packages", "lock"]), Rule::OneAtMost(&["packages", "manifest"])]);

pub(super) static R: Table = Table::new(
    "r",
    "R packages from one dated repository. It has no hashes: https and the versions, compared before and after installing, are all that they are held to.",
    &[
        Key::new("program", Type::Text, "Rscript.")
            .or("\"/usr/bin/Rscript\"")
            .example("\"/opt/R/4.4.2/bin/Rscript\""),
        Key::new("library", Type::Text, "The folder of the library, new or shared.")
            .or("\"/usr/local/lib/R/site-library\"")
            .example("\"/opt/r/library\""),
        Key::new("repository", Type::Text, "A repository of one day, https.")
            .required()
            .example("\"https://cran.example.org/2026-11-01\""),
        Key::new("packages", Type::TextMap("package"), "Exact versions.")
            .required()
            .example("{ sf = \"1.0-19\" }"),
    ],
);

pub(super) static LOCALES: Table = Table::new(
    "locales",
    "Locales, generated from the package `locales`.",
    &[
        Key::new("generate", Type::Texts, "Names with their character set.")
            .required()
            .example("[\"en_US.UTF-8\", \"fr_FR.UTF-8\"]"),
        Key::new("default", Type::Text, "The one that `LANG` is set to.")
            .example("\"en_US.UTF-8\""),
    ],
);

pub(super) static RULES: Table = Table::new(
    "bump.*",
    "Which versions of a package of `apt.versions`, `pip.packages` or `npm` are taken.",
    &[
        Key::new("allow", Type::Text, "The versions that are wanted.").example("\"<2\""),
        Key::new(
            "ignore",
            Type::Texts,
            "Versions that are not wanted, each with a reason behind `: ` if there is one.",
        )
        .example("[\"1.5.0: breaks the proxy\"]"),
        Key::new("group", Type::Text, "Pins of one group move together.").example("\"desktop\""),
        Key::new("prerelease", Type::Flag, "Whether prereleases are wanted.")
            .or("false")
            .example("true"),
        Key::new(
            "minimum-age",
            Type::Text,
            "How long a version must have been out, and each of its files that is taken, where the registry says when that was.",
        )
        .or("\"3d\"")
        .example("\"1w\""),
    ],
);
