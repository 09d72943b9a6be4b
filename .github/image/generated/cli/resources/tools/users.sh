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

# A home and a temporary folder that vanish, always of the same names: some programs write them into their caches.
scratch=/tmp/rdspec
mkdir --mode=0700 "$scratch"
mkdir "$scratch/home" "$scratch/tmp"
# What changes from here on is this layer's.
touch "$scratch/start"
sleep 0.02 # the clock of files ticks every few milliseconds
export HOME=$scratch/home TMPDIR=$scratch/tmp
export TZ=UTC0 SOURCE_DATE_EPOCH=1767225600
cd "$HOME"
mounts=(/run/*) # and what the image has there

free() { # passwd|group NAME-OR-ID WHAT ADVICE: fails where the image below has it
  local entry
  entry=$(getent "$1" "$2") || return 0
  printf '%s: %s %s belongs to %s already: %s\n' users.sh "$3" "$2" "${entry%%:*}" "${4//NAME/${entry%%:*}}" >&2
  exit 1
}
advice='say user.replaces = ["NAME"] in stack.toml, or choose another one in [user]'
free passwd rdspec "the user name" "$advice"
free passwd 1000 "the user id" "$advice"
advice='if it is the group of a user of this name, say user.replaces = ["NAME"] in stack.toml; else choose another one in [user]'
free group rdspec "the group name" "$advice"
free group 1000 "the group id" "$advice"

groupadd --gid 1000 rdspec
useradd --uid 1000 --gid 1000 --home-dir /home/rdspec --no-create-home --no-log-init \
  --shell /bin/bash rdspec

# A volume may lie over the home, so the image fills the skeleton instead.
install --directory --mode=0755 --owner=1000 --group=1000 /home/rdspec /usr/local/share/home-skeleton

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
  find "$path" -mindepth 1 -depth -type d -empty ! -path "$scratch" ! -path "$scratch/*" -cnewer "$scratch/start" -delete
done
rm -rf "$scratch"
