"""Containers of the desktop on docker, in a network of their own. All that is made is removed."""

import re
import subprocess
import time
from pathlib import Path

from tap import until

HOME = "/home/jovyan"
URL = "http://localhost:8888"


def docker(*arguments, stdin=None, check=True, timeout=120):
    """Runs docker; gives the finished process with its output as text."""
    done = subprocess.run(["docker", *arguments], input=stdin, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode:
        raise AssertionError(f"docker {' '.join(arguments)}: exit {done.returncode}: {done.stdout}{done.stderr}")
    return done


class Network:
    """A network with nothing but loopback, held by an idle container that others join."""

    def __init__(self, image):
        self.container = docker("run", "--detach", "--network", "none", "--entrypoint", "sleep", image, "infinity").stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        docker("rm", "--force", self.container)

    def enter(self, command):
        """Runs a command of this machine in the network; gives its exit status."""
        # The engine may count processes in a namespace of its own; a control group names its container everywhere.
        for group in Path("/proc").glob("[0-9]*/cgroup"):
            try:
                if self.container not in group.read_text():
                    continue
            except OSError:  # It has ended meanwhile.
                continue
            return subprocess.run(["nsenter", f"--net={group.parent}/ns/net", *command], check=False).returncode
        raise AssertionError(f"found no process of container {self.container}")


class Volume:
    """A volume over the home, in memory: empty, of a size, an owner and a mode. It is empty again when nothing uses it."""

    def __init__(self, size="64m", uid=1000, gid=1000, mode="0755"):
        options = f"o=size={size},uid={uid},gid={gid},mode={mode}"
        self.name = docker("volume", "create", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", options).stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        docker("volume", "rm", self.name)


class KeptVolume(Volume):
    """A volume on disk that keeps what is in it."""

    def __init__(self):
        self.name = docker("volume", "create").stdout.strip()


class Container:
    """A started desktop. Options are docker's; what is in `environment` are variables."""

    def __init__(self, image, network, *options, environment=None, command=()):
        variables = [f"--env={name}={value}" for name, value in (environment or {}).items()]
        self.id = docker("run", "--detach", "--network", f"container:{network}", *variables, *options, image, *command).stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        docker("rm", "--force", "--volumes", self.id)

    def run(self, script, *options, check=True):
        """Runs a script of bash in the container, as its user; gives its output."""
        done = docker("exec", "--interactive", *options, self.id, "bash", "-es", stdin=script, check=False)
        if check and done.returncode:
            raise AssertionError(f"exit {done.returncode} of {script!r}: {done.stdout}{done.stderr}")
        return done.stdout if check else done

    def log(self):
        """All that the container printed."""
        done = docker("logs", self.id)
        return done.stdout + done.stderr

    def disabled(self):
        """What start-as-root says of services that it does not run.

        The supervisor passes on what its programs print in pieces: a message may begin behind half a line of another
        program.
        """
        return re.findall(r"start-as-root: \S+ is disabled: .*", self.log())

    def services(self):
        """The services and their states."""
        text = self.run("supervisorctl -c /etc/supervisor/desktop.conf status || true")
        return dict(line.split()[:2] for line in text.splitlines())

    def session(self):
        """What answers on the session's bus: the names of Xfce's programs."""
        return self.run(
            "session=$(pgrep --exact xfce4-session)\n"
            "bus=$(tr '\\0' '\\n' </proc/$session/environ | grep ^DBUS_SESSION_BUS_ADDRESS=)\n"
            "env \"$bus\" dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames"
        )

    def wait_for_session(self, seconds=60):
        """Until panel and desktop of Xfce answer."""
        wanted = ("org.xfce.Panel", "org.xfce.xfdesktop", "org.xfce.SessionManager")
        until(seconds, lambda: all(name in self.session() for name in wanted), "the session of Xfce")

    def stop(self):
        """Asks the container to stop; gives the seconds that it took and its exit status."""
        begin = time.monotonic()
        docker("stop", "--time", "30", self.id)
        seconds = time.monotonic() - begin
        return seconds, int(docker("inspect", "--format", "{{.State.ExitCode}}", self.id).stdout)
