#!/usr/bin/env bash
# rclone, whose path is the first argument: copies, a sync, a check, moves.
set -euo pipefail

readonly rclone=("$1" --retries 1 --low-level-retries 1 --config rclone.conf
  ${SSL_CERT_FILE:+--ca-cert "$SSL_CERT_FILE"})
export RCLONE_CONFIG_PROXY_TYPE=s3 RCLONE_CONFIG_PROXY_PROVIDER=Other
export RCLONE_CONFIG_PROXY_ENV_AUTH=true RCLONE_CONFIG_PROXY_ENDPOINT="$AWS_ENDPOINT_URL"
readonly url="proxy:$JOB_BUCKET/$JOB_PREFIX"

version() {
  "${rclone[0]}" version | sed --quiet '1s/rclone //p'
}

write() {
  seq 100000 > body
  "${rclone[@]}" copyto --ignore-times body "${url}object"
}

work() {
  local object="${url}folder/a b+c%25&é=1"
  seq 100 > body
  "${rclone[@]}" copyto body "$object"
  seq 2000000 > body
  "${rclone[@]}" copyto --s3-upload-cutoff 6M --s3-chunk-size 5M body "$object" # in parts
  "${rclone[@]}" cat "$object" | cmp - body
  mkdir --parents tree/inner
  seq 10 > tree/one
  seq 20 > tree/inner/two
  "${rclone[@]}" sync tree "${url}folder/tree"
  "${rclone[@]}" check --download tree "${url}folder/tree"
  rm tree/one
  "${rclone[@]}" sync tree "${url}folder/tree"
  "${rclone[@]}" moveto "$object" "${url}folder/moved"
  [ "$("${rclone[@]}" lsf --recursive --files-only "${url}folder" | sort | tr '\n' ' ')" = \
    "moved tree/inner/two " ]
  "${rclone[@]}" purge "${url}folder"
  [ -z "$("${rclone[@]}" lsf --recursive --files-only "$url")" ]
}

"$2"
