#!/bin/bash
# The checks of k8scc01covidacr.azurecr.io/remote-desktop-r:master-debian, as TAP. In a container of the image, as its user:
#   docker run --rm --interactive k8scc01covidacr.azurecr.io/remote-desktop-r:master-debian bash -s < checks.sh
# Written by `rdspec generate` from spec/: edit the spec, not this file.
set -uo pipefail

count=0
failures=0

check() { # COMPONENT: runs the command on stdin; status 77 says that it does not apply here
  local command output title status=0
  command=$(cat)
  title="$1: ${command%%$'\n'*}"
  title=${title//#/\\#} # TAP reads what follows a hash as a directive
  count=$((count + 1))
  output=$(bash -euo pipefail -c "$command" </dev/null 2>&1) || status=$?
  if ((status == 0)); then
    echo "ok $count - $title"
  elif ((status == 77)); then
    echo "ok $count - $title # SKIP ${output##*$'\n'}"
  else
    failures=$((failures + 1))
    echo "not ok $count - $title"
    echo "  # ${output//$'\n'/$'\n'  # }"
  fi
}

echo "TAP version 14"
echo "1..76"

check locale <<'CHECK'
test "$LANG" = en_CA.UTF-8
CHECK

check locale <<'CHECK'
for locale in en_CA en_US fr_CA fr_FR; do test "$(LC_ALL=$locale.UTF-8 locale charmap 2>&1)" = UTF-8; done
CHECK

check locale <<'CHECK'
test "$(LC_ALL=fr_CA.UTF-8 date --date=2026-02-03 +%A/%B)" = mardi/février
CHECK

check tini <<'CHECK'
test "$(/usr/bin/tini -s -g -- bash -c "trap \"echo stopped; exit 0\" TERM; kill -TERM \$PPID; sleep 5 & wait")" = stopped
CHECK

check account <<'CHECK'
test "$(with-account id -un)" = jovyan
CHECK

check account <<'CHECK'
! getent passwd "$(id -u)" || test -z "$(with-account printenv LD_PRELOAD)"
CHECK

check account <<'CHECK'
folder=$(mktemp --directory)
cat >"$folder/id" <<'END'
#!/bin/bash
if [[ ${1:-} == -u ]]; then echo 12345; else echo 54321; fi
END
chmod 0755 "$folder/id"
PATH=$folder:$PATH with-account bash -euc '
    getent passwd 12345 | grep -Fx "jovyan:x:12345:54321::$HOME:/bin/bash"
    getent group 54321 | grep -Fx jovyan:x:54321:
    getent passwd root | grep -Fx root:x:0:0:root:/root:/bin/bash'
CHECK

check sudo <<'CHECK'
test -u /usr/bin/sudo
CHECK

check sudo <<'CHECK'
# As clusters run it (no new privileges, a user id of their own), sudo cannot work.
if grep -q '^NoNewPrivs:.1' /proc/self/status || [[ $(id -u) != 1000 ]]; then echo 'sudo cannot work here' && exit 77; fi
LC_ALL=C sudo -n -l | sed '1,/may run the following/d' | tr -s ' ' | tr ',' '\n' | sed 's/^ //; s/^(root) NOPASSWD: //' | while read -r rule; do
    case $rule in
    '/usr/sbin/cron -f -L 15' | '/usr/sbin/netdata -D -p 8050' | '/usr/sbin/rsyslogd -n') ;;
    *) echo "unexpected rule: $rule" && exit 1 ;;
    esac
done
CHECK

check sudo <<'CHECK'
! sudo -n /usr/bin/id
CHECK

check sudo <<'CHECK'
! sudo -n -u daemon /usr/bin/id
CHECK

check sudo <<'CHECK'
report=$(setpriv --no-new-privs start-as-root /usr/sbin/cron -f -L 15 2>&1)
grep -F 'start-as-root: /usr/sbin/cron is disabled: ' <<<"$report"
CHECK

check sudo <<'CHECK'
start-as-root /usr/bin/id 2>&1 | grep -F 'start-as-root: /usr/bin/id is disabled: '
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

check rsyslog <<'CHECK'
test ! -u /usr/sbin/rsyslogd
CHECK

check rsyslog <<'CHECK'
/usr/sbin/rsyslogd -N1
CHECK

check rsyslog <<'CHECK'
# As clusters run it (no new privileges, a user id of their own), sudo cannot work and its service is disabled.
if grep -q '^NoNewPrivs:.1' /proc/self/status || [[ $(id -u) != 1000 ]]; then echo 'sudo cannot work here' && exit 77; fi
sudo -n -l /usr/sbin/rsyslogd -n
CHECK

check rsyslog <<'CHECK'
! sudo -n -l /usr/sbin/rsyslogd
CHECK

check rsyslog <<'CHECK'
! sudo -n /usr/sbin/rsyslogd -N1 -f /etc/hostname
CHECK

check rsyslog <<'CHECK'
test ! -w /var/log
CHECK

check cron <<'CHECK'
test ! -u /usr/sbin/cron
CHECK

check cron <<'CHECK'
# As clusters run it (no new privileges, a user id of their own), sudo cannot work and its service is disabled.
if grep -q '^NoNewPrivs:.1' /proc/self/status || [[ $(id -u) != 1000 ]]; then echo 'sudo cannot work here' && exit 77; fi
sudo -n -l /usr/sbin/cron -f -L 15
CHECK

check cron <<'CHECK'
! sudo -n -l /usr/sbin/cron
CHECK

check cron <<'CHECK'
! sudo -n /usr/sbin/cron -f -L 0
CHECK

check cron <<'CHECK'
! sudo -n -u daemon /usr/sbin/cron -f -L 15
CHECK

check netdata <<'CHECK'
test -f /etc/netdata/.opt-out-from-anonymous-statistics
CHECK

check netdata <<'CHECK'
test ! -u /usr/sbin/netdata
CHECK

check netdata <<'CHECK'
# As clusters run it (no new privileges, a user id of their own), sudo cannot work and its service is disabled.
if grep -q '^NoNewPrivs:.1' /proc/self/status || [[ $(id -u) != 1000 ]]; then echo 'sudo cannot work here' && exit 77; fi
sudo -n -l /usr/sbin/netdata -D -p 8050
CHECK

check netdata <<'CHECK'
! sudo -n -l /usr/sbin/netdata
CHECK

check netdata <<'CHECK'
! sudo -n /usr/sbin/netdata -D -p 8051
CHECK

check netdata <<'CHECK'
grep -E '^[[:space:]]*bind (socket )?to( IP)? = (127\.0\.0\.1|localhost)' /etc/netdata/netdata.conf
CHECK

check nginx <<'CHECK'
folder=$(mktemp --directory) && /usr/sbin/nginx -e stderr -t -p "$folder" -c /etc/nginx/desktop.conf
CHECK

check vnc <<'CHECK'
Xtigervnc -version
CHECK

check vnc <<'CHECK'
for id in noVNC_status noVNC_connect_button; do grep -F "id=\"$id\"" /usr/share/novnc/vnc.html; done
for class in noVNC_status_error noVNC_connecting noVNC_connected noVNC_disconnecting noVNC_reconnecting; do grep -F "$class" /usr/share/novnc/app/ui.js; done
grep -F '</head>' /usr/share/novnc/vnc.html
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
$(command -v with-account) start-session >"$folder/session.log" 2>&1 &
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

check landing <<'CHECK'
/usr/local/lib/desktop/start.d/50-landing
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


static = Path("/usr/local/share/desktop-landing")
written = Path("/tmp/desktop/landing")
routes = "".join(path.read_text() for path in Path("/etc/nginx/desktop.d").glob("*.conf"))
tools = {}
for language in ("en", "fr"):
    page = Page()
    page.feed((written / f"{language}.html").read_text(encoding="utf-8"))
    assert page.language == f"{language}-CA" and not page.open_tags
    assert "desktop" in page.targets
    tools[language] = [target for target in page.targets if target.startswith("tools/")]
    for target in set(page.targets) - {"desktop"}:
        if target.startswith("tools/"):
            assert f"/{target}" in routes, f"{language}.html: no route for {target}"
        else:
            assert (static / target).is_file(), f"{language}.html: no such file: {target}"
assert tools["en"] == tools["fr"], tools
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
good='RUNNING|EXITED'
if sudo -n -l >/dev/null 2>&1 && ! grep -Eq '^[^ ]+ / [^ ]+ ro[, ]' /proc/mounts; then good=RUNNING; fi
services() { supervisorctl -c /etc/supervisor/desktop.conf status || true; }
stay_up() { local state && state=$(services) && [[ $state == *RUNNING* ]] && ! grep -Evw "$good" <<<"$state" >&2; }
routes() { sed -nE 's#^ *location (= )?(/tools/[a-z-]+/) .*#\2#p' /etc/nginx/desktop.d/*.conf | sort -u; }
answered() {
    local route code
    for route in $(routes); do
        code=$(curl --silent --location --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:8888/notebook/space/name$route")
        [[ $code == 200 ]] || { [[ $good == *EXITED* ]] && [[ $route == */netdata/ ]]; } || { echo "$route: $code" >&2 && return 1; }
    done
}
echo 'env | grep _THREADS= >threads; exit 1' >"$HOME/on_startup.sh"
OMP_NUM_THREADS=3 start-desktop >"$HOME/log" 2>&1 &
for _ in {1..90}; do sleep 1; stay_up 2>/dev/null && xset q >/dev/null 2>&1 && answered 2>/dev/null && break; done
sleep 5
stay_up && answered || { services; cat "$HOME/log"; exit 1; }
grep -x OMP_NUM_THREADS=3 "$HOME/threads" && grep -E '^NUMBA_NUM_THREADS=[1-9][0-9]*$' "$HOME/threads"
grep -F 'on_startup.sh failed' "$HOME/log"
curl --fail --silent http://127.0.0.1:8888/healthy
curl --fail --silent http://127.0.0.1:8888/notebook/space/name/ | grep -F 'href="desktop"'
test "$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 2 --header 'Connection: Upgrade' --header 'Upgrade: websocket' --header 'Sec-WebSocket-Version: 13' --header 'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==' --http1.1 http://127.0.0.1:8888/notebook/space/name/vnc/websockify)" = 101
# What the web server leads to listens on loopback alone.
python3 - <<'PYTHON'
import re
from pathlib import Path

configuration = "".join(path.read_text() for path in Path("/etc/nginx/desktop.d").glob("*.conf"))
ports = {int(port) for port in re.findall(r"http://127\.0\.0\.1:(\d+)", configuration)}
loopback = ("0100007F", "00000000000000000000000001000000")
for name in ("tcp", "tcp6"):
    for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
        fields = line.split()
        address, port = fields[1].split(":")
        if fields[3] == "0A" and int(port, 16) in ports:
            assert address in loopback, f"port {int(port, 16)} is open to the network"
PYTHON
supervisorctl -c /etc/supervisor/desktop.conf shutdown
wait
CHECK

check gui-tools <<'CHECK'
for program in baobab catfish gftp-gtk gigolo gio htop mousepad nautilus sqlitebrowser vim xarchiver xfce4-taskmanager; do
    command -v "$program"
done
CHECK

check gui-tools <<'CHECK'
7zz i | grep -Ew '7z|zip'
CHECK

check gui-tools <<'CHECK'
python3 - <<'PYTHON'
import configparser, shutil
from pathlib import Path

missing = []
for path in sorted(Path("/usr/share/applications").glob("*.desktop")):
    entry = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#",))
    entry.optionxform = str
    entry.read_string(path.read_text(encoding="utf-8"))
    program = entry["Desktop Entry"].get("TryExec") or entry["Desktop Entry"].get("Exec", "true").split()[0]
    if not shutil.which(program.strip('"')):
        missing.append(f"{path.name}: {program}")
assert not missing, missing
PYTHON
CHECK

check gui-tools <<'CHECK'
for domain in thunar mousepad xfce4-panel baobab; do
    compgen -G "/usr/share/locale*/fr/LC_MESSAGES/$domain.mo"
done
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

check office <<'CHECK'
export HOME=$(mktemp --directory) && cd "$HOME"
printf '1;2;=A1+B1\n' >sheet.csv
soffice --headless --infilter='CSV:59,34,76,1,,0,false,true,false' --convert-to csv:'Text - txt - csv (StarCalc)':44,34,76 --outdir out sheet.csv
grep -Fx '1,2,3' out/sheet.csv
CHECK

check office <<'CHECK'
test -d /usr/lib/libreoffice/program/resource/fr
CHECK

check office <<'CHECK'
test -d /usr/share/libreoffice/help/fr || test -d /usr/lib/libreoffice/help/fr
CHECK

check office <<'CHECK'
test -f /usr/share/hunspell/fr_CA.dic || test -f /usr/share/hunspell/fr.dic || test -f /usr/share/hunspell/fr_FR.dic
CHECK

check office <<'CHECK'
command -v eog
CHECK

check jupyter <<'CHECK'
export HOME=$(mktemp --directory) DESKTOP_BASE_PATH=/notebook/space/name
start-jupyter >"$HOME/log" 2>&1 &
address=http://127.0.0.1:8090/notebook/space/name/tools/jupyter
for _ in {1..120}; do curl --fail --silent "$address/api" >/dev/null && break; sleep 0.5; done
curl --fail --silent "$address/api/kernelspecs" | grep -F '"python3"'
kill %1
CHECK

check jupyter <<'CHECK'
export HOME=$(mktemp --directory)
cd "$HOME"
python3 - <<'PYTHON'
from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="python3")
replies = []
client.execute_interactive("print(6 * 7)", timeout=60, output_hook=replies.append)
manager.shutdown_kernel(now=True)
assert any(reply["content"].get("text") == "42\n" for reply in replies), replies
PYTHON
CHECK

check tools <<'CHECK'
for program in bsdtar bzip2 clinfo csh dot file gawk git gpg gpg-agent google-pprof ip isql jed jq less lsof lzop nano netstat openssl ping plocate ps pstree rsync screen svn tmux tree unp unzip wget xclip xmlstarlet yara zip; do
    command -v "$program"
done
CHECK

check tools <<'CHECK'
test "$(echo '{"a": [1, 2]}' | jq -c .a)" = '[1,2]'
CHECK

check tools <<'CHECK'
echo 'digraph { a -> b }' | dot -Tsvg | grep -F '</svg>'
CHECK

check tools <<'CHECK'
folder=$(mktemp --directory) && cd "$folder"
echo text >file && zip --quiet file.zip file && rm file && bsdtar -xf file.zip && grep -x text file
CHECK

check tools <<'CHECK'
export HOME=$(mktemp --directory) && cd "$HOME"
git init --quiet && git -c user.name=Nobody -c user.email=nobody@example.org commit --quiet --allow-empty --message=first && git log --oneline | grep first
CHECK

check ssh <<'CHECK'
$(command -v with-account) ssh -V
CHECK

check ssh <<'CHECK'
$(command -v with-account) ssh -G localhost | grep -x 'stricthostkeychecking ask'
CHECK

check ssh <<'CHECK'
! command -v sshd
CHECK

check ssh <<'CHECK'
! compgen -G '/etc/ssh/ssh_host_*'
CHECK

check development <<'CHECK'
folder=$(mktemp --directory) && cd "$folder"
cat >program.c <<'C'
#include <png.h>
#include <stdio.h>

int main(void)
{
    puts(png_get_libpng_ver(NULL));
    return 0;
}
C
read -ra flags <<<"$(pkgconf --cflags --libs libpng)"
gcc -Wall -Werror -o program program.c "${flags[@]}" && ./program
CHECK

check development <<'CHECK'
folder=$(mktemp --directory) && cd "$folder"
cat >sum.c <<'C'
#include <mpi.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    int rank, one = 1, sum = 0;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Reduce(&one, &sum, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0)
        printf("sum %d\n", sum);
    MPI_Finalize();
    return 0;
}
C
mpicc -o sum sum.c
mpirun --oversubscribe --mca plm isolated --mca btl self,vader -n 2 ./sum | grep -x 'sum 2'
CHECK

check development <<'CHECK'
cmake --version && protoc --version && swig -version
CHECK

check python <<'CHECK'
export HOME=$(mktemp --directory)
python - <<'PYTHON'
import importlib

for name in (
    "click crontab cython dill docutils flask future google.protobuf graphviz imageio jmespath joblib networkx "
    "numpy pandas PIL psutil regex requests scipy six tabulate toolz tqdm urllib3 yaml"
).split():
    importlib.import_module("Cython" if name == "cython" else name)

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot, numpy, pandas, scipy.linalg

assert scipy.linalg.det(numpy.array([[1.0, 2.0], [3.0, 4.0]])) + 2 < 1e-9
assert pandas.DataFrame({"a": [1, 2]})["a"].sum() == 3
matplotlib.pyplot.plot([1, 2])
matplotlib.pyplot.savefig("/dev/null", format="png")
PYTHON
CHECK

check python <<'CHECK'
folder=$(mktemp --directory)
python3 -m venv "$folder/own" && "$folder/own/bin/pip" --version
CHECK

check python <<'CHECK'
if grep -qx ID=debian /etc/os-release; then
    NUMBA_CACHE_DIR=$(mktemp --directory) python -c 'import numba; assert numba.njit(lambda a: a * 7)(6) == 42'
fi
CHECK

check nodejs <<'CHECK'
test "$(node --eval 'console.log([1, 2].map(n => n * 2).join())')" = 2,4
CHECK

check nodejs <<'CHECK'
export HOME=$(mktemp --directory) && yarn --version
CHECK

check r <<'CHECK'
Rscript -e 'stopifnot(.libPaths()[1] == "/opt/r/library", l10n_info()$`UTF-8`, jsonlite::fromJSON("[1, 2]") == 1:2)'
CHECK

check r <<'CHECK'
Rscript -e 'for (name in c("Cairo", "RODBC", "caret", "forecast", "glmnet", "hexbin", "htmlwidgets", "knitr", "plyr", "quantmod", "randomForest", "reticulate", "rmarkdown", "shiny", "tidyverse", "zoo")) suppressMessages(library(name, character.only = TRUE))'
CHECK

check r <<'CHECK'
export HOME=$(mktemp --directory)
Rscript -e 'reticulate::use_python("/usr/bin/python3"); stopifnot(reticulate::py_eval("6 * 7") == 42)'
python3 -c 'import rpy2.robjects; assert rpy2.robjects.r("6 * 7")[0] == 42'
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

check jupyter-r <<'CHECK'
export HOME=$(mktemp --directory)
cd "$HOME"
python3 - <<'PYTHON'
from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="ir", startup_timeout=120)
replies = []
client.execute_interactive("cat(6 * 7)", timeout=60, output_hook=replies.append)
manager.shutdown_kernel(now=True)
assert any(reply["content"].get("text") == "42" for reply in replies), replies
PYTHON
CHECK

exit "$((failures > 0))"
