#!/usr/bin/env bash
# moto 5.2.5, Python 3: DeleteObject with a versionId that no version has deletes the object itself, in a bucket that never had
# versions, and answers 204. GetObject and HeadObject with the same id are refused. In a bucket with versions the same deletion
# does nothing. So a test suite on moto loses an object by a stale or foreign version id, where S3 keeps it.
#
# Guess: S3Backend.delete_object (moto/s3/models.py) looks at the version id only where versioning is on, and else takes the
# whole key out, while reads look the id up in any case.
#
# Nothing is sent: moto answers within the process. Output seen:
#   no versions: get NoSuchVersion, delete 204, the object is gone
#   versions: get NoSuchVersion, delete 204, the object is there
# Exits with 1 where that has changed.
set -euo pipefail
work=$(mktemp --directory)
trap 'rm --recursive --force "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[s3]==5.2.5'

cat >"$work/delete.py" <<'PYTHON'
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

UNKNOWN = "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH"

with mock_aws():
    s3 = boto3.client("s3", region_name="us-east-1")
    for bucket in ["plain", "versioned"]:
        s3.create_bucket(Bucket=bucket)
        if bucket == "versioned":
            status = {"Status": "Enabled"}
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=status)
        s3.put_object(Bucket=bucket, Key="key", Body=b"content")
        try:
            s3.get_object(Bucket=bucket, Key="key", VersionId=UNKNOWN)
            read = "200"
        except ClientError as error:
            read = error.response["Error"]["Code"]
        answer = s3.delete_object(Bucket=bucket, Key="key", VersionId=UNKNOWN)
        deleted = answer["ResponseMetadata"]["HTTPStatusCode"]
        left = s3.list_objects_v2(Bucket=bucket)["KeyCount"]
        name = "no versions" if bucket == "plain" else "versions"
        print(f"{name}: get {read}, delete {deleted}, the object is {'there' if left else 'gone'}")
PYTHON
env --ignore-environment PATH="$PATH" HOME="$work" AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret \
  "$work/venv/bin/python" "$work/delete.py" | tee "$work/seen"
diff "$work/seen" - <<'SEEN'
no versions: get NoSuchVersion, delete 204, the object is gone
versions: get NoSuchVersion, delete 204, the object is there
SEEN
