#!/usr/bin/env bash
# litestream, whose path is the first argument: a database that is replicated as it is written, and restored.
set -euo pipefail

readonly program=$1
# litestream 0.5.18 does not start with AWS_CA_BUNDLE; Go's own variable does the same.
if [ -n "${AWS_CA_BUNDLE:-}" ]; then export SSL_CERT_FILE=$AWS_CA_BUNDLE; fi
unset AWS_CA_BUNDLE

version() {
  go version -m "$program" | awk '$1 == "mod" { print $3 }'
}

configure() {
  cat > litestream.yml <<YAML
dbs:
  - path: $PWD/database
    replica:
      type: s3
      bucket: "$JOB_BUCKET"
      path: "${JOB_PREFIX}replica"
      endpoint: "$AWS_ENDPOINT_URL"
      region: us-east-1
      force-path-style: true
      sync-interval: 200ms
YAML
}

# Runs the SQL $1 and prints what it finds.
query() {
  python3 -c 'import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database: print(*database.execute(sys.argv[2]).fetchall())' "$@"
}

replicate() {
  "$program" replicate -config litestream.yml -exec "$1" > replicate.log 2>&1 || {
    cat replicate.log >&2
    return 1
  }
  if grep --ignore-case 'level=ERROR' replicate.log >&2; then return 1; fi
}

prepare() {
  configure
  query database 'PRAGMA journal_mode = WAL' > mode
  query database 'CREATE TABLE IF NOT EXISTS numbers (number INTEGER)'
  query database 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
    INSERT INTO numbers SELECT i FROM n'
}

write() {
  prepare
  replicate 'sleep 2'
}

work() {
  prepare
  replicate 'sleep 2'
  query database 'INSERT INTO numbers VALUES (7)'
  replicate 'sleep 2'
  "$program" restore -config litestream.yml -o restored "$PWD/database" > restore.log 2>&1 || {
    cat restore.log >&2
    return 1
  }
  [ "$(query restored 'SELECT count(*), sum(number) FROM numbers')" = "(50001, 1250025007)" ]
  "$program" ltx -config litestream.yml "$PWD/database" | grep --quiet --extended-regexp '^[0-9]'
}

"$2"
