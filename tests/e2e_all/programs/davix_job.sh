#!/usr/bin/env bash
# davix, the file transfers of high-energy physics: its tools, an object each.
set -euo pipefail

readonly url="${AWS_ENDPOINT_URL/#http/s3}/$JOB_BUCKET/${JOB_PREFIX}"
readonly options=(
  --s3accesskey "${AWS_ACCESS_KEY_ID:-}" --s3secretkey "${AWS_SECRET_ACCESS_KEY:-}"
  --s3alternate --s3region us-east-1 ${SSL_CERT_FILE:+--capath "$PWD/authorities"}
)

version() {
  davix-get --version 2>&1 | grep --only-matching '[0-9][0-9.]*' | head -n 1
}

# davix takes a folder of authorities, under the names that OpenSSL looks for.
trust() {
  if [ -z "${SSL_CERT_FILE:-}" ]; then return; fi
  mkdir authorities
  cp "$SSL_CERT_FILE" authorities/
  openssl rehash authorities
}

write() {
  seq 100000 > body
  davix-put "${options[@]}" body "${url}object"
}

work() {
  local object="${url}folder/a-b"
  seq 100 > body
  davix-put "${options[@]}" body "$object"
  seq 200000 > body
  davix-put "${options[@]}" body "$object"
  davix-get "${options[@]}" "$object" read
  cmp body read
  davix-ls "${options[@]}" "${url}folder/" | grep --quiet --fixed-strings a-b
  davix-rm "${options[@]}" "$object"
  if davix-get "${options[@]}" "$object" read 2> error; then exit 1; fi
  grep --quiet --ignore-case -E '404|not found|no such' error
}

trust
"$1"
