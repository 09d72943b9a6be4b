#!/bin/bash
# Does what a component needs beyond packages and files.
# Written by `rdspec generate` from spec/components/file-browser.toml: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # LINE STATUS...: one status for each command of a pipeline, which ends in that line
  local line=$1 text
  shift
  text=$(sed -n "$((line - $# + 1)),${line}p" "$0")
  [[ $text == ')' ]] && return # the end of a subshell, which has said it already
  printf '%s: line %s failed with status %s:\n%s\n' file-browser.sh "$line" "$*" "$text" >&2
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

# Downloads stay in the cache that is mounted at /run/downloads, under the name of their SHA-256. What is
# verified and used is a private copy: another build may be writing to the cache.
download=$scratch/download
fetch() { # SHA256 SIZE URL...: leaves the verified file in $download; SIZE is in bytes, or "any"
  local sha256=$1 size=$2 cached=/run/downloads/$1 url actual part limit=()
  shift 2
  [[ $size == any ]] || limit=(--max-filesize "$size")
  if cp "$cached" "$download" 2>/dev/null && sha256sum --check --status <<<"$sha256  $download"; then
    return
  fi
  for url in "$@"; do
    if curl --fail --silent --show-error --location --proto "=${url%%:*}" --proto-redir '=https' \
      --retry 3 --connect-timeout 30 --speed-limit 1024 --speed-time 60 "${limit[@]}" --output "$download" "$url"; then
      actual=$(stat --format=%s "$download")
      if [[ $size != any && $actual != "$size" ]]; then
        echo "$url: the file has $actual bytes, wanted are $size" >&2
        continue
      fi
      actual=$(sha256sum "$download" | cut --delimiter=' ' --fields=1)
      if [[ $actual == "$sha256" ]]; then
        part=$(mktemp "$cached.XXXXXX")
        cp "$download" "$part"
        mv "$part" "$cached"
        return
      fi
      echo "$url: the SHA-256 is $actual, wanted is $sha256" >&2
    fi
  done
  echo "file-browser.sh: no verified download of $sha256" >&2
  return 1
}

new() { # PATH: fails where it would write over something
  if [[ -e $1 || -L $1 ]]; then
    echo "file-browser.sh: $1 exists already; it needs a path of its own" >&2
    return 1
  fi
}

# filebrowser
case $(dpkg --print-architecture) in
  amd64)
    fetch 8cd8c3baecb086028111b912f252a6e3169737fa764b5c510139e81f9da87799 any \
      https://github.com/filebrowser/filebrowser/releases/download/v2.59.0/linux-amd64-filebrowser.tar.gz
    select=(
      filebrowser
    )
    ;;
  *)
    echo "file-browser.sh: no filebrowser for this architecture" >&2
    exit 1
    ;;
esac
new /opt/filebrowser
mkdir -p /opt/filebrowser
tar --extract --gzip --file="$download" --directory=/opt/filebrowser --strip-components=0 \
  --no-same-owner --no-same-permissions --no-wildcards -- "${select[@]}"
[[ -n $(find /opt/filebrowser -mindepth 1 -print -quit) ]] # else "strip" dropped everything

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
