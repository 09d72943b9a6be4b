//! The tables of `components/<name>.toml`, but for those that install something.

use super::install::{APT, CONDA, DOWNLOAD, LOCALES, NPM, PIP, R, RULES};
use super::{Key, Rule, Table, Type};

/// The whole file.
pub static COMPONENT_FILE: Table = Table::new(
    "",
    "Everything that one component owns.",
    &[
        Key::new("summary", Type::Text, "One line about it.").required().example("\"QGIS desktop GIS\""),
        Key::new("change-class", Type::OneOf(&["stable", "normal", "volatile"]), "How often it changes. All packages of an image in one class are one layer.")
            .or("\"normal\"")
            .example("\"stable\""),
        Key::new("needs", Type::Texts, "Components, or names that they provide, that the image or a parent must have, and whose layers come before its own.")
            .example("[\"supervisor\"]"),
        Key::new("after", Type::Texts, "The same, where the image has them; no error where not.").example("[\"conda\"]"),
        Key::new("provides", Type::Texts, "Further names that `needs` and `after` of others find.").example("[\"browser\"]"),
        Key::new("accept", Type::TextMap("code"), "Findings that are right here, each with the reason. One that does not occur is a finding itself.")
            .example("{ mutable-url = \"the vendor has no versioned address\" }"),
        Key::new("groups", Type::Tables("group", &GROUP), "Groups that the image gets, before everything else of it."),
        Key::new("users", Type::Tables("user", &ACCOUNT), "Accounts of services."),
        Key::new("apt", Type::Table(&APT), "Debian packages."),
        Key::new("bump", Type::Tables("package", &RULES), "Which versions of packages with a pinned version `rdspec bump` takes."),
        Key::new("downloads", Type::Tables("download", &DOWNLOAD), "Pinned downloads."),
        Key::new("conda", Type::Table(&CONDA), "A conda environment."),
        Key::new("pip", Type::Table(&PIP), "A Python environment."),
        Key::new("npm", Type::Table(&NPM), "Node packages."),
        Key::new("r", Type::Table(&R), "R packages."),
        Key::new("locales", Type::Table(&LOCALES), "Locales to generate."),
        Key::new("files", Type::Tables("path", &FILE), "Files that are copied into the image, by path; `~/…` is in the user's skeleton."),
        Key::new("links", Type::Tables("path", &LINK), "Symbolic links, by path."),
        Key::new("directories", Type::Tables("path", &DIRECTORY), "Empty directories, by path."),
        Key::new("environment", Type::TextMap("variable"), "Variables of the container. Scripts do not see them.")
            .example("{ LANG = \"en_US.UTF-8\" }"),
        Key::new("environment-prepend", Type::TextsMap("variable"), "What is put before a variable's value of the parents (for `PATH`: before the standard one), joined with `:`.")
            .example("{ PATH = [\"/opt/conda/bin\"] }"),
        Key::new("services", Type::Tables("service", &SERVICE), "Programs that supervisor keeps running."),
        Key::new("routes", Type::Tables("path", &ROUTE), "Paths that the component `nginx` hands to a local port."),
        Key::new("shortcuts", Type::Tables("shortcut", &SHORTCUT), "Desktop entries."),
        Key::new("sudo", Type::Table(&SUDO), "What the user may run as another user."),
        Key::new("runtime", Type::Table(&RUNTIME), "Properties of the container."),
        Key::new("script", Type::Table(&SCRIPT), "Shell to run while building, where data does not suffice."),
        Key::new("check", Type::Table(&CHECK), "What proves that the component works."),
        Key::new("variants", Type::Overlays(&COMPONENT_FILE), "The same tables, laid over the ones above for a variant: tables merge, values replace."),
    ],
)
.overlay(&[
    Key::new("drop", Type::Texts, "Keys of the plain tables to remove first.").example("[\"downloads.tini\"]"),
]);

static GROUP: Table = Table::new(
    "groups.*",
    "A group.",
    &[Key::new("gid", Type::Integer(1, 65_533), "Group id.").required().example("2000")],
);

static ACCOUNT: Table = Table::new(
    "users.*",
    "An account of a service: locked password, no home made.",
    &[
        Key::new("uid", Type::Integer(1, 65_533), "User id.").required().example("2001"),
        Key::new("gid", Type::Integer(1, 65_533), "Id of its own group, which has its name.")
            .or_else("the user id")
            .example("2001"),
        Key::new("group", Type::Text, "A group that exists or is declared, in place of its own.")
            .example("\"www-data\""),
        Key::new("groups", Type::Texts, "Supplementary groups.").example("[\"renderers\"]"),
        Key::new("home", Type::Text, "Its home, which is not made.")
            .or("\"/nonexistent\"")
            .example("\"/var/lib/geoserver\""),
        Key::new("shell", Type::Text, "Login shell.")
            .or("\"/usr/sbin/nologin\"")
            .example("\"/bin/sh\""),
    ],
)
.rules(&[Rule::OneAtMost(&["gid", "group"])]);

static FILE: Table = Table::new(
    "files.*",
    "A file, from `resources/<component>/` or from text. No file may replace one of a package or of another component.",
    &[
        Key::new("source", Type::Text, "The resource file.")
            .or_else("the file's name")
            .example("\"nginx.conf\""),
        Key::new("content", Type::Text, "The text itself.").example("\"colour = green\\n\""),
        Key::new("mode", Type::Text, "Permission bits, octal.").or("\"0644\"").example("\"0755\""),
        Key::new("owner", Type::OneOf(&["root", "user"]), "Whose it is.").or_else("`root`; `user` below `~/`").example("\"user\""),
        Key::new("template", Type::Flag, "Whether `{{ … }}` in it is replaced: `user.name`, `user.uid`, `user.gid`, `user.home`, `stack.name`, `version.<download>`.")
            .or("false")
            .example("true"),
    ],
)
.rules(&[Rule::OneAtMost(&["source", "content"])]);

static LINK: Table = Table::new(
    "links.*",
    "A symbolic link.",
    &[Key::new(
        "to",
        Type::Text,
        "Where it leads: absolute, or relative to its folder. Nothing needs to be there.",
    )
    .required()
    .example("\"/opt/firefox/firefox\"")],
);

static DIRECTORY: Table = Table::new(
    "directories.*",
    "An empty directory.",
    &[
        Key::new("mode", Type::Text, "Permission bits, octal.").or("\"0755\"").example("\"0750\""),
        Key::new("owner", Type::OneOf(&["root", "user"]), "Whose it is.")
            .or_else("`root`; `user` below `~/`")
            .example("\"user\""),
    ],
);

static SERVICE: Table = Table::new(
    "services.*",
    "A program that supervisor keeps running: `/etc/supervisor/conf.d/<name>.conf`.",
    &[
        Key::new("command", Type::Text, "Its command line, as supervisor splits it.")
            .required()
            .example("\"/usr/sbin/nginx -g 'daemon off;'\""),
        Key::new("priority", Type::Integer(0, 9999), "Lower starts first.").or("999").example("10"),
        Key::new("directory", Type::Text, "Where it starts.").example("\"/srv\""),
        Key::new(
            "environment",
            Type::TextMap("variable"),
            "Variables that it sees besides the container's.",
        )
        .example("{ DISPLAY = \":1\" }"),
        Key::new(
            "ports",
            Type::Integers(1, 65_535),
            "Local ports on which it listens; `[routes.*]` lead there.",
        )
        .example("[6901]"),
        Key::new(
            "restart",
            Type::OneOf(&["always", "on-failure", "never"]),
            "What happens when it ends.",
        )
        .or("\"always\"")
        .example("\"on-failure\""),
        Key::new(
            "start-seconds",
            Type::Integer(0, 3600),
            "How long it must run to count as started.",
        )
        .or("1")
        .example("5"),
        Key::new(
            "start-retries",
            Type::Integer(0, 1000),
            "How often it is tried again when it does not start.",
        )
        .or("3")
        .example("10"),
        Key::new(
            "stop-signal",
            Type::OneOf(&["TERM", "HUP", "INT", "QUIT", "KILL", "USR1", "USR2"]),
            "What stops it.",
        )
        .or("\"TERM\"")
        .example("\"INT\""),
        Key::new(
            "stop-seconds",
            Type::Integer(0, 3600),
            "How long it may take to stop before it is killed.",
        )
        .or("10")
        .example("30"),
    ],
);

static ROUTE: Table = Table::new(
    "routes.*",
    "A path of the one web server that leads to a local port: a file in `/etc/nginx/desktop.d`.",
    &[
        Key::new(
            "port",
            Type::Integer(1, 65_535),
            "A port of a service of the image or its parents.",
        )
        .required()
        .example("8050"),
        Key::new("to", Type::Text, "The path at the program.")
            .or_else("the same path")
            .example("\"/\""),
        Key::new("websocket", Type::Flag, "Whether connections are upgraded.")
            .or("false")
            .example("true"),
        Key::new("buffering", Type::Flag, "Whether answers are buffered.")
            .or("true")
            .example("false"),
        Key::new("timeout", Type::Text, "How long the program may be silent.")
            .or("\"60s\"")
            .example("\"1h\""),
        Key::new("same-origin", Type::Flag, "Whether requests of foreign pages are refused.")
            .or_else("as `websocket`")
            .example("true"),
    ],
);

static SHORTCUT: Table = Table::new(
    "shortcuts.*",
    "A desktop entry: `~/Desktop/<name>.desktop`, `/usr/share/applications/<name>.desktop`, or both.",
    &[
        Key::new("name", Type::Prose, "What is written below the icon.").required().example("{ en = \"QGIS Desktop\", fr = \"QGIS Bureau\" }"),
        Key::new("comment", Type::Prose, "One line about it.").example("\"Maps and layers\""),
        Key::new("generic-name", Type::Prose, "What kind of program it is.").example("\"Geographic information system\""),
        Key::new("keywords", Type::Words, "Words by which menus find it.").example("{ en = [\"map\"], fr = [\"carte\"] }"),
        Key::new("exec", Type::Text, "Its command line (Desktop Entry Specification, `Exec`).").example("\"/usr/bin/qgis %F\""),
        Key::new("url", Type::Text, "An address to open, in place of a program.").example("\"http://localhost/help\""),
        Key::new("icon", Type::Text, "The name of an icon, or its path.").example("\"qgis\""),
        Key::new("categories", Type::Texts, "Where menus list it.").example("[\"Education\", \"Science\"]"),
        Key::new("mime-types", Type::Texts, "What it opens.").example("[\"application/geo+json\"]"),
        Key::new("terminal", Type::Flag, "Whether it runs in a terminal.").or("false").example("true"),
        Key::new("startup-notify", Type::Flag, "Whether it says when it has started.").example("true"),
        Key::new("working-directory", Type::Text, "Where it starts.").example("\"/srv\""),
        Key::new("desktop", Type::Flag, "Whether it lies on the desktop.").or("true").example("false"),
        Key::new("menu", Type::Flag, "Whether menus have it.").or("false").example("true"),
    ],
)
.rules(&[Rule::One(&["exec", "url"])]);

static SUDO: Table = Table::new(
    "sudo",
    "What the user may run as another user: a file in `/etc/sudoers.d`, checked by visudo.",
    &[
        Key::new(
            "commands",
            Type::Texts,
            "Exact command lines that run as root, without password.",
        )
        .example("[\"/usr/sbin/cron -f -L 15\"]"),
        Key::new("rules", Type::Tables("rule", &SUDO_RULE), "Rules that need more than that."),
    ],
);

static SUDO_RULE: Table = Table::new(
    "sudo.rules.*",
    "A rule for sudo.",
    &[
        Key::new("command", Type::Text, "The exact command line.")
            .required()
            .example("\"/usr/bin/less /var/log/syslog\""),
        Key::new("run-as", Type::Text, "As whom it runs.").or("\"root\"").example("\"geoserver\""),
        Key::new("password", Type::Flag, "Whether the user's password is asked for.")
            .or("false")
            .example("true"),
        Key::new(
            "tags",
            Type::Texts,
            "Tags of sudoers(5): `NOEXEC`, `INTERCEPT`, `NOSETENV`, `MAIL`, `LOG_INPUT`, `LOG_OUTPUT`, and the last three with `NO`.",
        ).example("[\"NOEXEC\"]"),
        Key::new(
            "unsafe",
            Type::Text,
            "Why a program that can start a shell is allowed all the same.",
        )
        .example("\"the log may not leave the container\""),
    ],
);

static RUNTIME: Table = Table::new(
    "runtime",
    "Properties of the container. What an image does not set is its parent's.",
    &[
        Key::new("entrypoint", Type::Texts, "What runs first: a program and its arguments.")
            .example("[\"/usr/bin/tini\", \"--\"]"),
        Key::new(
            "command",
            Type::Texts,
            "The arguments of the entry point, which `docker run` replaces.",
        )
        .example("[\"start-desktop\"]"),
        Key::new("ports", Type::Integers(1, 65_535), "TCP ports on which the container listens.")
            .example("[8080]"),
        Key::new(
            "volumes",
            Type::Texts,
            "Paths over which a volume lies. Nothing may write there later.",
        )
        .example("[\"/home/jovyan\"]"),
        Key::new("working-directory", Type::Text, "Where it starts.").example("\"/home/jovyan\""),
        Key::new("stop-signal", Type::Text, "What stops it.").example("\"SIGINT\""),
        Key::new(
            "healthcheck",
            Type::Table(&HEALTHCHECK),
            "How an engine asks whether it is well.",
        ),
    ],
);

static HEALTHCHECK: Table = Table::new(
    "runtime.healthcheck",
    "How an engine asks whether the container is well (Dockerfile reference, HEALTHCHECK).",
    &[
        Key::new("command", Type::Texts, "A program and its arguments; status 0 is well.")
            .required()
            .example("[\"curl\", \"--fail\", \"http://localhost:8080/\"]"),
        Key::new("interval", Type::Text, "Time between two questions.")
            .or("\"30s\"")
            .example("\"1m\""),
        Key::new("timeout", Type::Text, "Time after which a question counts as failed.")
            .or("\"30s\"")
            .example("\"10s\""),
        Key::new("start-period", Type::Text, "Time at the start in which failures do not count.")
            .example("\"20s\""),
        Key::new("retries", Type::Integer(1, 100), "How many failures in a row are ill.")
            .or("3")
            .example("5"),
    ],
);

static SCRIPT: Table = Table::new(
    "script",
    "bash, in a shell of its own with `set -euo pipefail`: a failing command anywhere fails the build. It runs after the packages and before the files are copied.",
    &[
        Key::new("run", Type::Text, "The commands.").example("\"R -e 'install.packages(\\\"x\\\")'\""),
        Key::new("source", Type::Text, "A resource file with the commands.").example("\"install.sh\""),
        Key::new("undo", Type::Text, "Commands that take back what it did. `rdspec dev` runs them before it runs a changed script again, and where the component goes; `:` says that there is nothing to take back.").example("\"rm -r /opt/tool\""),
        Key::new("user", Type::OneOf(&["root", "user"]), "Who runs it; a user's HOME is the skeleton.").or("\"root\"").example("\"user\""),
        Key::new("writable", Type::Texts, "Paths that it fills and that the user may write: what it makes there is handed over.").example("[\"/opt/conda\"]"),
        Key::new("inputs", Type::Texts, "Resource files that it reads, in the folder `$INPUTS`.").example("[\"requirements.txt\"]"),
        Key::new("secrets", Type::Texts, "Secrets that it reads from the files `$SECRET_<NAME>`; `rdspec build --secret id=<name>,src=FILE`.").example("[\"token\"]"),
        Key::new("environment", Type::TextMap("variable"), "Variables that it sees.").example("{ DEBUG = \"1\" }"),
    ],
)
.rules(&[Rule::One(&["run", "source"])]);

static CHECK: Table = Table::new(
    "check",
    "What proves the component, in a container as its user. A child image runs its parents' checks, too.",
    &[Key::new(
        "run",
        Type::TextOrTexts,
        "bash command lines; status 77 says that a check does not apply, any other than 0 fails.",
    )
    .required()
    .example("\"qgis --version\"")],
);
