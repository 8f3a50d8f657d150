"""pyarrow's S3 file system, which is AWS's SDK for C++, and a table in partitions on it."""

import pyarrow
import pyarrow.dataset as dataset
from pyarrow.fs import FileSelector, S3FileSystem

from job import AUTHORITY, BODY, BUCKET, HOST, IS_TLS, NAME, ODD, PREFIX, check, main

ROOT = f"{BUCKET}/{PREFIX}table"


def open_file_system():
    return S3FileSystem(
        endpoint_override=HOST,
        scheme="https" if IS_TLS else "http",
        **({} if AUTHORITY is None else {"tls_ca_file_path": AUTHORITY}),
    )


def work():
    files = open_file_system()
    table = pyarrow.table({"year": [2025, 2025, 2026], "n": [1, 2, 3]})
    for _ in range(2):
        dataset.write_dataset(
            table,
            ROOT,
            filesystem=files,
            format="parquet",
            partitioning=["year"],
            partitioning_flavor="hive",
            existing_data_behavior="overwrite_or_ignore",
        )
    read = dataset.dataset(ROOT, filesystem=files, partitioning="hive").to_table()
    check(sorted(read.column("n").to_pylist()), [1, 2, 3])
    found = files.get_file_info(FileSelector(ROOT, recursive=True))
    check(len([entry for entry in found if entry.is_file]), 2)
    files.delete_dir(ROOT)
    odd = f"{BUCKET}/{ODD}"
    with files.open_output_stream(odd) as stream:
        stream.write(BODY)
    files.copy_file(odd, f"{odd}.copy")
    with files.open_input_file(f"{odd}.copy") as stream:
        check(stream.read_at(1000, 500), BODY[500:1500])
        stream.seek(0)
        check(stream.read(), BODY)
    files.delete_file(odd)
    files.delete_file(f"{odd}.copy")


def write():
    with open_file_system().open_output_stream(f"{BUCKET}/{NAME}") as stream:
        stream.write(BODY)


main("pyarrow", work, write)
