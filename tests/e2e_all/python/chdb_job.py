"""chdb, which is ClickHouse in a library: tables in Parquet, by name and by pattern."""

import chdb

from job import ACCESS_KEY, BUCKET, ENDPOINT, PREFIX, SECRET_KEY, check, main


def query(sql):
    return chdb.query(sql, "TabSeparated").bytes().decode().split()


def format_source(name):
    return f"s3('{ENDPOINT}/{BUCKET}/{PREFIX}{name}', '{ACCESS_KEY}', '{SECRET_KEY}', 'Parquet')"


def insert(name, count):
    rows = f"SELECT number AS n FROM numbers({count}) SETTINGS s3_truncate_on_insert = 1"
    query(f"INSERT INTO FUNCTION {format_source(name)} {rows}")


def work():
    insert("folder/one.parquet", 100000)
    insert("folder/two.parquet", 5)
    insert("folder/two.parquet", 10)
    check(query(f"SELECT count(), max(n) FROM {format_source('folder/one.parquet')}"), ["100000", "99999"])
    # A pattern is a listing.
    check(query(f"SELECT count() FROM {format_source('folder/*.parquet')}"), ["100010"])


def write():
    insert("object.parquet", 10)


main("chdb", work, write)
