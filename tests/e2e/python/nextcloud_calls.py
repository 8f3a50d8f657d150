"""What Nextcloud's primary storage asks of S3, in its order: the bucket, small files, one in parts, ranges, a copy, deletes.

Nextcloud looks for its bucket first, and makes it where it is not there. JOB_BUCKET is there; "other-" and its name is not.
"""

import io
import os

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

S3 = boto3.client("s3")
BUCKET = os.environ["JOB_BUCKET"]
MIB = 1024 * 1024


def refuse(call, code, **parameters):
    try:
        getattr(S3, call)(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise SystemExit(f"{call} was not refused")


S3.head_bucket(Bucket=BUCKET)
refuse("head_bucket", "403", Bucket="other-" + BUCKET)
refuse("create_bucket", "AccessDenied", Bucket="other-" + BUCKET)

small = {"ACL": "private", "ContentType": "text/plain", "Metadata": {"mtime": "1"}, "StorageClass": "STANDARD"}
S3.put_object(Bucket=BUCKET, Key="urn:oid:1", Body=b"hello", **small)
assert S3.get_object(Bucket=BUCKET, Key="urn:oid:1", Range="bytes=0-")["Body"].read() == b"hello"
assert S3.get_object(Bucket=BUCKET, Key="urn:oid:1", Range="bytes=1-")["Body"].read() == b"ello"
S3.put_object(Bucket=BUCKET, Key="urn:oid:1", Body=b"changed", **small)

S3.upload_fileobj(
    io.BytesIO(bytes(11 * MIB)), BUCKET, "urn:oid:2",
    ExtraArgs={"ContentType": "video/mp4", "StorageClass": "STANDARD"},
    Config=TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB),
)
assert S3.head_object(Bucket=BUCKET, Key="urn:oid:2")["ContentLength"] == 11 * MIB

S3.copy_object(Bucket=BUCKET, Key="urn:oid:3", CopySource={"Bucket": BUCKET, "Key": "urn:oid:2"}, ACL="private")
assert S3.head_object(Bucket=BUCKET, Key="urn:oid:3")["ContentLength"] == 11 * MIB
refuse("head_object", "404", Bucket=BUCKET, Key="urn:oid:4")

part = S3.create_multipart_upload(Bucket=BUCKET, Key="urn:oid:5")["UploadId"]
S3.abort_multipart_upload(Bucket=BUCKET, Key="urn:oid:5", UploadId=part)
for number in (1, 2, 3):
    S3.delete_object(Bucket=BUCKET, Key=f"urn:oid:{number}")
