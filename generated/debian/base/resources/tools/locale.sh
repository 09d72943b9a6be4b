#!/bin/bash
# Does what a component needs beyond packages and files.
# Written by `rdspec generate` from spec/components/locale.toml: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # LINE STATUS...: one status for each command of a pipeline, which ends in that line
  local line=$1 text
  shift
  text=$(sed -n "$((line - $# + 1)),${line}p" "$0")
  [[ $text == ')' ]] && return # the end of a subshell, which has said it already
  printf '%s: line %s failed with status %s:\n%s\n' locale.sh "$line" "$*" "$text" >&2
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

new() { # PATH: fails where it would write over something
  if [[ -e $1 || -L $1 ]]; then
    echo "locale.sh: $1 exists already; it needs a path of its own" >&2
    return 1
  fi
}

# Each locale is a directory of its own: the archive of all locales is one file, which every image that adds a
# locale would store again. No hard links to locales of older layers either: linking copies a file up.
new /usr/lib/locale/en_CA.utf8
localedef --no-archive --no-hard-links --inputfile=en_CA --charmap=UTF-8 /usr/lib/locale/en_CA.utf8
new /usr/lib/locale/en_US.utf8
localedef --no-archive --no-hard-links --inputfile=en_US --charmap=UTF-8 /usr/lib/locale/en_US.utf8
new /usr/lib/locale/fr_CA.utf8
localedef --no-archive --no-hard-links --inputfile=fr_CA --charmap=UTF-8 /usr/lib/locale/fr_CA.utf8
new /usr/lib/locale/fr_FR.utf8
localedef --no-archive --no-hard-links --inputfile=fr_FR --charmap=UTF-8 /usr/lib/locale/fr_FR.utf8

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
