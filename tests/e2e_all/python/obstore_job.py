"""obstore, which is Rust's object_store: single puts, parts, conditions, a listing, copies."""

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import S3Store

from job import BODY, BUCKET, IS_TLS, NAME, ODD, PREFIX, check, main

STORE = S3Store(BUCKET, client_options={"allow_http": not IS_TLS})
LARGE = BODY * 12


def work():
    STORE.put(ODD, BODY)
    STORE.put(ODD, LARGE, use_multipart=True, chunk_size=5 << 20)
    check(bytes(STORE.get(ODD).bytes()), LARGE)
    check(bytes(STORE.get_range(ODD, start=1000, length=500)), LARGE[1000:1500])
    check(STORE.head(ODD)["size"], len(LARGE))
    try:
        STORE.put(ODD, b"", mode="create")
        raise SystemExit("an object was created over another one")
    except AlreadyExistsError:
        pass
    STORE.copy(ODD, f"{ODD}.copy")
    STORE.rename(f"{ODD}.copy", f"{ODD}.moved")
    found = [entry["path"] for page in STORE.list(prefix=f"{PREFIX}folder") for entry in page]
    check(sorted(found), [ODD, f"{ODD}.moved"])
    folders = STORE.list_with_delimiter(prefix=PREFIX or None)["common_prefixes"]
    check(f"{PREFIX}folder" in folders, True)
    STORE.delete(found)
    check([entry for page in STORE.list(prefix=f"{PREFIX}folder") for entry in page], [])


def write():
    STORE.put(NAME, BODY)


main("obstore", work, write)
