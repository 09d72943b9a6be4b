#!/bin/bash
# Makes the directories of the image's own files, where no package made them, and links.
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

link() { # OWNER TARGET PATH
  [[ -L $3 && $(readlink "$3") == "$2" ]] && return
  if [[ -e $3 || -L $3 ]]; then
    echo "directories.sh: $3 exists already, and a link must not replace it" >&2
    return 1
  fi
  ln --symbolic -- "$2" "$3"
  chown --no-dereference "$1" -- "$3"
}

directory 0755 0:0 /etc/firefox
directory 0755 0:0 /etc/firefox/policies
directory 0755 0:0 /etc/jupyter
directory 0755 0:0 /etc/nginx
directory 0755 0:0 /etc/nginx/desktop.d
directory 0755 0:0 /etc/supervisor
directory 0755 0:0 /etc/supervisor/conf.d
directory 0755 1000:1000 /home_nbuser_default/.config
directory 0755 1000:1000 /home_nbuser_default/.config/autostart
directory 0755 1000:1000 /home_nbuser_default/.config/xfce4
directory 0755 1000:1000 /home_nbuser_default/.config/xfce4/xfconf
directory 0755 1000:1000 /home_nbuser_default/.config/xfce4/xfconf/xfce-perchannel-xml
directory 0755 1000:1000 /home_nbuser_default/Desktop
directory 0755 0:0 /usr/local/lib/desktop
directory 0755 0:0 /usr/local/lib/desktop/start.d
directory 0755 0:0 /usr/local/share/desktop-landing
directory 0755 0:0 /usr/local/share/desktop-landing/tools.d
directory 0755 0:0 /usr/local/share/desktop-vnc
directory 0755 0:0 /var/lib/dbus

link 0:0 /usr/bin/yarnpkg /usr/local/bin/yarn
link 0:0 /tmp/desktop/machine-id /var/lib/dbus/machine-id
