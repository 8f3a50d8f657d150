#!/usr/bin/env bash
# duplicity: a full backup, one on top of it, a restore, and the old ones removed.
set -euo pipefail

export PASSPHRASE=none
readonly url="boto3+s3://$JOB_BUCKET/$JOB_PREFIX"
readonly options=(--no-encryption --s3-endpoint-url "$AWS_ENDPOINT_URL" --archive-dir "$PWD/archive"
  --num-retries 1 --verbosity error)

version() {
  duplicity --version | sed 's/^duplicity //'
}

write() {
  mkdir --parents source
  seq 100000 > source/one
  duplicity full "${options[@]}" source "${url}backup"
}

work() {
  write
  echo two > source/two
  duplicity incremental "${options[@]}" source "${url}backup"
  duplicity restore "${options[@]}" "${url}backup" restored
  diff --recursive source restored
  duplicity collection-status "${options[@]}" "${url}backup" > /dev/null
  sleep 1 # backups are named by the second
  duplicity full "${options[@]}" source "${url}backup"
  duplicity remove-all-but-n-full 1 --force "${options[@]}" "${url}backup"
  [ "$(duplicity collection-status --verbosity notice "${options[@]:0:5}" "${url}backup" | grep --count ' Full ')" = 1 ]
}


"$1"
