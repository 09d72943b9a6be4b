#!/bin/bash
# Installs sudo rules, checked by visudo.
# Written by `rdspec generate` from spec/: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # LINE STATUS...: one status for each command of a pipeline, which ends in that line
  local line=$1 text
  shift
  text=$(sed -n "$((line - $# + 1)),${line}p" "$0")
  [[ $text == ')' ]] && return # the end of a subshell, which has said it already
  printf '%s: line %s failed with status %s:\n%s\n' sudoers.sh "$line" "$*" "$text" >&2
}
trap 'failed "$LINENO" "${PIPESTATUS[@]}"' ERR

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
unset LD_LIBRARY_PATH

install_rule() { # FILE
  visudo --check --strict --file="/run/sudoers.rules/$1"
  install --mode=0440 --owner=root --group=root "/run/sudoers.rules/$1" "/etc/sudoers.d/$1"
}
install_rule cron
install_rule netdata
install_rule rsyslog
visudo --check --strict
