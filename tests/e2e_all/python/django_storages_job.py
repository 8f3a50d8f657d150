"""django-storages: the files that a Django site keeps for its users."""

from django.conf import settings
from django.core.files.base import ContentFile

from job import BODY, BUCKET, NAME, ODD, PREFIX, check, main

settings.configure()


def open_storage():
    from storages.backends.s3 import S3Storage

    return S3Storage(bucket_name=BUCKET, signature_version="s3v4")


def work():
    storage = open_storage()
    check(storage.save(ODD, ContentFile(b"first")), ODD)
    check(storage.save(ODD, ContentFile(BODY)), ODD)
    check(storage.exists(ODD), True)
    check(storage.size(ODD), len(BODY))
    with storage.open(ODD) as file:
        check(file.read(), BODY)
    with storage.open(f"{ODD}.text", "w") as file:
        file.write("a line")
    check(storage.open(f"{ODD}.text", "r").read(), "a line")
    folders, names = storage.listdir(f"{PREFIX}folder")
    names = [name for name in names]
    check((folders, len(names)), ([], 2))
    check("X-Amz-Signature" in storage.url(ODD), True)
    for name in names:
        storage.delete(f"{PREFIX}folder/{name}")
    check(storage.exists(ODD), False)


def write():
    open_storage().save(NAME, ContentFile(BODY))


main("django-storages", work, write)
