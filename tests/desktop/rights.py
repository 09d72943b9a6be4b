"""Rights: exactly three commands of sudo for jovyan, none for users without an account or without new privileges."""

from engine import HOME, Container, Volume
from tap import until

COMMANDS = ["/usr/sbin/cron -f -L 15", "/usr/sbin/netdata -D -p 8050", "/usr/sbin/rsyslogd -n"]
REFUSED = [
    "id", "-u daemon id", "-i", "-s", "-e /etc/passwd", "-u#-1 id", "-g root id", "/usr/sbin/cron", "/usr/sbin/cron -f -L 15 -l",
    "/usr/sbin/rsyslogd", "/usr/sbin/rsyslogd -n -f /tmp/own", "/usr/sbin/netdata -D -p 8051", "/usr/sbin/netdata -D -p 8050 -u root",
    "-u daemon /usr/sbin/cron -f -L 15", "FOO=1 /usr/sbin/rsyslogd -n", "--chdir=/ /usr/sbin/rsyslogd -n", "/usr/bin/apt-get update",
    "/usr/sbin/../sbin/rsyslogd -n", "/bin/sh -c /usr/sbin/rsyslogd", "--preserve-env=PATH /usr/sbin/rsyslogd -n",
]
# Belongs to the user like the home that is filled from it.
SKELETON = "/home_nbuser_default"
# How clusters run containers, and what is over the home then.
STRICT = [
    ("as 12345:0 with a volume of the group root", ["--user", "12345:0"], {"uid": 0, "gid": 0, "mode": "0775"}),
    ("as 12345:12345 with a volume of its own", ["--user", "12345:12345"], {"uid": 12345, "gid": 12345}),
    ("as 12345:12345 without a volume", ["--user", "12345:12345"], None),
    ("without new privileges", ["--security-opt", "no-new-privileges"], {}),
    ("as 12345:0 without new privileges and capabilities", ["--user", "12345:0", "--security-opt", "no-new-privileges", "--cap-drop", "ALL"], {"uid": 12345}),
]


def prove(tap, image, network, _pictures):
    """Runs the checks of this part."""
    with Container(image, network) as desktop:
        desktop.wait_for_session()
        with tap.check("sudo -l shows exactly the three commands, as root, without a password") as say:
            text = desktop.run("LC_ALL=C sudo -n -l")
            rules = " ".join(text.split("may run the following commands", 1)[1].split("\n", 1)[1].split())
            say(rules)
            allowed = [rule for part in rules.split("(root) NOPASSWD: ") for rule in part.strip(" ,").split(", ") if rule]
            assert sorted(allowed) == COMMANDS, allowed
            assert rules.count("(") == rules.count("(root) NOPASSWD: "), rules
        with tap.check("everything else is refused") as say:
            for command in REFUSED:
                done = desktop.run(f"sudo -n {command}", check=False)
                assert done.returncode == 1 and not done.stdout and "sudo" in done.stderr, f"sudo -n {command}: {done}"
            say(f"{len(REFUSED)} commands")
        with tap.check("every program with setuid or setgid is one that a package of Debian ships so") as say:
            programs = desktop.run("find / -xdev -type f -perm /6000 2>/dev/null || true").split()
            # Packages name files of merged folders as they were before the merge.
            for program in programs:
                desktop.run(f"dpkg --search {program} || dpkg --search {program.removeprefix('/usr')}")
            say(" ".join(programs))
        with tap.check("jovyan can write no file of the system"):
            nothing_of_the_system_is_writable(desktop)
    for name, options, volume in STRICT:
        strict(tap, image, network, name, options, volume)


def nothing_of_the_system_is_writable(desktop):
    """Nothing but the home and the folders for temporary files."""
    ours = " -o ".join(f"-path {path}" for path in ("/proc", "/sys", "/dev", "/tmp", "/var/tmp", "/run/lock", HOME))
    found = desktop.run(f"find / \\( {ours} \\) -prune -o ! -type l -writable -print 2>/dev/null || true").split()
    found = [path for path in found if not path.startswith(SKELETON)]
    assert not found, found


def strict(tap, image, network, name, options, volume):
    """One way in which clusters run containers."""
    if volume is None:
        started(tap, image, network, name, options)
        return
    with Volume(**volume) as home:
        started(tap, image, network, name, [*options, "--volume", f"{home.name}:{HOME}"])


def started(tap, image, network, name, options):
    """The desktop is there, the three services are not, and the log says why."""
    with Container(image, network, *options) as desktop:
        with tap.check(f"{name}, the desktop starts") as say:
            desktop.wait_for_session()
            services = desktop.services()
            for program in ("nginx", "vnc", "websockify", "session"):
                assert services[program] == "RUNNING", services
            session = "/proc/$(pgrep -x xfce4-session)"
            environment = desktop.run(f"tr '\\0' '\\n' <{session}/environ; stat -c 'uid %u gid %g' {session}")
            say(" ".join(line for line in environment.splitlines() if line.startswith(("HOME=", "uid "))))
        with tap.check(f"{name}, the user has a name in the session"):
            script = f"export $(tr '\\0' '\\n' <{session}/environ | grep -E '^(LD_PRELOAD|NSS_WRAPPER_.*)=') x=; id -un; getent passwd $(id -u) | cut -d: -f6-"
            home = next(line.removeprefix("HOME=") for line in environment.splitlines() if line.startswith("HOME="))
            assert desktop.run(script) == f"jovyan\n{home}:/bin/bash\n"
        with tap.check(f"{name}, cron, netdata and rsyslog are reported as disabled, once each") as say:
            for program in ("cron", "netdata", "rsyslog"):
                until(20, lambda: desktop.services()[program] == "EXITED", f"{program} to be disabled")
            until(5, lambda: len(desktop.disabled()) >= 3, "all three to say why")
            lines = desktop.disabled()
            say("\n".join(lines))
            assert len(lines) == 3 and all(" is disabled: sudo: " in line for line in lines), lines
        with tap.check(f"{name}, no file of the system can be written"):
            nothing_of_the_system_is_writable(desktop)
        with tap.check(f"{name}, sudo is not fooled by an account that the user made"):
            done = desktop.run(
                "printf 'root::0:0::/root:/bin/bash\\njovyan::%s:0::/tmp:/bin/bash\\n' $(id -u) >/tmp/passwd; cp /etc/group /tmp/group\n"
                "export NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/tmp/group LD_PRELOAD=libnss_wrapper.so\n"
                "sudo -n -l || sudo -n /usr/sbin/rsyslogd -n",
                check=False,
            )
            assert done.returncode != 0, done.stdout
