"""boto3 as a client under test: a command a line on stdin, an answer a line on stdout, both JSON.

Everything is boto3's default; credentials, region, endpoint and authority come from the environment.
"""

import base64
import json
import sys

import boto3
from botocore.config import Config

S3 = boto3.client("s3")
# In us-east-1, and there only, botocore still signs URLs with SigV2 unless told otherwise.
PRESIGNER = boto3.client("s3", config=Config(signature_version="s3v4"))


def list_buckets():
    return [bucket["Name"] for bucket in S3.list_buckets()["Buckets"]]


def make_bucket(bucket):
    S3.create_bucket(Bucket=bucket)


def remove_bucket(bucket):
    S3.delete_bucket(Bucket=bucket)


def put(bucket, key, file):
    S3.upload_file(file, bucket, key)


def get(bucket, key, file):
    S3.download_file(bucket, key, file)


def get_range(bucket, key, range):
    body = S3.get_object(Bucket=bucket, Key=key, Range=range)["Body"].read()
    return base64.b64encode(body).decode()


def head(bucket, key):
    return S3.head_object(Bucket=bucket, Key=key)["ContentLength"]


def list_objects(bucket, prefix, delimiter):
    keys, prefixes = [], []
    pages = S3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix, Delimiter=delimiter
    )
    for page in pages:
        keys += [content["Key"] for content in page.get("Contents", [])]
        prefixes += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
    return {"keys": keys, "prefixes": prefixes}


def copy(bucket, key, source_bucket, source_key):
    S3.copy_object(
        Bucket=bucket, Key=key, CopySource={"Bucket": source_bucket, "Key": source_key}
    )


def delete_many(bucket, keys):
    objects = [{"Key": key} for key in keys]
    answer = S3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
    if answer.get("Errors"):
        raise RuntimeError(json.dumps(answer["Errors"]))


def presign(bucket, key, method):
    operation = {"GET": "get_object", "PUT": "put_object"}[method]
    return PRESIGNER.generate_presigned_url(
        operation, Params={"Bucket": bucket, "Key": key}, ExpiresIn=300
    )


def presign_post(bucket, key, fields, conditions):
    return PRESIGNER.generate_presigned_post(
        bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=300
    )


COMMANDS = {
    "list_buckets": list_buckets,
    "make_bucket": make_bucket,
    "remove_bucket": remove_bucket,
    "put": put,
    "get": get,
    "get_range": get_range,
    "head": head,
    "list": list_objects,
    "copy": copy,
    "delete_many": delete_many,
    "presign": presign,
    "presign_post": presign_post,
}


def main():
    for line in sys.stdin:
        arguments = json.loads(line)
        try:
            answer = {"value": COMMANDS[arguments.pop("command")](**arguments)}
        except Exception as error:  # whatever boto3 raises is the answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
