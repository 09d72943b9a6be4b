#!/bin/bash
# Makes the directories of the image's own files, where no package made them.
# Written by `rdspec generate` from spec/: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # LINE STATUS...: one status for each command of a pipeline, which ends in that line
  local line=$1 text
  shift
  text=$(sed -n "$((line - $# + 1)),${line}p" "$0")
  [[ $text == ')' ]] && return # the end of a subshell, which has said it already
  printf '%s: line %s failed with status %s:\n%s\n' directories.sh "$line" "$*" "$text" >&2
}
trap 'failed "$LINENO" "${PIPESTATUS[@]}"' ERR

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
unset LD_LIBRARY_PATH

directory() { # MODE OWNER PATH
  [[ -d $3 ]] || install --directory --mode="$1" --owner="${2%:*}" --group="${2#*:}" "$3"
}

described() { # MODE OWNER PATH: a directory that another layer must not have made otherwise
  local actual
  directory "$@"
  actual=$(stat --format='0%a %u:%g' "$3")
  if [[ $actual != "$1 $2" && $actual != "0$1 $2" ]]; then
    echo "directories.sh: $3 exists already, as $actual; leave it so, or set it where it is made" >&2
    return 1
  fi
}

described 0755 0:0 /stack
