#!/bin/bash
# Written by `rdspec generate` from spec/components/r.toml: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # STATUS STATUSES-OF-THE-PIPELINE LINE
  echo "r.sh: line $3 failed with status $1 (commands: $2):" >&2
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

# What this script makes below these paths is for the user of the image; see the end.
writable=(
  /opt/r/library
)
directories() { # the directories below them that exist, sorted
  local path
  for path in "${writable[@]}"; do
    [[ ! -d $path ]] || find "$path" -xdev -type d -print0
  done | sort --zero-terminated --unique
}
directories >"$scratch/directories"

# The component's own script, in a shell of its own.
(
mkdir -p /opt/r/library
)

# Hand over what this script made: by ctime, since unpacked files keep old times. Directories only if
# they are new; a file with more names than the new ones stays, for some other layer has it too.
new_files() {
  local path identity links name
  local -A names=()
  for path in "${writable[@]}"; do
    [[ ! -d $path ]] || find "$path" -xdev ! -type d -cnewer "$scratch/start" -printf '%D:%i %n %p\0'
  done >"$scratch/files"
  while IFS=' ' read -r -d '' identity links name; do
    names[$identity]=$((${names[$identity]:-0} + 1))
  done <"$scratch/files"
  while IFS=' ' read -r -d '' identity links name; do
    [[ $links -gt ${names[$identity]} ]] || printf '%s\0' "$name"
  done <"$scratch/files"
}
{
  directories | comm --zero-terminated -13 "$scratch/directories" -
  new_files
} >"$scratch/new"
xargs --null --no-run-if-empty chown --no-dereference 1000:1000 -- <"$scratch/new"
while IFS= read -r -d '' path; do
  [[ -L $path ]] || printf '%s\0' "$path"
done <"$scratch/new" | xargs --null --no-run-if-empty chmod u+rwX,ug-s --

# Nothing temporary reaches the layer: what this script left in these places is removed.
shopt -s nullglob
leftovers=(
  /tmp
  /var/tmp
  /var/log
  /root/.cache
  /var/cache/apt
  /var/lib/apt/lists
  /var/lib/dpkg/*-old
  /var/cache/debconf/*-old
  /var/cache/ldconfig/aux-cache
  /run/adduser
  /etc/{passwd,shadow,group,gshadow,subuid,subgid}-
  /etc/machine-id
  /var/lib/dbus/machine-id
  /var/lib/systemd/random-seed
  /etc/ssh/ssh_host_*
  /etc/ssl/private/ssl-cert-snakeoil.key
  /etc/ssl/certs/ssl-cert-snakeoil.pem
)
for path in "${leftovers[@]}"; do
  [[ -e $path && ! -L $path ]] || continue
  find "$path" -xdev ! -type d ! -path "$scratch/*" -cnewer "$scratch/start" -delete
done
find /tmp /var/tmp -mindepth 1 -depth -type d -empty ! -path "$scratch*" -cnewer "$scratch/start" -delete
[[ ! -d /etc/ssl/certs ]] || find /etc/ssl/certs -lname '*ssl-cert-snakeoil.pem' -delete
rm -rf "$scratch"
