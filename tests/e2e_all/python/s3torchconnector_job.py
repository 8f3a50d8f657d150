"""The client of s3torchconnector, which is Mountpoint's, on AWS's C runtime."""

from s3torchconnectorclient._mountpoint_s3_client import MountpointS3Client

from job import BODY, BUCKET, ENDPOINT, NAME, ODD, PREFIX, REGION, check, main

LARGE = BODY * 12
COPY = f"{PREFIX}folder/copy"


def open_client():
    return MountpointS3Client(
        region=REGION, endpoint=ENDPOINT, force_path_style=True, user_agent_prefix="job"
    )


def put(client, key, body):
    stream = client.put_object(BUCKET, key)
    stream.write(body)
    stream.close()


def work():
    client = open_client()
    put(client, ODD, BODY)
    put(client, ODD, LARGE)
    check(b"".join(client.get_object(BUCKET, ODD)), LARGE)
    check(client.head_object(BUCKET, ODD).size, len(LARGE))
    # The client does not encode the names of its copies: odd ones it refuses itself.
    put(client, NAME, BODY)
    client.copy_object(BUCKET, NAME, BUCKET, COPY)
    check(b"".join(client.get_object(BUCKET, COPY)), BODY)
    pages = client.list_objects(BUCKET, prefix=f"{PREFIX}folder/", max_keys=1)
    check([entry.key for page in pages for entry in page.object_info], [ODD, COPY])
    for key in [ODD, NAME, COPY]:
        client.delete_object(BUCKET, key)


def write():
    put(open_client(), NAME, BODY)


main("s3torchconnectorclient", work, write)
