#!/bin/bash
# Called at the end of each step, so that nothing temporary stays. The list of the archives' addresses is spared, which
# such helpers emptied where the distribution kept its own elsewhere.
set -e
apt-get autoremove --yes
apt-get clean
rm -rf /usr/local/src/* /tmp/* /var/tmp/* "$HOME/.cache" /var/cache/apt/* /var/lib/apt/lists/*
