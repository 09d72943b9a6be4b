"""What happens to the home: an empty one is filled, one that is in use is left alone, one that takes nothing is explained."""

import urllib.request

from engine import HOME, URL, Container, KeptVolume, Volume, docker
from tap import until

PANEL = ".config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"
WINDOWS = ".config/xfce4/xfconf/xfce-perchannel-xml/xfwm4.xml"
SESSION = ".config/xfce4/xfconf/xfce-perchannel-xml/xfce4-session.xml"
SETTINGS = ".config/xfce4/xfconf/xfce-perchannel-xml/xsettings.xml"


def page():
    """The landing page, once the web server is there."""
    return until(30, lambda: urllib.request.urlopen(URL + "/", timeout=5).read().decode(), "the landing page")


def prove(tap, image, network, _pictures):
    """Runs the checks of this part."""
    with Volume() as volume:
        over_home = ("--volume", f"{volume.name}:{HOME}")
        with Container(image, network, *over_home) as desktop:
            with tap.check("an empty volume over the home is filled from the skeleton, and belongs to the user") as say:
                desktop.wait_for_session()
                files = desktop.run(
                    "cd /home_nbuser_default && find . -type f | sort | while read -r file; do\n"
                    "  test \"$(stat -c '%U %a' \"$file\")\" = \"$(stat -c '%U %a' ~/\"$file\")\" || exit 1\n"
                    "  echo \"$file\"\ndone"
                ).split()
                assert len(files) > 5, files
                say(f"{len(files)} files")
                # Programs of the session may have written to those that they own by now.
                desktop.run("cmp /home_nbuser_default/Desktop/netdata.desktop ~/Desktop/netdata.desktop")
            with tap.check("no notice about the home is on the landing page"):
                assert 'class="notice"' not in page()
    used(tap, image, network)
    unusable(tap, image, network)


def used(tap, image, network):
    """A home with files, a link and a folder where the skeleton has files."""
    with KeptVolume() as volume:
        over_home = ("--volume", f"{volume.name}:{HOME}")
        with tap.check("files, links and folders of a used home are never overwritten; what is missing comes"):
            home = docker(
                "run", "--rm", "--network", "none", *over_home, image, "bash", "-euc",
                f"cd ~; mkdir -p Desktop $(dirname {PANEL}) {WINDOWS}; echo mine | tee {PANEL} elsewhere Desktop/netdata.desktop\n"
                f"ln -s ~/elsewhere {SETTINGS}; touch -d @1000 {PANEL} elsewhere\n"
                "start-desktop --prepare\n"
                f"cat {PANEL} {SETTINGS} Desktop/netdata.desktop; stat -c %Y {PANEL} elsewhere; readlink {SETTINGS}; ls -A {WINDOWS}\n"
                f"cmp {SESSION} /home_nbuser_default/{SESSION} && echo come",
            ).stdout.split()
            assert home == ["mine", "mine", "mine", "mine", "1000", "1000", f"{HOME}/elsewhere", "come"], home
        with Container(image, network, *over_home) as desktop:
            with tap.check("a desktop that starts on it leaves it alone, too"):
                until(60, lambda: desktop.services().get("session") == "RUNNING", "the session")
                assert desktop.run("cat ~/Desktop/netdata.desktop ~/elsewhere") == "mine\nmine\n"


def unusable(tap, image, network):
    """Homes that cannot be written: read-only, of somebody else, full."""
    cases = [
        ("a read-only volume", {}, ":ro", "Read-only file system"),
        ("a volume of root", {"uid": 0, "gid": 0}, "", "Permission denied"),
    ]
    for name, options, mode, reason in cases:
        with Volume(**options) as volume:
            with Container(image, network, "--volume", f"{volume.name}:{HOME}{mode}") as desktop:
                with tap.check(f"over {name}, the desktop starts in a temporary home, and log and landing page say so") as say:
                    desktop.wait_for_session()
                    line = next(line for line in desktop.log().splitlines() if "cannot be written" in line)
                    say(line)
                    assert f"{HOME} cannot be written" in line and reason in line and "lost" in line, line
                    assert "This home is temporary" in page()
                    home = desktop.run("tr '\\0' '\\n' </proc/$(pgrep -x xfce4-session)/environ | grep ^HOME=").strip()
                    assert home == "HOME=/tmp/desktop/home", home
                    desktop.run(f"test -s /tmp/desktop/home/{SETTINGS}; test -z \"$(ls -A {HOME})\"")
    with Volume(size="12k") as volume:
        with Container(image, network, "--volume", f"{volume.name}:{HOME}") as desktop:
            with tap.check("over a full volume, the desktop starts with what fits, no file is cut, and log and landing page say so") as say:
                desktop.wait_for_session()
                line = next(line for line in desktop.log().splitlines() if "could not be filled" in line)
                say(line)
                assert "No space left on device" in line, line
                assert "Your home is full" in page()
                desktop.run(
                    "cd /home_nbuser_default && find . -type f | while read -r file; do\n"
                    "  test ! -e ~/\"$file\" || cmp \"$file\" ~/\"$file\"\ndone\n"
                    "test -z \"$(find ~ -name '*.part-*')\""
                )
