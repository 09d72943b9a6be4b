#!/bin/bash
# Makes the user of the image.
# Written by `rdspec generate` from spec/: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # LINE STATUS...: one status for each command of a pipeline, which ends in that line
  local line=$1 text
  shift
  text=$(sed -n "$((line - $# + 1)),${line}p" "$0")
  [[ $text == ')' ]] && return # the end of a subshell, which has said it already
  printf '%s: line %s failed with status %s:\n%s\n' users.sh "$line" "$*" "$text" >&2
}
trap 'failed "$LINENO" "${PIPESTATUS[@]}"' ERR

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
unset LD_LIBRARY_PATH

# A home and a temporary folder that vanish. What changes from here on is this layer's.
scratch=$(mktemp --directory /tmp/rdspec.XXXXXX)
mkdir "$scratch/home" "$scratch/tmp"
touch "$scratch/start"
sleep 0.02 # the clock of files ticks every few milliseconds
export HOME=$scratch/home TMPDIR=$scratch/tmp
export TZ=UTC0 SOURCE_DATE_EPOCH=1767225600
cd "$HOME"
mounts=(/run/*) # and what the image has there

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
  /run/lock
  /root/.cache
  /etc/{passwd,shadow,group,gshadow,subuid,subgid}-
)
for path in "${leftovers[@]}"; do
  [[ -e $path && ! -L $path ]] || continue
  find "$path" -xdev ! -type d ! -path "$scratch/*" -cnewer "$scratch/start" -delete
done
for path in /run/*; do
  [[ " ${mounts[*]} " == *" $path "* ]] || rm -r "$path"
done
for path in /tmp /var/tmp /run/lock; do
  [[ -d $path ]] || continue
  find "$path" -mindepth 1 -depth -type d -empty ! -path "$scratch*" -cnewer "$scratch/start" -delete
done
rm -rf "$scratch"
