//! Accounts, rights and secrets of the stack of [`trap_stack`](crate::trap_stack), in containers of every engine.

use std::fs;

use rdspec::image::EntryKind;

use crate::harness::{BASE_LAYERS, Engine, engines};
use crate::trap_stack::{BASE, CHILD, Fixture, TOKEN, sha256};

/// What a script prints in a container, as the image's user or as another one.
fn printed(engine: &Engine, user: Option<&str>, script: &str) -> String {
    let output = match user {
        Some(user) => engine.run_in("--user", &[user, CHILD, "bash", "-s"], script),
        None => engine.run_in(CHILD, &["bash", "-s"], script),
    };
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {error}", engine.name);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn traps_of_accounts_groups_and_sudo_rules() {
    let fixture = Fixture::new();
    for engine in engines() {
        fixture.build(&engine);
        let groups = printed(&engine, None, "id -un; id -nG | tr ' ' '\\n' | sort");
        assert_eq!(groups, "jovyan\naudio\nchildish\njovyan\nrenderers\n", "{}", engine.name);
        let accounts = printed(
            &engine,
            Some("0"),
            "getent passwd geoserver kid; getent shadow geoserver kid jovyan | cut -d: -f1,2
            id geoserver; id kid; ! grep -e geoserver -e kid /etc/sub?id
            test ! -e /var/lib/geoserver",
        );
        let wanted = "geoserver:x:2001:2001::/var/lib/geoserver:/usr/sbin/nologin\n\
            kid:x:2002:2000::/nonexistent:/bin/sh\n\
            geoserver:!\n\
            kid:!\n\
            jovyan:!\n\
            uid=2001(geoserver) gid=2001(geoserver) groups=2001(geoserver),29(audio),2000(renderers)\n\
            uid=2002(kid) gid=2000(renderers) groups=2000(renderers),2003(childish)\n";
        assert!(accounts.starts_with(wanted), "{}: {accounts}", engine.name);
        let rules = printed(&engine, None, "sudo -n -l | sed '1,/^User jovyan may run/d'");
        let wanted = "    (geoserver) NOSETENV: NOEXEC: NOPASSWD: /usr/bin/env true\n    \
            (geoserver) NOEXEC: NOPASSWD: /usr/bin/id -un\n    \
            (root) NOPASSWD: /usr/bin/id -u\n    \
            (root) NOPASSWD: /usr/bin/whoami \"\"\n";
        assert_eq!(rules, wanted, "{}", engine.name);
        let used = printed(
            &engine,
            None,
            "sudo -n -u geoserver /usr/bin/id -un
            sudo -n -u geoserver /usr/bin/env true || echo it starts nothing
            sudo -n /usr/bin/id -un || echo not as root",
        );
        assert_eq!(used, "geoserver\nit starts nothing\nnot as root\n", "{}", engine.name);
    }
}

#[test]
#[ignore = "needs engines: run tests/run"]
fn traps_of_secrets() {
    let fixture = Fixture::new();
    for engine in engines() {
        let without = engine.rdspec_build(fixture.folder.path(), &[]);
        assert_eq!(without.status.code(), Some(2), "{}", engine.name);
        fixture.build(&engine);
        let sum = sha256(TOKEN.as_bytes());
        let read = printed(
            &engine,
            None,
            "cut -c1-64 /opt/account/token.sha256 /skeleton/.config/personal/token.sha256",
        );
        assert_eq!(read, format!("{sum}\n{sum}\n"), "{}: no script read it", engine.name);
        let before = engine.image(BASE);
        for layer in &before.layers[BASE_LAYERS..] {
            for entry in &layer.entries {
                assert!(!entry.path.contains(".secret."), "{}: {}", engine.name, entry.path);
                if let EntryKind::File { sha256, .. } = &entry.kind {
                    assert!(!sha256.to_string().contains(&sum), "{}: {}", engine.name, entry.path);
                }
            }
        }
        // Another secret is no other image.
        fs::write(fixture.folder.path().join("token"), "another one\n").unwrap();
        fixture.build(&engine);
        let after = engine.image(BASE);
        let layers = |image: &rdspec::image::Image| {
            image.layers.iter().map(|layer| layer.diff_id).collect::<Vec<_>>()
        };
        assert_eq!(layers(&before), layers(&after), "{}", engine.name);
        fixture.write();
    }
}
