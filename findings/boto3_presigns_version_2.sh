#!/usr/bin/env bash
# boto3 1.44.8 (botocore 1.44.8), Python 3: a client with its defaults for us-east-1 presigns URLs by Signature Version 2
# (HMAC-SHA1), while it says that its signature version is s3v4 and signs its own requests so. In any other region its URLs
# are of Version 4. The same client with Config(signature_version="s3v4"), which is what it says it has, presigns by Version 4.
#
# Guess: a default that was not set by the caller is told from one that was, and for presigning in regions that once had
# Version 2 the former becomes "s3-query" (botocore/signers.py or utils.py, for old URLs that live longer than 7 days).
#
# Nothing is sent: presigning needs no network. Output seen:
#   us-east-1 default: says s3v4, presigns AWSAccessKeyId
#   us-east-1 s3v4: says s3v4, presigns X-Amz-Algorithm
#   eu-central-1 default: says s3v4, presigns X-Amz-Algorithm
# Exits with 1 where that has changed.
set -euo pipefail
work=$(mktemp --directory)
trap 'rm --recursive --force "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check boto3==1.44.8 botocore==1.44.8

cat >"$work/presign.py" <<'PYTHON'
import boto3
from botocore.config import Config

for region, version in [("us-east-1", None), ("us-east-1", "s3v4"), ("eu-central-1", None)]:
    client = boto3.client(
        "s3",
        region_name=region,
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=None if version is None else Config(signature_version=version),
    )
    url = client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "key"})
    first = url.split("?")[1].split("=")[0]
    says = client.meta.config.signature_version
    print(f"{region} {version or 'default'}: says {says}, presigns {first}")
PYTHON
env --ignore-environment PATH="$PATH" HOME="$work" "$work/venv/bin/python" "$work/presign.py" | tee "$work/seen"
diff "$work/seen" - <<'SEEN'
us-east-1 default: says s3v4, presigns AWSAccessKeyId
us-east-1 s3v4: says s3v4, presigns X-Amz-Algorithm
eu-central-1 default: says s3v4, presigns X-Amz-Algorithm
SEEN
