//! `[ci]` of `stack.toml`.

use super::{Key, Rule, Table, Type};

/// The table, of which only names of secrets are part, never their values.
pub static CI: Table = Table::new(
    "ci",
    "What differs between the workflows of teams. With this table, `rdspec generate` writes `.github/workflows/images.yml`, too, as `rdspec ci github` does.",
    &[
        Key::new("branch", Type::Text, "The branch whose images are published: its name, without `refs/heads/`.")
            .or("\"main\"")
            .example("\"master\""),
        Key::new("runner", Type::TextOrTexts, "Labels of the machines that do the work.")
            .or("\"ubuntu-24.04\"")
            .example("[\"self-hosted\", \"large\"]"),
        Key::new("variants", Type::Texts, "What is built.")
            .or_else("the default variant")
            .example("[\"ubuntu\"]"),
        Key::new(
            "tags",
            Type::Texts,
            "Tags of published images besides those of the commit, the branch and the stack. None may be another one with `-` and the name of a variant behind it.",
        )
        .example("[\"stable\"]"),
        Key::new(
            "severity",
            Type::OneOf(&["critical", "high", "medium", "low", "none"]),
            "The least severity of a known vulnerability that keeps an image from being published.",
        )
        .or("\"critical\"")
        .example("\"high\""),
        Key::new("unfixed", Type::Flag, "Whether vulnerabilities count that nobody has a fix for.")
            .or("false")
            .example("true"),
        Key::new(
            "bump",
            Type::Text,
            "When `rdspec bump` looks for newer versions and opens a pull request: five fields as in crontab(5), in numbers (Sunday is 0), in UTC; each can be a list, a range or a step. Or `never`.",
        )
        .or("\"23 5 * * 1\"")
        .example("\"0 6 1 * *\""),
        Key::new("verify", Type::Text, "When `rdspec verify` asks for what is pinned: as `bump`; or `never`.")
            .or("\"23 4 * * *\"")
            .example("\"never\""),
        Key::new(
            "free-disk",
            Type::Flag,
            "Whether a builder first removes what GitHub's runners bring for other languages.",
        )
        .or_else("where twice the image's `max-size` is more than the 14 GB that a runner has")
        .example("false"),
        Key::new("sbom", Type::Flag, "Whether buildx lists what is in an image, and pushes that with it.")
            .or("true")
            .example("false"),
        Key::new("provenance", Type::Flag, "Whether buildx notes how an image was built, and pushes that with it.")
            .or("true")
            .example("false"),
        Key::new("login", Type::Table(&LOGIN), "Who pushes."),
        Key::new(
            "rdspec",
            Type::Table(&INSTALL),
            "Where the workflow gets rdspec. Without it: compiled from this repository.",
        ),
    ],
);

static LOGIN: Table = Table::new(
    "ci.login",
    "Who pushes. Secrets are named, their values are nowhere in a spec.",
    &[
        Key::new("username", Type::Text, "The secret that holds the user's name.")
            .or("\"REGISTRY_USERNAME\"")
            .example("\"ACR_USER\""),
        Key::new("password", Type::Text, "The secret that holds the password.")
            .or("\"REGISTRY_PASSWORD\"")
            .example("\"ACR_PASSWORD\""),
        Key::new(
            "github-token",
            Type::Flag,
            "Whether the token that GitHub gives each run takes their place: for `ghcr.io`, or the `containers.<host>` of GitHub Enterprise. Nobody else gets it.",
        )
        .or("false")
        .example("true"),
    ],
);

static INSTALL: Table = Table::new(
    "ci.rdspec",
    "Where the workflow gets rdspec.",
    &[
        Key::new(
            "path",
            Type::Text,
            "The folder of its source in this repository, for `cargo install`.",
        )
        .example("\".\""),
        Key::new("url", Type::Text, "The program itself, or the archive of a release with it.")
            .example("\"https://example.org/rdspec-1.0.0-x86_64-linux.tar.gz\""),
        Key::new("sha256", Type::Text, "What `url` has to serve.")
            .or_else("required with `url`")
            .example("\"561618e2c15bf2397621dd04f96926663a3b5616c189cf7e38db7e82f5c538ea\""),
        Key::new("image", Type::Text, "An image that has it as `/usr/local/bin/rdspec`. On the stack's own registry the workflow logs in before it pulls it; on another one everybody must be allowed to.")
            .example("\"registry.example.org/rdspec:1.0\""),
        Key::new("digest", Type::Text, "What the tag of `image` has to be.")
            .or_else("required with `image`")
            .example("\"sha256:561618e2c15bf2397621dd04f96926663a3b5616c189cf7e38db7e82f5c538ea\""),
    ],
)
.rules(&[Rule::One(&["path", "url", "image"])]);
