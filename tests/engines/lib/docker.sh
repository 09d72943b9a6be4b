# shellcheck shell=bash
# The Docker daemons: docker20 is Debian 12's own package, docker26 is Debian 13's in a chroot. docker26containerd is that
# once more with the image store of containerd, without which Docker writes no OCI archives and pushes no attestations.

: "${state:?the folder of the engines}" "${here:?the folder of engines}" "${repository:?}"

docker20_up() {
    docker_prepare docker20
    start_daemon docker20 unshare --fork --pid --kill-child --mount --mount-proc -- \
        /usr/sbin/dockerd "${daemon_flags[@]}"
}

docker26_up() {
    trixie_up
    docker_prepare docker26
    start_daemon docker26 unshare --fork --pid --kill-child --mount -- \
        "$here/lib/in-chroot" "$state/docker26/root" "$repository" /tmp "$state" -- dockerd "${daemon_flags[@]}"
}

docker26containerd_up() {
    local home=$state/docker26containerd
    trixie_up
    docker_prepare docker26containerd
    mkdir -p "$home/root"
    echo '{"features": {"containerd-snapshotter": true}}' >"$home/daemon.json"
    start_daemon docker26containerd unshare --fork --pid --kill-child --mount -- \
        "$here/lib/in-chroot" --from "$state/docker26/root" "$home/root" "$repository" /tmp "$state" -- \
        dockerd "${daemon_flags[@]}" --config-file "$home/daemon.json"
}

docker20_down() { stop_daemon docker20; }
docker26_down() { stop_daemon docker26; }
docker26containerd_down() { stop_daemon docker26containerd; }
docker20_status() { docker_status docker20; }
docker26_status() { docker_status docker26; }
docker26containerd_status() { docker_status docker26containerd; }
docker20_image_id() { docker_image_id docker20 "$1"; }
docker26_image_id() { docker_image_id docker26 "$1"; }
docker20_load() { "$state/docker20/bin/docker" load --quiet --input "$1"; }
docker26_load() { "$state/docker26/bin/docker" load --quiet --input "$1"; }

# This store knows an image by its manifest, which is made as it is loaded, and not by what the others know it by.
docker26containerd_image_id() {
    [[ -z $(docker_image_id docker26containerd "$1") ]] || cat "$state/docker26containerd/loaded" 2>/dev/null || true
}
docker26containerd_load() {
    "$state/docker26containerd/bin/docker" load --quiet --input "$1"
    base_image_id >"$state/docker26containerd/loaded"
}

docker_image_id() {
    "$state/$1/bin/docker" image inspect --format '{{.Id}}' "$2" 2>/dev/null | sed 's/^sha256://' || true
}

docker_status() {
    if daemon_runs "$1"; then
        echo "runs, pid $(daemon_pid "$1"), version $("$state/$1/bin/docker" version --format '{{.Server.Version}}')"
    else
        echo "stopped"
    fi
}

# Writes the engine's environment and sets daemon_flags.
docker_prepare() {
    local home=$state/$1
    # The kernel's limit of a socket's path, and containerd's own socket lies deeper.
    ((${#home} < 70)) || die "the path $home is too long for a socket; set RDSPEC_ENGINES_DIR to a shorter one"
    mkdir -p "$home/config"
    cat >"$home/env" <<END
PATH_PREFIX=$home/bin
DOCKER_HOST=unix://$home/docker.sock
DOCKER_CONFIG=$home/config
END
    # No bridge and no firewall rules: builds and containers use the host's network.
    daemon_flags=(
        --bridge=none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false
        --data-root "$home/data" --exec-root "$home/run" --pidfile "$home/run/dockerd.pid"
        --host "unix://$home/docker.sock" --shutdown-timeout 5
    )
}

# A daemon is known by the pid of its `unshare`, and by that process's start time: a pid alone may be another process's by now.

daemon_pid() { cut -d' ' -f1 "$state/$1/pid" 2>/dev/null; }

# Prints nothing for a process that has ended, even if nobody has waited for it yet.
start_time() {
    # Fields 3 (state) and 22 of stat; the second field may hold blanks, so count after its closing parenthesis.
    sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }'
}

daemon_runs() {
    local pid started
    read -r pid started 2>/dev/null <"$state/$1/pid" || return 1
    [[ -n $started && $(start_time "$pid") == "$started" ]]
}

start_daemon() {
    local name=$1 home=$state/$1 pid tries
    shift
    if daemon_runs "$name"; then
        return 0
    fi
    # Pids of a daemon that was killed mean nothing in a new pid namespace, and dockerd would trust them.
    unmount_below "$home/run"
    rm -rf --one-file-system "$home/run" "$home/docker.sock" "$home/pid"
    setsid "$@" </dev/null >"$home/log" 2>&1 9>&- &
    pid=$!
    disown "$pid"
    echo "$pid $(start_time "$pid")" >"$home/pid"
    for ((tries = 0; tries < 300; tries++)); do
        if "$home/bin/docker" version >/dev/null 2>&1; then
            "$home/bin/docker" container prune --force >/dev/null
            return 0
        fi
        daemon_runs "$name" || break
        sleep 0.2
    done
    tail -n 20 "$home/log" >&2
    die "$name did not start, see $home/log"
}

stop_daemon() {
    local name=$1 home=$state/$1 pid tries
    if daemon_runs "$name"; then
        pid=$(daemon_pid "$name")
        # `unshare` waits for its only child, the daemon.
        pkill -TERM --parent "$pid" || true
        for ((tries = 0; tries < 100; tries++)); do
            daemon_runs "$name" || break
            sleep 0.2
        done
        if daemon_runs "$name"; then
            say "$name did not stop in time, killing it"
            kill -KILL "$pid"
        fi
    fi
    rm -rf --one-file-system "$home/pid" "$home/docker.sock"
}

# Debian 13 with its docker.io, made once.
trixie_up() {
    local root=$state/docker26/root work=$state/docker26/root.partial log=$state/docker26/install.log mirror
    [[ ! -d $root ]] || return 0
    say "making the Debian 13 chroot of docker26 (once)"
    unmount_below "$state/docker26"
    rm -rf --one-file-system "$work"
    mkdir -p "$state/docker26"
    mirror=$(debian_mirror)
    unshare --mount debootstrap --variant=minbase --include=ca-certificates,iptables,iproute2 trixie "$work" "$mirror" \
        </dev/null >"$log" 2>&1 || die "debootstrap failed, see $log"
    apt_archive_options >"$work/etc/apt/apt.conf.d/local-archive"
    # The daemon is ours to start.
    printf '#!/bin/sh\nexit 101\n' >"$work/usr/sbin/policy-rc.d"
    chmod 0755 "$work/usr/sbin/policy-rc.d"
    unshare --mount "$here/lib/in-chroot" "$work" -- \
        apt-get install -y --no-install-recommends docker.io docker-cli docker-buildx \
        </dev/null >>"$log" 2>&1 || die "could not install docker.io into the chroot, see $log"
    rm -f "$work"/var/cache/apt/archives/*.deb
    mv "$work" "$root"
}
