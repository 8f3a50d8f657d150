"""awscrt's S3 client, which is in aws-cli 2: parts at the same time, and ranges."""

from urllib.parse import quote

from awscrt.auth import AwsCredentialsProvider
from awscrt.http import HttpHeaders, HttpRequest
from awscrt.io import ClientTlsContext, TlsContextOptions
from awscrt.s3 import S3Client, S3RequestTlsMode, S3RequestType

from job import ACCESS_KEY, AUTHORITY, BODY, BUCKET, HOST, IS_TLS, NAME, ODD, PREFIX, REGION
from job import SECRET_KEY, check, main

LARGE = BODY * 12


def open_client():
    options = {"tls_mode": S3RequestTlsMode.DISABLED}
    if IS_TLS:
        trust = TlsContextOptions()
        trust.override_default_trust_store_from_path(ca_filepath=AUTHORITY)
        connection = ClientTlsContext(trust).new_connection_options()
        options = {"tls_mode": S3RequestTlsMode.ENABLED, "tls_connection_options": connection}
    return S3Client(
        region=REGION,
        credential_provider=AwsCredentialsProvider.new_static(ACCESS_KEY, SECRET_KEY),
        part_size=5 << 20,
        **options,
    )


def send(client, method, target, **options):
    """One request; the answer is its body."""
    parts = []
    kinds = {"GET": S3RequestType.GET_OBJECT, "PUT": S3RequestType.PUT_OBJECT}
    kind = options.pop("kind", kinds.get(method, S3RequestType.DEFAULT))
    headers = HttpHeaders([("host", HOST), *options.pop("headers", [])])
    client.make_request(
        request=HttpRequest(method, target, headers),
        type=kind,
        on_body=lambda chunk, offset, **_: parts.append((offset, bytes(chunk))),
        **options,
    ).finished_future.result(60)
    return b"".join(chunk for _, chunk in sorted(parts))


def put(client, key, body):
    with open("body.bin", "wb") as file:
        file.write(body)
    headers = [("content-length", str(len(body)))]
    send(client, "PUT", format_target(key), headers=headers, send_filepath="body.bin")


def format_target(key):
    return f"/{BUCKET}/{quote(key, safe='/')}"


def work():
    client = open_client()
    put(client, ODD, BODY)
    put(client, ODD, LARGE)
    check(send(client, "GET", format_target(ODD)), LARGE)
    query = f"list-type=2&prefix={quote(PREFIX + 'folder/', safe='')}"
    listing = {"operation_name": "ListObjectsV2"}
    found = send(client, "GET", f"/{BUCKET}?{query}", kind=S3RequestType.DEFAULT, **listing)
    check(found.count(b"<Key>"), 1)
    send(client, "DELETE", format_target(ODD), operation_name="DeleteObject")


def write():
    put(open_client(), NAME, BODY)


main("awscrt", work, write)
