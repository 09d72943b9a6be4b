#!/bin/bash
# Written by `rdspec generate` from spec/components/firefox.toml: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # STATUS STATUSES-OF-THE-PIPELINE LINE
  echo "firefox.sh: line $3 failed with status $1 (commands: $2):" >&2
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

# Downloads stay in the cache that is mounted at /run/downloads, under the name of their SHA-256.
fetch() { # SHA256 URL...: the verified file is then $fetched
  local sha256=$1 url actual
  shift
  fetched=/run/downloads/$sha256
  if sha256sum --check --status <<<"$sha256  $fetched" 2>/dev/null; then
    return
  fi
  for url in "$@"; do
    if curl --fail --silent --show-error --location --retry 3 \
      --proto "=${url%%:*}" --proto-redir '=https' --output "$scratch/download" "$url"; then
      actual=$(sha256sum "$scratch/download" | cut --delimiter=' ' --fields=1)
      if [[ $actual == "$sha256" ]]; then
        cp "$scratch/download" "$fetched.$$"
        mv "$fetched.$$" "$fetched"
        rm "$scratch/download"
        return
      fi
      echo "$url: the SHA-256 is $actual, wanted is $sha256" >&2
    fi
  done
  echo "firefox.sh: no verified download of $sha256" >&2
  return 1
}

# firefox
case $(dpkg --print-architecture) in
  amd64) fetch a90174f8fecfb1767371015a625a2f7ffc1edafd9110717348e797a46a066edf \
    https://archive.mozilla.org/pub/firefox/releases/140.16.0esr/linux-x86_64/en-US/firefox-140.16.0esr.tar.xz ;;
  *) echo "firefox.sh: no firefox for this architecture" >&2; exit 1 ;;
esac
mkdir -p /opt/firefox
tar --extract --xz --file="$fetched" --directory=/opt/firefox --strip-components=1 \
  --no-same-owner --no-same-permissions

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
for path in /run/*; do
  [[ " ${run[*]} " == *" $path "* ]] || rm -r "$path"
done
find /tmp /var/tmp -mindepth 1 -depth -type d -empty ! -path "$scratch*" -cnewer "$scratch/start" -delete
[[ ! -d /etc/ssl/certs ]] || find /etc/ssl/certs -lname '*ssl-cert-snakeoil.pem' -delete
rm -rf "$scratch"
