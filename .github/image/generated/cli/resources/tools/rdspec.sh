#!/bin/bash
# Does what a component needs beyond packages and files.
# Written by `rdspec generate` from spec/components/rdspec.toml: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # LINE STATUS...: one status for each command of a pipeline, which ends in that line
  local line=$1 text
  shift
  text=$(sed -n "$((line - $# + 1)),${line}p" "$0")
  [[ $text == ')' ]] && return # the end of a subshell, which has said it already
  printf '%s: line %s failed with status %s:\n%s\n' rdspec.sh "$line" "$*" "$text" >&2
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

# A copy, whose modes do not depend on those of the build context.
cp --recursive /run/rdspec.inputs "$scratch/inputs"
chmod -R u=rwX,go=rX "$scratch/inputs"
export INPUTS=$scratch/inputs

# The component's own script, in a shell of its own: it may end early, change directory, set variables.
(
gzip --decompress --force --stdout "$INPUTS/program" | install --mode=0755 /dev/stdin /usr/local/bin/rdspec
)

# Nothing temporary reaches the layer: what this script left in these places is removed.
shopt -s nullglob
leftovers=(
  /tmp
  /var/tmp
  /var/log
  /run/lock
  /root/.cache
  /var/cache/apt
  /var/lib/apt/lists
  /var/lib/dpkg/*-old
  /var/cache/debconf/*-old
  /var/cache/ldconfig/aux-cache
  /var/lib/ucf/hashfile.[0-9]
  /var/lib/ucf/registry.[0-9]
  /var/lib/sgml-base/*.old
  /etc/{passwd,shadow,group,gshadow,subuid,subgid}-
  /etc/machine-id
  /var/lib/dbus/machine-id
  /var/lib/systemd/random-seed
  /etc/ssh/ssh_host_*
  /etc/ssl/private/ssl-cert-snakeoil.key
  /etc/ssl/certs/ssl-cert-snakeoil.pem
  /etc/GNUstep/gdomap_probes
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
[[ ! -d /etc/ssl/certs ]] || find /etc/ssl/certs -lname '*ssl-cert-snakeoil.pem' -cnewer "$scratch/start" -delete
rm -rf "$scratch"
