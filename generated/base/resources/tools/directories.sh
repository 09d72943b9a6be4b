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

directory() { # OWNER PATH
  [[ -d $2 ]] || install --directory --mode=0755 --owner="${1%:*}" --group="${1#*:}" "$2"
}
directory 0:0 /etc/firefox
directory 0:0 /etc/firefox/policies
directory 0:0 /etc/nginx
directory 0:0 /etc/nginx/desktop.d
directory 0:0 /etc/supervisor
directory 0:0 /etc/supervisor/conf.d
directory 1000:1000 /home_nbuser_default/.config
directory 1000:1000 /home_nbuser_default/.config/xfce4
directory 1000:1000 /home_nbuser_default/.config/xfce4/xfconf
directory 1000:1000 /home_nbuser_default/.config/xfce4/xfconf/xfce-perchannel-xml
directory 1000:1000 /home_nbuser_default/Desktop
directory 0:0 /usr/local/share/applications
directory 0:0 /usr/local/share/desktop-landing
