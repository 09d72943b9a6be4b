//! `[ci]` of `stack.toml`.

use super::decode::Table;
use crate::diagnostic::Diagnostics;
use crate::syntax::ci::{Ci, Install, Login};

/// Reads the table.
pub(super) fn parse(mut table: Table<'_>, found: &mut Diagnostics) -> Ci {
    let ci = Ci {
        span: table.span(),
        branch: table.string("branch", found),
        runner: table.string_or_strings("runner", found),
        variants: table.spanned_strings("variants", found),
        tags: table.strings("tags", found),
        severity: table.string("severity", found),
        unfixed: table.boolean("unfixed", found),
        bump: table.string("bump", found),
        verify: table.string("verify", found),
        free_disk: table.boolean("free-disk", found),
        sbom: table.boolean("sbom", found),
        provenance: table.boolean("provenance", found),
        login: table.table("login", found).map(|table| login(table, found)),
        rdspec: table.table("rdspec", found).map(|table| install(table, found)),
    };
    table.finish(found);
    ci
}

fn login(mut table: Table<'_>, found: &mut Diagnostics) -> Login {
    let login = Login {
        username: table.string("username", found),
        password: table.string("password", found),
        github_token: table.boolean("github-token", found),
    };
    table.finish(found);
    login
}

fn install(mut table: Table<'_>, found: &mut Diagnostics) -> Install {
    let install = Install {
        span: table.span(),
        path: table.string("path", found),
        url: table.string("url", found),
        sha256: table.string("sha256", found),
        image: table.string("image", found),
        digest: table.string("digest", found),
    };
    table.finish(found);
    install
}
