"""boto3's paginators, page by page with odd keys: they ask for encoding-type=url and decode."""

import boto3

from job import BODY, BUCKET, NAME, PREFIX, check, main

S3 = boto3.client("s3")
NAMES = [f"{n % 3} a+b&c%25/é=<{n}>" for n in range(11)]
KEYS = sorted(f"{PREFIX}pages/{name}" for name in NAMES)


def list_all(operation, element, **options):
    pages = S3.get_paginator(operation).paginate(
        Bucket=BUCKET, Prefix=f"{PREFIX}pages/", PaginationConfig={"PageSize": 2}, **options
    )
    # A marker that comes back raw has keys repeat, or pages never end.
    found = []
    for number, page in enumerate(pages):
        check(number < 20, True)
        found += page.get(element, [])
    return found


def work():
    for key in KEYS:
        S3.put_object(Bucket=BUCKET, Key=key, Body=b"1")
        S3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    for operation in ["list_objects", "list_objects_v2"]:
        check([entry["Key"] for entry in list_all(operation, "Contents")], KEYS)
        # At a delimiter in the middle of the names, so that folded and single ones are mixed.
        folded = list_all(operation, "CommonPrefixes", Delimiter="+")
        check([entry["Prefix"] for entry in folded], [f"{PREFIX}pages/{n} a+" for n in range(3)])
    check([entry["Key"] for entry in list_all("list_object_versions", "Versions")], KEYS)
    for key in KEYS:
        check(S3.get_object(Bucket=BUCKET, Key=key)["Body"].read(), key.encode())
    uploads = [S3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"] for key in KEYS[:5]]
    check([entry["Key"] for entry in list_all("list_multipart_uploads", "Uploads")], KEYS[:5])
    for key, upload in zip(KEYS, uploads):
        S3.abort_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload)
    deleted = S3.delete_objects(
        Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in KEYS]}
    )
    check(sorted(entry["Key"] for entry in deleted["Deleted"]), KEYS)
    check(list_all("list_objects", "Contents"), [])


def write():
    S3.put_object(Bucket=BUCKET, Key=NAME, Body=BODY)


main("boto3", work, write)
