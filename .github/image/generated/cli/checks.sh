#!/bin/bash
# The checks of rdspec-cli:latest, as TAP. In a container of the image, as its user:
#   docker run --rm --interactive rdspec-cli:latest bash -s < checks.sh
# Written by `rdspec generate` from spec/: edit the spec, not this file.
set -uo pipefail

count=0
failures=0

check() { # COMPONENT: runs the command on stdin; status 77 says that it does not apply here
  local command output title status=0
  command=$(cat)
  title="$1: ${command%%$'\n'*}"
  title=${title//#/\\#} # TAP reads what follows a hash as a directive
  count=$((count + 1))
  output=$(bash -euo pipefail -c "$command" </dev/null 2>&1) || status=$?
  if ((status == 0)); then
    echo "ok $count - $title"
  elif ((status == 77)); then
    echo "ok $count - $title # SKIP ${output##*$'\n'}"
  else
    failures=$((failures + 1))
    echo "not ok $count - $title"
    echo "  # ${output//$'\n'/$'\n'  # }"
  fi
}

echo "TAP version 14"
echo "1..4"

check git <<'CHECK'
test -s /etc/ssl/certs/ca-certificates.crt
CHECK

check git <<'CHECK'
git --version
CHECK

check rdspec <<'CHECK'
rdspec --version
CHECK

check rdspec <<'CHECK'
cd "$(mktemp -d)" && rdspec init trial && rdspec generate && rdspec generate --check
CHECK

exit "$((failures > 0))"
