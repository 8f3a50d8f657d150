"""What version 5 of Terraform's provider for AWS sends for an aws_s3_bucket with versions, its tags, and its end.

It reads every setting of a bucket after each change. The codes are those that it takes for "not set"; any other error
ends its run. JOB_BUCKET is made and deleted.
"""

import os

import boto3
from botocore.exceptions import ClientError

S3 = boto3.client("s3")
BUCKET = os.environ["JOB_BUCKET"]
UNSUPPORTED = {"MethodNotAllowed", "NotImplemented", "XNotImplemented"}
SETTINGS = {
    "head_bucket": set(),
    "get_bucket_policy": {"NoSuchBucketPolicy"} | UNSUPPORTED,
    "get_bucket_acl": UNSUPPORTED,
    "get_bucket_cors": {"NoSuchCORSConfiguration"} | UNSUPPORTED,
    "get_bucket_website": {"NoSuchWebsiteConfiguration"} | UNSUPPORTED,
    "get_bucket_versioning": set(),
    "get_bucket_accelerate_configuration": {"UnsupportedArgument"} | UNSUPPORTED,
    "get_bucket_request_payment": UNSUPPORTED,
    "get_bucket_logging": UNSUPPORTED,
    "get_bucket_lifecycle_configuration": {"NoSuchLifecycleConfiguration"} | UNSUPPORTED,
    "get_bucket_replication": {"ReplicationConfigurationNotFoundError"} | UNSUPPORTED,
    "get_bucket_encryption": {"ServerSideEncryptionConfigurationNotFoundError"} | UNSUPPORTED,
    "get_object_lock_configuration": {"ObjectLockConfigurationNotFoundError"} | UNSUPPORTED,
    "get_bucket_tagging": {"NoSuchTagSet"} | UNSUPPORTED,
}


def read_settings():
    for call, not_set in SETTINGS.items():
        try:
            getattr(S3, call)(Bucket=BUCKET)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in not_set:
                raise SystemExit(f"{call}: {code} would end the provider's run")


S3.create_bucket(Bucket=BUCKET)
read_settings()
S3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "team", "Value": "assets"}]})
S3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
read_settings()
assert S3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
S3.delete_bucket(Bucket=BUCKET)
try:
    S3.create_bucket(Bucket="other-" + BUCKET)
except ClientError as error:
    assert error.response["Error"]["Code"] == "AccessDenied", error
else:
    raise SystemExit("a bucket of another name was made")
