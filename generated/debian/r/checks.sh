#!/bin/bash
# The checks of k8scc01covidacr.azurecr.io/remote-desktop-r:master-debian, as TAP. In a container of the image, as its user:
#   docker run --rm --interactive k8scc01covidacr.azurecr.io/remote-desktop-r:master-debian bash -s < checks.sh
# Written by `rdspec generate` from spec/: edit the spec, not this file.
set -uo pipefail

count=0
failures=0

check() { # COMPONENT: runs the command on stdin
  local command output title
  command=$(cat)
  title="$1: ${command%%$'\n'*}"
  title=${title//#/\\#} # TAP reads what follows a hash as a directive
  count=$((count + 1))
  if output=$(bash -euo pipefail -c "$command" </dev/null 2>&1); then
    echo "ok $count - $title"
  else
    failures=$((failures + 1))
    echo "not ok $count - $title"
    echo "  # ${output//$'\n'/$'\n'  # }"
  fi
}

echo "TAP version 14"
echo "1..22"

check locale <<'CHECK'
test "$(LC_ALL=en_CA.UTF-8 locale charmap 2>&1)" = UTF-8
CHECK

check locale <<'CHECK'
test "$(LC_ALL=fr_CA.UTF-8 date --date=2026-02-03 +%A/%B)" = mardi/février
CHECK

check tini <<'CHECK'
test "$(/usr/bin/tini -s -g -- bash -c "trap \"echo stopped; exit 0\" TERM; kill -TERM \$PPID; sleep 5 & wait")" = stopped
CHECK

check supervisor <<'CHECK'
mkdir -p /tmp/desktop && python3 - <<'PYTHON'
from supervisor.options import ServerOptions

options = ServerOptions()
options.realize(["-c", "/etc/supervisor/desktop.conf"])
programs = sorted(group.name for group in options.process_group_configs)
print("services:", *programs)
assert programs, "no service"
assert all(server["family"].name == "AF_UNIX" for server in options.server_configs), "a control port is open"
PYTHON
CHECK

check nginx <<'CHECK'
folder=$(mktemp --directory) && /usr/sbin/nginx -e stderr -t -p "$folder" -c /etc/nginx/desktop.conf
CHECK

check xfce <<'CHECK'
test ! -s /etc/machine-id
mkdir -p /tmp/desktop && dbus-uuidgen --ensure=/tmp/desktop/machine-id
test "$(dbus-uuidgen --get)" = "$(cat /tmp/desktop/machine-id)"
CHECK

check xfce <<'CHECK'
folder=$(mktemp --directory)
export HOME=$folder XDG_RUNTIME_DIR=$folder DISPLAY=:96 XAUTHORITY=$folder/cookie
cp -r /home_nbuser_default/. "$HOME"
xauth -q add "$DISPLAY" . "$(mcookie)"
Xtigervnc "$DISPLAY" -auth "$XAUTHORITY" -SecurityTypes None -rfbport -1 -rfbunixpath "$folder/vnc.sock" -nolisten tcp >"$folder/vnc.log" 2>&1 &
start-session >"$folder/session.log" 2>&1 &
for _ in {1..80}; do
    sleep 0.5
    session=$(grep -lsx xfce4-session /proc/[0-9]*/comm | head -n 1) || continue
    bus=$(tr '\0' '\n' <"${session%comm}environ" | grep ^DBUS_SESSION_BUS_ADDRESS=) || continue
    names=$(env "$bus" dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames) || continue
    if [[ $names == *org.xfce.Panel* && $names == *org.xfce.xfdesktop* && $names == *org.xfce.SessionManager* ]]; then
        env "$bus" xfconf-query --channel xfwm4 --property /general/use_compositing | grep -x false
        exit 0
    fi
done
cat "$folder"/*.log
exit 1
CHECK

check vnc <<'CHECK'
Xtigervnc -version
CHECK

check vnc <<'CHECK'
test -f /usr/share/novnc/vnc.html
CHECK

check vnc <<'CHECK'
display=:97 folder=$(mktemp --directory)
export XAUTHORITY=$folder/cookie
xauth -q add "$display" . "$(mcookie)"
Xtigervnc "$display" -auth "$XAUTHORITY" -SecurityTypes None -rfbport -1 -rfbunixpath "$folder/vnc.sock" -nolisten tcp &
for _ in {1..40}; do xset -display "$display" q >/dev/null 2>&1 && break; sleep 0.25; done
xset -display "$display" q >/dev/null
test -S "$folder/vnc.sock"
if XAUTHORITY=/dev/null xset -display "$display" q >/dev/null 2>&1; then exit 1; fi
kill %1
CHECK

check cron <<'CHECK'
test -u /usr/bin/sudo && test ! -u /usr/sbin/cron
CHECK

check cron <<'CHECK'
test "$(LC_ALL=C sudo -n -l | sed -n '/may run the following/,$p' | sed 1d | tr -s ' ')" = ' (root) NOPASSWD: /usr/sbin/cron -f -L 15'
CHECK

check cron <<'CHECK'
! sudo -n /usr/bin/id
CHECK

check cron <<'CHECK'
! sudo -n /usr/sbin/cron -f -L 0
CHECK

check firefox-esr <<'CHECK'
firefox --version | grep -F 'Mozilla Firefox'
CHECK

check firefox-esr <<'CHECK'
export HOME=$(mktemp --directory) LANG=fr_CA.UTF-8 LANGUAGE=fr_CA:fr
firefox --headless --marionette --remote-allow-system-access about:blank >"$HOME/log" 2>&1 &
python3 - <<'PYTHON'
import json, socket, time

for _ in range(120):
    try:
        connection = socket.create_connection(("127.0.0.1", 2828), timeout=60)
        break
    except OSError:
        time.sleep(0.5)
stream = connection.makefile("rb")


def message():
    length = b""
    while not length.endswith(b":"):
        length += stream.read(1)
    return json.loads(stream.read(int(length[:-1])))


def ask(command, parameters):
    text = json.dumps([0, 1, command, parameters])
    connection.sendall(f"{len(text)}:{text}".encode())
    error, result = message()[2:]
    assert error is None, error
    return result


message()
ask("WebDriver:NewSession", {})
ask("Marionette:SetContext", {"value": "chrome"})
script = "return [Services.policies.getActivePolicies(), Services.locale.appLocaleAsBCP47]"
policies, language = ask("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]
assert policies == json.load(open("/etc/firefox/policies/policies.json"))["policies"], policies
assert language == "fr", language
PYTHON
kill %1
CHECK

check landing <<'CHECK'
python3 - <<'PYTHON'
from html.parser import HTMLParser
from pathlib import Path


class Page(HTMLParser):
    language, targets, open_tags = None, [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "html":
            self.language = values["lang"]
        self.targets = self.targets + [values[name] for name in ("href", "src") if name in values]
        if tag not in ("meta", "link", "img", "br"):
            self.open_tags = self.open_tags + [tag]

    def handle_endtag(self, tag):
        assert self.open_tags[-1] == tag, f"</{tag}> closes <{self.open_tags[-1]}>"
        self.open_tags = self.open_tags[:-1]


folder = Path("/usr/local/share/desktop-landing")
for language in ("en", "fr"):
    page = Page()
    page.feed((folder / f"{language}.html").read_text(encoding="utf-8"))
    assert page.language == f"{language}-CA" and not page.open_tags
    assert "desktop" in page.targets
    for target in set(page.targets) - {"desktop"}:
        assert (folder / target).is_file(), f"{language}.html: no such file: {target}"
PYTHON
CHECK

check desktop <<'CHECK'
export HOME=$(mktemp --directory)
start-desktop --prepare
(cd /home_nbuser_default && find . -type f) | while read -r file; do cmp "/home_nbuser_default/$file" "$HOME/$file"; done
test "$(find "$HOME" -type f | wc -l)" -gt 1
changed=$(find "$HOME" -type f -not -path '*/.local/*' | sort | head -n 1) && deleted=$(find "$HOME" -type f -not -path '*/.local/*' | sort | tail -n 1)
echo mine >>"$changed" && rm "$deleted"
start-desktop --prepare
test "$(tail -n 1 "$changed")" = mine && test ! -e "$deleted"
# A file that the user never touched follows the image: here, one that an older image had filled.
record=$HOME/.local/state/desktop/skeleton untouched=$(find "$HOME" -type f -not -path '*/.local/*' | sort | sed -n 2p)
echo older >"$untouched"
sed -i "\\| ${untouched#"$HOME"/}\$|s/^[0-9a-f]*/$(sha256sum <"$untouched" | cut -d ' ' -f 1)/" "$record"
start-desktop --prepare
cmp "$untouched" "/home_nbuser_default/${untouched#"$HOME"/}"
CHECK

check desktop <<'CHECK'
export HOME=$(mktemp --directory)
NB_PREFIX=/notebook/name.space/my-name/ KF_LANG=fr start-desktop --prepare
grep -Fx 'set $base "/notebook/name.space/my-name";' /tmp/desktop/nginx/server.conf
grep -Fx 'set $language fr;' /tmp/desktop/nginx/server.conf
/usr/sbin/nginx -e stderr -t -p /tmp/desktop/nginx -c /etc/nginx/desktop.conf
for prefix in '/a;b' '/a/../b' '/a b'; do
    if NB_PREFIX=$prefix start-desktop --prepare; then exit 1; fi
done
CHECK

check desktop <<'CHECK'
export HOME=$(mktemp --directory) NB_PREFIX=/notebook/space/name
start-desktop >"$HOME/log" 2>&1 &
for _ in {1..60}; do sleep 1; supervisorctl -c /etc/supervisor/desktop.conf status >/dev/null && xset q >/dev/null 2>&1 && break; done
sleep 5
supervisorctl -c /etc/supervisor/desktop.conf status || { cat "$HOME/log"; exit 1; }
curl --fail --silent http://127.0.0.1:8888/healthy
curl --fail --silent http://127.0.0.1:8888/notebook/space/name/ | grep -F 'href="desktop"'
test "$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 2 --header 'Connection: Upgrade' --header 'Upgrade: websocket' --header 'Sec-WebSocket-Version: 13' --header 'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==' --http1.1 http://127.0.0.1:8888/notebook/space/name/vnc/websockify)" = 101
supervisorctl -c /etc/supervisor/desktop.conf shutdown
wait
CHECK

check r <<'CHECK'
Rscript -e 'stopifnot(.libPaths()[1] == "/opt/r/library", l10n_info()$`UTF-8`, jsonlite::fromJSON("[1, 2]") == 1:2)'
CHECK

check r <<'CHECK'
folder=$(mktemp --directory)
mkdir -p "$folder/probe/R"
printf '%s\n' 'Package: probe' 'Version: 1.0' 'Title: Probe' 'Description: Probe.' 'Author: Nobody' 'Maintainer: Nobody <nobody@example.org>' 'License: CC0' >"$folder/probe/DESCRIPTION"
echo 'export(answer)' >"$folder/probe/NAMESPACE"
echo 'answer <- function() 42' >"$folder/probe/R/answer.R"
R CMD INSTALL "$folder/probe"
Rscript -e 'stopifnot(probe::answer() == 42)'
R CMD REMOVE probe
CHECK

exit "$((failures > 0))"
