#!/bin/bash
# Makes the user of the image.
# Written by `rdspec generate` from spec/: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # STATUS STATUSES-OF-THE-PIPELINE LINE
  echo "users.sh: line $3 failed with status $1 (commands: $2):" >&2
  sed -n "${3}p" "$0" >&2
}
trap 'failed "$?" "${PIPESTATUS[*]}" "$LINENO"' ERR

# The same surroundings for every build; a home that vanishes. What changes from here on is this layer's.
scratch=$(mktemp --directory)
mkdir "$scratch/home" "$scratch/tmp"
touch "$scratch/start"
sleep 0.02 # the clock of files ticks every few milliseconds
export HOME=$scratch/home TMPDIR=$scratch/tmp
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C.UTF-8 TZ=UTC0 SOURCE_DATE_EPOCH=1767225600
unset LD_LIBRARY_PATH
cd "$HOME"
run=(/run/*)

# The files of this user stay where the base image has them: removing them would free nothing.
if getent passwd ubuntu >/dev/null; then
  userdel ubuntu
fi

groupadd --gid 1000 jovyan
useradd --uid 1000 --gid 1000 --home-dir /home/jovyan --no-create-home --no-log-init \
  --shell /bin/bash jovyan

# A volume may lie over the home, so the image fills the skeleton instead.
install --directory --mode=0755 --owner=1000 --group=1000 /home/jovyan /home_nbuser_default

# Nothing temporary reaches the layer: what this script left in these places is removed.
shopt -s nullglob
leftovers=(
  /tmp
  /var/tmp
  /var/log
  /root/.cache
  /etc/{passwd,shadow,group,gshadow,subuid,subgid}-
)
for path in "${leftovers[@]}"; do
  [[ -e $path && ! -L $path ]] || continue
  find "$path" -xdev ! -type d ! -path "$scratch/*" -cnewer "$scratch/start" -delete
done
for path in /run/*; do
  [[ " ${run[*]} " == *" $path "* ]] || rm -r "$path"
done
find /tmp /var/tmp -mindepth 1 -depth -type d -empty ! -path "$scratch*" -cnewer "$scratch/start" -delete
rm -rf "$scratch"
