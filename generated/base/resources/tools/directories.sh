#!/bin/bash
# Makes the directories of the image's own files, where no package made them.
# Written by `rdspec generate` from spec/: edit the spec, not this file.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

failed() { # STATUS STATUSES-OF-THE-PIPELINE LINE
  echo "directories.sh: line $3 failed with status $1 (commands: $2):" >&2
  sed -n "${3}p" "$0" >&2
}
trap 'failed "$?" "${PIPESTATUS[*]}" "$LINENO"' ERR

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
