"""Delta tables: commits that are made at the same time, by the condition If-None-Match."""

import os
from concurrent.futures import ThreadPoolExecutor

import pyarrow
from deltalake import DeltaTable, write_deltalake
from obstore.store import S3Store

from job import BUCKET, IS_TLS, PREFIX, check, main

os.environ["AWS_ALLOW_HTTP"] = str(not IS_TLS).lower()
TABLE = f"s3://{BUCKET}/{PREFIX}table"
WRITERS = 4


def append(number):
    write_deltalake(TABLE, pyarrow.table({"writer": [number]}), mode="append")


def work():
    append(0)
    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(append, range(1, WRITERS + 1)))
    table = DeltaTable(TABLE)
    check(table.version(), WRITERS)
    check(sorted(table.to_pyarrow_table().column("writer").to_pylist()), list(range(WRITERS + 1)))
    write_deltalake(TABLE, pyarrow.table({"writer": [9]}), mode="overwrite")
    table = DeltaTable(TABLE)
    check(table.to_pyarrow_table().column("writer").to_pylist(), [9])
    removed = table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    check(len(removed), WRITERS + 1)
    # The library has no call that removes a table.
    store = S3Store(BUCKET, client_options={"allow_http": not IS_TLS})
    for page in store.list(prefix=f"{PREFIX}table"):
        store.delete([entry["path"] for entry in page])


def write():
    append(0)


main("deltalake", work, write)
