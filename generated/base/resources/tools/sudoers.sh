#!/bin/bash
# Installs sudo rules, checked by visudo.
# Written by `rdspec generate` from spec/: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # STATUS STATUSES-OF-THE-PIPELINE LINE
  echo "sudoers.sh: line $3 failed with status $1 (commands: $2):" >&2
  sed -n "${3}p" "$0" >&2
}
trap 'failed "$?" "${PIPESTATUS[*]}" "$LINENO"' ERR

install_rule() { # FILE
  visudo --check --strict --file="/run/sudoers.rules/$1"
  install --mode=0440 --owner=root --group=root "/run/sudoers.rules/$1" "/etc/sudoers.d/$1"
}
install_rule cron
visudo --check --strict
