# shellcheck shell=bash
# Sets the environment of one engine from its `env` file. Sourced by the commands in NAME/bin; takes the engine's folder.

load_environment() {
    local key value
    while IFS='=' read -r key value; do
        if [[ $key != PATH_PREFIX ]]; then
            export "$key=$value"
        fi
    done <"$1/env"
}
