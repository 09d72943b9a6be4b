#!/bin/bash
# Installs packages, as of 2026-11-23 or later; a newer date in the spec refreshes them.
# Written by `rdspec generate` from spec/: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # LINE STATUS...: one status for each command of a pipeline, which ends in that line
  local line=$1 text
  shift
  text=$(sed -n "$((line - $# + 1)),${line}p" "$0")
  [[ $text == ')' ]] && return # the end of a subshell, which has said it already
  printf '%s: line %s failed with status %s:\n%s\n' apt-volatile.sh "$line" "$*" "$text" >&2
}
trap 'failed "$LINENO" "${PIPESTATUS[@]}"' ERR

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
unset LD_LIBRARY_PATH DISPLAY LANG LANGUAGE SHELL VNC_RESOLUTION XAUTHORITY XDG_RUNTIME_DIR

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
export DEBIAN_FRONTEND=noninteractive

# Package lists, packages and logs live in the cache that is mounted at /run/apt. A changed configuration file stays.
apt_get() {
  apt-get --quiet --yes -o Dir::State::lists=/run/apt/lists -o Dir::Cache=/run/apt \
    -o Dir::Log=/run/apt/log -o DPkg::Options::=--log=/run/apt/log/dpkg.log -o DPkg::Options::=--force-confold "$@"
}
mkdir -p /run/apt/{lists/partial,archives/partial,log}

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
  echo "apt-volatile.sh: no verified download of $sha256" >&2
  return 1
}

# Packages that no archive has: apt-get installs them with the others. It reads them as a user of its own.
chmod 0711 "$scratch"
mkdir "$scratch/packages"

# rstudio.rstudio
case $(dpkg --print-architecture) in
  amd64)
    fetch a85734b70843d6157a423829ffbcff9eadc739403ab1c7425c17236f733f95d8 any \
      https://download1.rstudio.org/electron/jammy/amd64/rstudio-2026.01.0-392-amd64.deb
    ;;
  *)
    echo "apt-volatile.sh: no rstudio.rstudio for this architecture" >&2
    exit 1
    ;;
esac
chmod 0644 "$download"
mv "$download" "$scratch/packages/rstudio.rstudio.deb"

installed() { # every package that is installed, sorted
  dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort --unique
}
installed >"$scratch/installed"

apt_get --error-on=any update

apt_get install --purge --no-install-recommends \
  pm-utils- \
  xscreensaver- \
  "$scratch/packages/rstudio.rstudio.deb"

# What is kept out must not take along what the spec does not name.
lost=$(comm -23 "$scratch/installed" <(installed) | grep --invert-match --line-regexp --fixed-strings \
  --regexp=pm-utils \
  --regexp=xscreensaver
) || true
if [[ -n $lost ]]; then
  echo "apt-volatile.sh: purging removed these as well; name them in \`purge\` too:" >&2
  echo "$lost" >&2
  exit 1
fi

# For fontconfig, no folder of fonts is newer than SOURCE_DATE_EPOCH. One that is makes its own cache stale at once:
# fontconfig drops it, and every container would read all fonts when it starts.
if command -v fc-cache >/dev/null; then
  fc-cache --system-only --verbose | sed -n 's/: \(skipping\|caching\), .*//p' | sort --unique >"$scratch/fonts"
  while IFS= read -r folder; do
    [[ -d $folder ]] || continue
    find -H "$folder" -maxdepth 0 -newermt "@$SOURCE_DATE_EPOCH" -exec touch --date="@$SOURCE_DATE_EPOCH" {} +
  done <"$scratch/fonts"
  fc-cache --system-only
fi

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
