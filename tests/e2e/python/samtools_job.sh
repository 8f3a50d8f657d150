#!/usr/bin/env bash
# samtools: aligned reads, sorted, indexed and looked up by place. Its library uploads in parts.
set -euo pipefail

# What it says of an upload proves nothing: it exits with 0 where the answer has "etag" in another
# spelling, and where the end of the upload is refused. So all is read back.
readonly scheme=${AWS_ENDPOINT_URL%%:*} host=${AWS_ENDPOINT_URL#*://}
readonly place="s3+$scheme://$JOB_BUCKET/$JOB_PREFIX"
export HTS_S3_HOST=$host HTS_S3_ADDRESS_STYLE=path

version() {
  samtools --version | sed --quiet '1s/^samtools //p'
}

# Reads of 40 bases at the places that are given.
print_reads() {
  printf '@SQ\tSN:chr1\tLN:10000\n'
  for position in "$@"; do
    printf 'read%s\t0\tchr1\t%s\t60\t40M\t*\t0\t0\t%s\t*\n' "$position" "$position" \
      ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT
  done
}

# Sorts reads into object $1 and compares what is there with what was written.
sort_reads() {
  local object=$1
  shift
  print_reads "$@" | samtools sort --no-PG -o "$object" - 2> sort.log || { cat sort.log >&2; exit 1; }
  local names expected
  names=$(samtools view "$object" | cut --fields=1)
  expected=$(printf 'read%s\n' "$@" | sort --version-sort)
  [ "$names" = "$expected" ] || { echo "read back: $names" >&2; cat sort.log >&2; exit 1; }
}

work() {
  local object=${place}folder/reads.bam
  sort_reads "$object" 900 100 500
  sort_reads "$object" 2000 1000 3000 # overwritten
  samtools index "$object" index.bai
  [ "$(samtools view --customized-index "$object" index.bai chr1:1900-2100 | cut --fields=1)" = read2000 ]
}

write() {
  sort_reads "${place}object.bam" 1 2 "$((3 + $$ % 9000))" # new each time
}

"$1"
