# shellcheck shell=bash
# What the engines need from the machine: messages, Debian packages, its apt configuration, mounts.

say() { echo "$(basename "$0"): $*" >&2; }

die() {
    say "$*"
    exit 1
}

# Installs the Debian packages among the arguments that are missing. Services of new packages stay stopped.
install_packages() {
    local package missing=() policy=/usr/sbin/policy-rc.d own_policy=false result=0
    for package in "$@"; do
        # A package may be "installed" as another one that provides it, so ask for the exact state.
        if [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            missing+=("$package")
        fi
    done
    ((${#missing[@]})) || return 0
    say "installing ${missing[*]}"
    if [[ ! -e $policy ]]; then
        own_policy=true
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 0755 "$policy"
    fi
    {
        apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"
    } </dev/null >&2 || result=$?
    if $own_policy; then
        rm -f "$policy"
    fi
    ((result == 0)) || die "could not install ${missing[*]}"
}

# Prints "URI SUITE" for each Debian suite of the release $1 that this machine's apt is configured with.
apt_suites() {
    apt-get indextargets --format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' |
        awk -v release="$1" '$3 == "main" && ($2 == release || index($2, release "-") == 1) { print $1, $2 }' |
        sort -u
}

# Prints the mirror of the main Debian archive: the machine's own, or debootstrap's built-in one.
debian_mirror() {
    local mirror
    mirror=$(apt_suites bookworm | awk '$2 == "bookworm" { print $1; exit }')
    if [[ -z $mirror ]]; then
        mirror=$(sed -n 's/^DEF_MIRROR="\(.*\)"$/\1/p' "$(command -v debootstrap)")
    fi
    [[ -n $mirror ]] || die "found no Debian mirror: neither apt nor debootstrap names one"
    echo "${mirror%/}"
}

# Prints the machine's apt options without which its archive cannot be used from elsewhere: proxies, and the
# date checks that a frozen mirror needs to have switched off. A usual machine has none of them.
apt_archive_options() {
    apt-config dump --no-empty --format '%F "%v";%n' |
        sed -n -E '/^Acquire::(Check-Valid-Until|Check-Date|https?::Proxy|Retries) /p'
}

# Kills every process whose root folder lies below the folder $1: commands of builds whose caller was killed.
kill_below() {
    local root pid
    for root in /proc/[0-9]*/root; do
        if [[ $(readlink "$root" 2>/dev/null) == "$1"/* ]]; then
            pid=${root#/proc/}
            kill -KILL "${pid%/root}" 2>/dev/null || true
        fi
    done
}

# Unmounts every mount below the folder $1, the deepest first.
unmount_below() {
    local target
    # Field 5 of mountinfo is the mount point, with blanks as octal escapes.
    while read -r target; do
        # Unmounting one may take others along.
        mountpoint --quiet "$target" || continue
        umount "$target" || umount --lazy "$target" || say "could not unmount $target"
    done < <(awk -v below="$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -r | sed 's/\\040/ /g')
}
