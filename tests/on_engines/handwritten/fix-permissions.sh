#!/bin/bash
# fix-permissions.sh FOLDER...: lets the user's group write to all that is in the folders, whoever put it there.
set -e
for folder in "$@"; do
  find "$folder" ! \( -group "$USER_GID" -a -perm -g+rwX \) -exec chgrp "$USER_GID" {} + -exec chmod g+rwX {} +
  find "$folder" -type d ! -perm -6000 -exec chmod +6000 {} +
done
