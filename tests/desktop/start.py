"""How the container starts and ends: who runs what, what comes back, what stays out of the way."""

from engine import HOME, Container, Volume, docker
from tap import until

SERVICES = {"cron", "netdata", "nginx", "rsyslog", "session", "vnc", "websockify"}
# What sudo starts; Netdata changes to an account of its own.
PRIVILEGED = {"sudo": "root", "cron": "root", "rsyslogd": "root", "netdata": "netdata"}
TERMINATED = 0


def prove(tap, image, network, _pictures):
    """Runs the checks of this part."""
    with Container(image, network) as desktop:
        with tap.check("every service runs, and the session of Xfce answers") as say:
            desktop.wait_for_session()
            services = desktop.services()
            assert SERVICES <= services.keys() and set(services.values()) == {"RUNNING"}, services
            say(" ".join(sorted(services)))
        with tap.check("tini is process 1, as jovyan, without any capability"):
            assert desktop.run("cat /proc/1/comm") == "tini\n"
            status = desktop.run("cat /proc/1/status")
            fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            assert fields["Uid"].split() == ["1000"] * 4 and fields["Gid"].split() == ["1000"] * 4, fields
            assert int(fields["CapEff"], 16) == 0 and int(fields["CapPrm"], 16) == 0, fields
        with tap.check("jovyan owns every process but those of the three commands of sudo"):
            for line in desktop.run("ps -eo user:20=,comm=").splitlines():
                user, program = line.split(None, 1)
                if user != "jovyan":
                    known = PRIVILEGED.get(program)
                    assert user == known or user == "netdata", line
        with tap.check("an image that was started is healthy by its own health check"):
            state = lambda: docker("inspect", "--format", "{{.State.Health.Status}}", desktop.id).stdout.strip()
            until(70, lambda: state() == "healthy", "a healthy container")
        with tap.check("the same container starts again, with what the last start left in /tmp"):
            docker("restart", "--time", "30", desktop.id)
            desktop.wait_for_session()
            until(30, lambda: set(desktop.services().values()) == {"RUNNING"}, "every service")
        with tap.check("SIGTERM stops the container within ten seconds, and it exits with 0") as say:
            seconds, code = desktop.stop()
            say(f"{seconds:.1f} seconds, exit code {code}")
            assert seconds < 10 and code == TERMINATED, (seconds, code)
    with Container(image, network, environment={"NB_PREFIX": "/a;b"}) as desktop:
        with tap.check("a base path that could break out of the web server's configuration ends the start, explained"):
            until(20, lambda: "only letters, digits" in desktop.log(), "the message")
            assert docker("wait", desktop.id).stdout == "1\n"
    read_only(tap, image, network)


def read_only(tap, image, network):
    """The root read-only, as strict clusters have it: only /tmp and the home can be written."""
    with Volume() as home:
        options = ("--read-only", "--tmpfs", "/tmp:mode=1777", "--volume", f"{home.name}:{HOME}")
        with Container(image, network, *options) as desktop:
            with tap.check("with a read-only root, a tmpfs on /tmp and a volume, the desktop starts") as say:
                desktop.wait_for_session()
                for program in ("nginx", "vnc", "websockify", "session"):
                    assert desktop.services()[program] == "RUNNING", desktop.services()
                say(" ".join(f"{name}: {state}" for name, state in desktop.services().items()))
            with tap.check("with a read-only root, cron, netdata and rsyslog work, or are reported as disabled") as say:
                def settled():
                    """Each runs, or has ended in good order after it said once that it is disabled."""
                    states = desktop.services()
                    lines = desktop.disabled()
                    for name in ("cron", "netdata", "rsyslog"):
                        disabled = sum(f"/{name}" in line and "read-only" in line for line in lines)
                        if (states[name], disabled) not in (("RUNNING", 0), ("EXITED", 1)):
                            return None
                    return lines or ["all three run"]
                # A service that is disabled counts as running for a moment after it said so.
                say("\n".join(until(40, settled, "services that run or have said why not")))
