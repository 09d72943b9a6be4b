# shellcheck shell=bash
# buildah and podman: no daemon, but each gets a storage, a temporary folder and settings of its own.

buildah_up() { daemonless_prepare buildah; }
podman_up() { daemonless_prepare podman; }

buildah_down() { "$state/buildah/bin/buildah" rm --all >/dev/null || say "buildah could not remove its containers"; }
podman_down() { "$state/podman/bin/podman" rm --all --force >/dev/null || say "podman could not remove its containers"; }

buildah_status() { daemonless_status buildah; }
podman_status() { daemonless_status podman; }

daemonless_status() {
    if [[ -x $state/$1/bin/$1 ]]; then
        echo "ready, version $("$state/$1/bin/$1" --version | cut -d' ' -f3)"
    else
        echo "not set up"
    fi
}

buildah_image_id() {
    "$state/buildah/bin/buildah" inspect --type image --format '{{.FromImageID}}' "docker.io/library/$1" 2>/dev/null || true
}
podman_image_id() {
    "$state/podman/bin/podman" image inspect --format '{{.Id}}' "docker.io/library/$1" 2>/dev/null || true
}

buildah_load() { "$state/buildah/bin/buildah" pull --quiet "docker-archive:$1"; }
podman_load() { "$state/podman/bin/podman" load --quiet --input "$1"; }

# Writes the engine's environment and configuration.
daemonless_prepare() {
    local home=$state/$1
    mkdir -p "$home/tmp"
    cat >"$home/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$home/storage"
runroot = "$home/run"
END
    # The limits are the caller's own: asking for more fails where they cannot be raised.
    cat >"$home/containers.conf" <<END
[containers]
cgroups = "disabled"
default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=$(ulimit -Hu):$(ulimit -Hu)"]

[engine]
runtime = "crun"
cgroup_manager = "cgroupfs"
events_logger = "none"
tmp_dir = "$home/run/libpod"
END
    # Images are local: with no registry to search, a missing one is an error at once.
    : >"$home/registries.conf"
    cat >"$home/env" <<END
PATH_PREFIX=$home/bin
BUILDAH_ISOLATION=chroot
CONTAINERS_STORAGE_CONF=$home/storage.conf
CONTAINERS_CONF=$home/containers.conf
CONTAINERS_REGISTRIES_CONF=$home/registries.conf
TMPDIR=$home/tmp
END
}
