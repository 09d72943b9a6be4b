# shellcheck shell=bash
# debian:bookworm made on this machine, since no image can be pulled: debootstrap's minbase with the settings of the
# official image, as those decide what apt leaves behind. One docker-archive, loaded into each engine: the image has
# the same id everywhere.

: "${state:?the folder of the engines}"

base_tag=debian:bookworm
# Raise it when this file changes the image.
base_recipe=3

base_archive() { echo "$state/base/debian-bookworm-$base_recipe.tar"; }

base_image_up() {
    # A base that lacks newer security updates would be upgraded in our layers, and its bytes stored twice.
    [[ -z $(find "$(base_archive)" -mmin -720 2>/dev/null) ]] || return 0
    local work=$state/base/work mirror
    mirror=$(debian_mirror)
    say "making $base_tag (once)"
    unmount_below "$state/base"
    rm -rf --one-file-system "$work"
    mkdir -p "$work/image"
    # In its own mount namespace, so that a killed debootstrap leaves no mounts.
    unshare --mount debootstrap --variant=minbase bookworm "$work/rootfs" "$mirror" \
        </dev/null >"$state/base/debootstrap.log" 2>&1 || die "debootstrap failed, see $state/base/debootstrap.log"
    configure_like_official "$work/rootfs"
    unshare --mount chroot "$work/rootfs" sh -c 'apt-get update && apt-get --yes dist-upgrade' \
        </dev/null >"$state/base/upgrade.log" 2>&1 || die "the upgrade failed, see $state/base/upgrade.log"
    forget_the_build "$work/rootfs"
    write_archive "$work/rootfs" "$work/image"
    mv "$work/image.tar" "$(base_archive)"
    rm -rf --one-file-system "$work"
}

# The settings of the official image, each in the file of the same name as there.
configure_like_official() {
    local rootfs=$1 apt_conf=$1/etc/apt/apt.conf.d uri suite
    local clean='rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true'

    cat >"$apt_conf/docker-clean" <<END
// Keep neither downloaded packages nor apt's binary caches.
DPkg::Post-Invoke { "$clean"; };
APT::Update::Post-Invoke { "$clean"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
END
    cat >"$apt_conf/docker-gzip-indexes" <<'END'
// Store the package lists compressed.
Acquire::GzipIndexes "true";
END
    cat >"$apt_conf/docker-no-languages" <<'END'
// Fetch no translated package descriptions.
Acquire::Languages "none";
END
    cat >"$apt_conf/docker-autoremove-suggests" <<'END'
// A package that is only suggested by another one may be removed automatically.
Apt::AutoRemove::SuggestsImportant "false";
END
    cat >"$rootfs/etc/dpkg/dpkg.cfg.d/docker-apt-speedup" <<'END'
# A build that is interrupted starts afresh: no need to sync each file to the disk.
force-unsafe-io
END
    cat >"$rootfs/usr/sbin/policy-rc.d" <<'END'
#!/bin/sh
# A build starts no services.
exit 101
END
    chmod 0755 "$rootfs/usr/sbin/policy-rc.d"

    # Not in the official image, and absent on a machine that uses an ordinary mirror without a proxy.
    apt_archive_options >"$apt_conf/local-archive"
    [[ -s $apt_conf/local-archive ]] || rm "$apt_conf/local-archive"

    rm -f "$rootfs/etc/apt/sources.list"
    while read -r uri suite; do
        cat <<END
Types: deb
URIs: $uri
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

END
    done < <(base_suites) >"$rootfs/etc/apt/sources.list.d/debian.sources"
}

# "URI SUITE" of the three suites of the official image, from the machine's own configuration where it has them.
base_suites() {
    local mirror suite uri
    mirror=$(debian_mirror)
    for suite in bookworm bookworm-updates bookworm-security; do
        uri=$(apt_suites bookworm | awk -v suite="$suite" '$2 == suite { print $1; exit }')
        if [[ -z $uri && $suite == bookworm-security ]]; then
            uri=$mirror-security
        fi
        uri=${uri:-$mirror}
        echo "${uri%/} $suite"
    done
}

# Removes what belongs to this machine and to the making of the image.
forget_the_build() {
    local rootfs=$1
    find "$rootfs/dev" "$rootfs/proc" "$rootfs/sys" "$rootfs/tmp" -xdev -mindepth 1 -delete
    find "$rootfs/run" -xdev -mindepth 1 ! -path "$rootfs/run/lock" -delete
    find "$rootfs/var/lib/apt/lists" -mindepth 1 -delete
    find "$rootfs/var/cache/apt" "$rootfs/var/cache/ldconfig" -type f -delete
    find "$rootfs/var/log" -type f \( -name "*.log" -o -name "*.xz" \) -delete
    find "$rootfs/var/log" -type f -exec truncate --size 0 {} +
    rm -f "$rootfs"/etc/{passwd,shadow,group,gshadow,subuid,subgid}- "$rootfs"/var/lib/dpkg/*-old
    rm -f "$rootfs"/var/cache/debconf/*-old "$rootfs"/etc/ssh/ssh_host_* "$rootfs/etc/machine-id"
    echo localhost >"$rootfs/etc/hostname"
    : >"$rootfs/etc/resolv.conf"
}

# Writes IMAGE.tar, a docker-archive of the tree $1 (the format of `docker save`), with $2 as the scratch folder.
write_archive() {
    local rootfs=$1 image=$2 epoch='1970-01-01T00:00:00Z' layer_digest config_digest
    tar --create --file "$image/layer.tar" --directory "$rootfs" --sort=name --numeric-owner .
    layer_digest=$(sha256sum "$image/layer.tar" | cut -d' ' -f1)
    cat >"$image/config.json" <<END
{"architecture":"$(dpkg --print-architecture)","os":"linux","created":"$epoch",
 "config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["bash"]},
 "rootfs":{"type":"layers","diff_ids":["sha256:$layer_digest"]},
 "history":[{"created":"$epoch","created_by":"debootstrap --variant=minbase bookworm"}]}
END
    config_digest=$(sha256sum "$image/config.json" | cut -d' ' -f1)
    mv "$image/config.json" "$image/$config_digest.json"
    cat >"$image/manifest.json" <<END
[{"Config":"$config_digest.json","RepoTags":["docker.io/library/$base_tag"],"Layers":["layer.tar"]}]
END
    tar --create --file "$image.tar" --directory "$image" manifest.json "$config_digest.json" layer.tar
}

# Prints the image id that the archive gives in every engine.
base_image_id() { tar --list --file "$(base_archive)" | sed -n -E 's/^([0-9a-f]{64})\.json$/\1/p'; }

# Loads the base into an engine that lacks it. NAME_image_id and NAME_load are in docker.sh and daemonless.sh.
load_base_image() {
    local name=$1
    [[ $("${name}_image_id" "$base_tag") != "$(base_image_id)" ]] || return 0
    say "loading $base_tag into $name"
    "${name}_load" "$(base_archive)" >&2
}
