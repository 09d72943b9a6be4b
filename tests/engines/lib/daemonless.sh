# shellcheck shell=bash
# buildah and podman: no daemon, but each gets a storage, a temporary folder and settings of its own.

: "${state:?the folder of the engines}"

# buildah runs commands in a chroot, as it must where it may not start containers; podman runs them with its OCI
# runtime, as on a usual machine.
buildah_up() {
    daemonless_prepare buildah
    echo BUILDAH_ISOLATION=chroot >>"$state/buildah/env"
}

podman_up() { daemonless_prepare podman; }

# Containers are left over only by runs that were killed.
buildah_down() { daemonless_down buildah rm --all; }
podman_down() { daemonless_down podman rm --all --force --time 0; }

daemonless_down() {
    local name=$1
    shift
    [[ -x $state/$name/bin/$name ]] || return 0
    "$state/$name/bin/$name" "$@" >/dev/null || say "$name could not remove its containers"
}

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
    local home=$state/$1 pids processes
    mkdir -p "$home/tmp"
    cat >"$home/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$home/storage"
runroot = "$home/run"
END
    # Both programs lower the process limit to the kernel's count of pids, and cannot raise it again.
    pids=$(cat /proc/sys/kernel/pid_max)
    processes=$(ulimit -H -u)
    if [[ $processes == unlimited ]] || ((processes > pids)); then
        processes=$pids
    fi
    # Without the limits, both ask for more than a machine may allow, or give less than a build needs (1024 open files).
    # runc, as crun refuses machines with both versions of cgroups.
    cat >"$home/containers.conf" <<END
[containers]
default_ulimits = ["nofile=$(ulimit -H -n):$(ulimit -H -n)", "nproc=$processes:$processes"]

[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
tmp_dir = "$home/run/libpod"
END
    # Images are local: with no registry to search, a missing one is an error at once.
    : >"$home/registries.conf"
    cat >"$home/env" <<END
PATH_PREFIX=$home/bin
CONTAINERS_STORAGE_CONF=$home/storage.conf
CONTAINERS_CONF=$home/containers.conf
CONTAINERS_REGISTRIES_CONF=$home/registries.conf
TMPDIR=$home/tmp
END
}
