//! The tables of `stack.toml`.

use super::{Key, Rule, Table, Type};

/// The whole file.
pub static STACK_FILE: Table = Table::new(
    "",
    "The images of a stack, who they run as, and how its variants differ.",
    &[
        Key::new("stack", Type::Table(&STACK), "The stack as a whole.").required(),
        Key::new("apt", Type::Table(&APT), "From when the packages of the apt archives are."),
        Key::new("bootstrap", Type::Table(&BOOTSTRAP), "The first layer of a root image."),
        Key::new("user", Type::Table(&USER), "Who finished images run as. Without it: root."),
        Key::new("images", Type::Tables("image", &IMAGE), "The images, by name.").required(),
        Key::new(
            "accept",
            Type::TextMap("code"),
            "Findings about this file that are right here, each with the reason. One that does not occur is a finding itself.",
        )
        .example("{ powerful-group = \"the images are for kernel developers\" }"),
        Key::new("ci", Type::Table(&super::ci::CI), "How a team's builders build and publish the images."),
        Key::new(
            "variants",
            Type::Overlays(&VARIANT),
            "Other ways to build the same stack, by name.",
        ),
    ],
);

static STACK: Table = Table::new(
    "stack",
    "The stack as a whole.",
    &[
        Key::new("name", Type::Text, "First part of image names: `[registry/]<name>-<image>:<tag>[-<variant>]`.")
            .required()
            .example("\"remote-desktop\""),
        Key::new("registry", Type::Text, "Where images are published.").example("\"registry.example.org/team\""),
        Key::new("tag", Type::Text, "The tag of the images, under which a child finds a parent that was just built.")
            .or("\"latest\"")
            .example("\"master\""),
        Key::new("platforms", Type::Texts, "What the images are built for: `linux/amd64`, `linux/arm64`.")
            .or("[\"linux/amd64\"]")
            .example("[\"linux/amd64\", \"linux/arm64\"]"),
        Key::new("default-variant", Type::Text, "The name of the variant that the plain tables describe.")
            .or("\"default\"")
            .example("\"ubuntu\""),
        Key::new("source-date-epoch", Type::Integer(0, 253_402_300_799), "Seconds since 1970 that every script uses for \"now\", and that copied files carry.")
            .or("1767225600")
            .example("1767225600"),
        Key::new("languages", Type::Texts, "Languages of what users read. Packages keep their translations into them; prose that lacks one is a finding.")
            .example("[\"en\", \"fr\"]"),
        Key::new("max-size", Type::Text, "The budget of each image, which `rdspec show` tells: a number and kB, MB, GB, KiB, MiB or GiB. It is compared when an image is built: a pull request that changes nothing but it builds none.")
            .example("\"14 GB\""),
        Key::new("labels", Type::TextMap("label"), "Labels of every image (OCI annotations).")
            .example("{ \"org.opencontainers.image.licenses\" = \"MIT\" }"),
    ],
);

static APT: Table = Table::new(
    "apt",
    "From when the packages are. Part of every apt layer, so moving it refreshes them, and nothing else does.",
    &[
        Key::new("refresh", Type::Text, "The day: packages as the archives had them then or have had them since.")
            .or_else("one of the two, where packages are installed")
            .example("\"2026-11-23\""),
        Key::new("snapshot", Type::Text, "The exact time: packages as the archives' snapshot service has them (`APT::Snapshot`; archives that offer it, apt 2.7 or later).")
            .example("\"20261123T000000Z\""),
    ],
)
.rules(&[Rule::OneAtMost(&["refresh", "snapshot"])]);

static BOOTSTRAP: Table = Table::new(
    "bootstrap",
    "The first layer of a root image: what fetches, verifies and unpacks everything else.",
    &[Key::new("packages", Type::Texts, "Debian packages.")
        .example("[\"ca-certificates\", \"curl\", \"xz-utils\"]")],
);

static USER: Table = Table::new(
    "user",
    "The unprivileged user that finished images run as.",
    &[
        Key::new("name", Type::Text, "Login name.").required().example("\"jovyan\""),
        Key::new("uid", Type::Integer(1, 65_533), "User id.").or("1000").example("1000"),
        Key::new("gid", Type::Integer(1, 65_533), "Group id; the group has the user's name.")
            .or("1000")
            .example("1000"),
        Key::new("home", Type::Text, "The home at run time, over which a volume may lie.")
            .or_else("`/home/<name>`")
            .example("\"/home/jovyan\""),
        Key::new(
            "skeleton",
            Type::Text,
            "Where the image keeps what a new home is filled with; `~/…` in the spec goes here.",
        )
        .or("\"/usr/local/share/home-skeleton\"")
        .example("\"/home_nbuser_default\""),
        Key::new("shell", Type::Text, "Login shell.").or("\"/bin/bash\"").example("\"/bin/bash\""),
        Key::new("replaces", Type::Texts, "Users of the base image that give way, if they exist.")
            .example("[\"ubuntu\"]"),
        Key::new(
            "groups",
            Type::Texts,
            "Supplementary groups: of the base image, or of `[groups.*]`.",
        )
        .example("[\"video\"]"),
    ],
);

static IMAGE: Table = Table::new(
    "images.*",
    "An image.",
    &[
        Key::new("from", Type::Text, "A base image from elsewhere.").example("\"ubuntu:24.04\""),
        Key::new("digest", Type::Text, "What its tag has to be.")
            .or_else("required with `from`, unless `unpinned`")
            .example("\"sha256:561618e2c15bf2397621dd04f96926663a3b5616c189cf7e38db7e82f5c538ea\""),
        Key::new("unpinned", Type::Text, "Why it has no digest.").example("\"a local image\""),
        Key::new(
            "upstream",
            Type::Table(&BASE_UPSTREAM),
            "Which other tags `rdspec bump` may move to. Without it, the tag stays and only the digest moves.",
        ),
        Key::new("extends", Type::Text, "An image of this stack that this one is built on.")
            .example("\"base\""),
        Key::new("components", Type::Texts, "Names of component files; their order means nothing.")
            .example("[\"locale\", \"nginx\"]"),
        Key::new("max-size", Type::Text, "The budget of this image.")
            .or_else("the stack's")
            .example("\"4 GB\""),
        Key::new("labels", Type::TextMap("label"), "Labels of this image, besides the stack's.")
            .example("{ \"org.opencontainers.image.title\" = \"R\" }"),
    ],
)
.rules(&[
    Rule::One(&["from", "extends"]),
    Rule::OneAtMost(&["digest", "unpinned"]),
    Rule::OneAtMost(&["unpinned", "upstream"]),
])
.overlay(&[
    Key::new("add", Type::Texts, "Components that the image has in this variant only.")
        .example("[\"locale\"]"),
    Key::new("without", Type::Texts, "Components that the image lacks in this variant.")
        .example("[\"nginx\"]"),
]);

static BASE_UPSTREAM: Table = Table::new(
    "images.*.upstream",
    "Which tags of a base image are new versions of it.",
    &[
        Key::new(
            "tag",
            Type::Text,
            "The form of tags, a regular expression with the group `version`.",
        )
        .or_else("that of the tag in `from`, with other numbers")
        .example("'(?<version>[0-9]+\\.04)'"),
        Key::new("allow", Type::Text, "The versions that are wanted.").example("\"<27\""),
        Key::new("ignore", Type::Texts, "Versions that are not wanted.").example("[\"25.04\"]"),
        Key::new("group", Type::Text, "Pins of one group move together.").example("\"desktop\""),
        Key::new("prerelease", Type::Flag, "Whether prereleases are wanted.")
            .or("false")
            .example("true"),
        Key::new(
            "minimum-age",
            Type::Text,
            "How long ago the image must have been made, as it says itself.",
        )
        .or_else("any")
        .example("\"3d\""),
    ],
);

static VARIANT: Table = Table::new(
    "variants.*",
    "Another way to build the same stack. Its tables are laid over the plain ones: tables merge, values replace; `from`, `digest`, `unpinned` and `upstream` replace each other as a unit.",
    &[
        Key::new("without", Type::Texts, "Components that every image lacks in this variant.")
            .example("[\"r\"]"),
        Key::new("replace", Type::TextMap("component"), "Components that stand in for others.")
            .example("{ firefox = \"firefox-esr\" }"),
        Key::new("apt", Type::Table(&APT), "As `[apt]`."),
        Key::new(
            "images",
            Type::Tables("image", &IMAGE),
            "As `[images.*]`, with `add` and `without`.",
        ),
    ],
);
