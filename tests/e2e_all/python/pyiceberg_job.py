"""pyiceberg: a table of Iceberg, its catalog in a file, its data and metadata on S3."""

import pyarrow
from pyarrow.fs import FileSelector, S3FileSystem
from pyiceberg.catalog.sql import SqlCatalog

from job import ACCESS_KEY, AUTHORITY, BUCKET, ENDPOINT, HOST, IS_TLS, PREFIX, REGION, SECRET_KEY
from job import check, main


def open_catalog():
    return SqlCatalog(
        "job",
        uri="sqlite:///catalog.db",
        warehouse=f"s3://{BUCKET}/{PREFIX}warehouse",
        **{
            "s3.endpoint": ENDPOINT,
            "s3.access-key-id": ACCESS_KEY,
            "s3.secret-access-key": SECRET_KEY,
            "s3.region": REGION,
        },
    )


def create_table():
    rows = pyarrow.table({"n": [1, 2, 3]})
    catalog = open_catalog()
    catalog.create_namespace("space")
    table = catalog.create_table("space.table", schema=rows.schema)
    table.append(rows)
    return catalog, table


def work():
    catalog, table = create_table()
    table.append(pyarrow.table({"n": [4]}))
    check(sorted(table.scan().to_arrow().column("n").to_pylist()), [1, 2, 3, 4])
    table.overwrite(pyarrow.table({"n": [5]}))
    check(catalog.load_table("space.table").scan().to_arrow().column("n").to_pylist(), [5])
    check(len(table.history()) >= 3, True)
    catalog.purge_table("space.table")
    # Files that no snapshot names any more are left.
    scheme, trust = ("https", {"tls_ca_file_path": AUTHORITY}) if IS_TLS else ("http", {})
    files = S3FileSystem(endpoint_override=HOST, scheme=scheme, **trust)
    root = f"{BUCKET}/{PREFIX}warehouse"
    for entry in files.get_file_info(FileSelector(root, recursive=True, allow_not_found=True)):
        if entry.is_file:
            files.delete_file(entry.path)


def write():
    create_table()


main("pyiceberg", work, write)
