#!/usr/bin/env bash
# mc, MinIO's client, whose path is the first argument: copies, a mirror, a pipe.
set -euo pipefail

readonly mc=(env MC_CONFIG_DIR="$PWD/mc" "$1" --quiet --no-color)
export MC_HOST_proxy="${AWS_ENDPOINT_URL/:\/\//://${AWS_ACCESS_KEY_ID:-}:${AWS_SECRET_ACCESS_KEY:-}@}"
readonly url="proxy/$JOB_BUCKET/$JOB_PREFIX"

version() {
  go version -m "${mc[2]}" | awk '$1 == "mod" { print $3 }'
}

write() {
  seq 100000 > body
  "${mc[@]}" cp body "${url}object" > copied
}

work() {
  local object="${url}folder/a b+c%25&é=1"
  seq 100 > body
  "${mc[@]}" cp body "$object" > copied
  seq 10000000 > body # in parts
  "${mc[@]}" cp body "$object" > copied
  "${mc[@]}" cat "$object" | cmp - body
  "${mc[@]}" stat --json "$object" | grep --quiet '"size":78888897,'
  seq 1000 | "${mc[@]}" pipe "${url}folder/piped" > copied
  mkdir --parents tree/inner
  seq 10 > tree/one
  seq 20 > tree/inner/two
  "${mc[@]}" mirror tree "${url}folder/tree" > copied
  "${mc[@]}" mirror "${url}folder/tree" read > copied
  diff --recursive tree read
  "${mc[@]}" ls --recursive "${url}folder/" | awk '{ $1 = $2 = $3 = $4 = $5 = ""; print }' > listed
  [ "$(wc --lines < listed)" -eq 4 ]
  "${mc[@]}" rm --recursive --force "${url}folder/" > removed
  [ -z "$("${mc[@]}" ls --recursive "${url}folder/")" ]
}

"$2"
