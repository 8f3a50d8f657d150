#!/usr/bin/env bash
# distribution, the registry of container images, whose path is the first argument: its blobs and manifests are objects.
set -euo pipefail

readonly program=$1
readonly blob_type=application/octet-stream manifest_type=application/vnd.oci.image.manifest.v1+json

version() {
  go version -m "$program" | awk '$1 == "mod" { print $3 }'
}

# A registry on a free port, which ends with this script.
start() {
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  cat > registry.yaml <<YAML
version: 0.1
log: {level: error}
storage:
  s3:
    accesskey: "$AWS_ACCESS_KEY_ID"
    secretkey: "$AWS_SECRET_ACCESS_KEY"
    region: us-east-1
    regionendpoint: "$AWS_ENDPOINT_URL"
    forcepathstyle: true
    bucket: "$JOB_BUCKET"
    rootdirectory: "/${JOB_PREFIX}registry"
  delete: {enabled: true}
  redirect: {disable: true}
  maintenance: {uploadpurging: {enabled: false}}
http: {addr: "127.0.0.1:$port", secret: "of the tests"}
YAML
  "$program" serve registry.yaml > registry.log 2>&1 &
  trap "kill $!" EXIT
  readonly api="http://127.0.0.1:$port/v2/team/image"
  for _ in $(seq 100); do
    if ask "http://127.0.0.1:$port/v2/" > /dev/null 2>&1; then return; fi
    sleep 0.1
  done
  cat registry.log >&2
  return 1
}

ask() {
  curl --silent --show-error --fail-with-body "$@" || {
    cat registry.log >&2
    return 1
  }
}

# Pushes the file $1; the answer is its digest.
push_blob() {
  local digest location
  digest=sha256:$(sha256sum < "$1" | cut --delimiter=' ' --fields=1)
  location=$(ask --request POST --output started --dump-header - "$api/blobs/uploads/" |
    sed --quiet 's/^Location: \(.*\)\r$/\1/p')
  ask --request PUT --header "Content-Type: $blob_type" --data-binary "@$1" \
    --output pushed "$location&digest=$digest"
  echo "$digest"
}

push_image() {
  local config layer
  echo '{}' > config
  config=$(push_blob config)
  layer=$(push_blob layer)
  cat > manifest <<JSON
{"schemaVersion": 2, "mediaType": "$manifest_type",
 "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 3, "digest": "$config"},
 "layers": [{"mediaType": "$blob_type", "size": $(stat --format %s layer), "digest": "$layer"}]}
JSON
  ask --request PUT --header "Content-Type: $manifest_type" --data-binary @manifest \
    --output pushed "$api/manifests/latest"
  echo "$layer"
}

write() {
  start
  seq 1000 > layer
  push_image > layers
}

work() {
  local layer digest
  start
  seq 1500000 > layer
  layer=$(push_image)
  ask "$api/blobs/$layer" | cmp - layer
  ask --header "Accept: $manifest_type" "$api/manifests/latest" | cmp - manifest
  ask "$api/tags/list" | grep --quiet '"tags":\["latest"\]'
  seq 1500001 > layer
  layer=$(push_image) # the tag is overwritten
  ask "$api/blobs/$layer" | cmp - layer
  digest=sha256:$(sha256sum < manifest | cut --delimiter=' ' --fields=1)
  ask --request DELETE "$api/manifests/$digest"
  if ask "$api/manifests/$digest" > found 2>&1; then return 1; fi
  grep --quiet MANIFEST_UNKNOWN found
}

"$2"
