"""s3fs, the files of S3 for pandas, dask and others."""

import s3fs

from job import BODY, BUCKET, NAME, ODD, PREFIX, check, main

ROOT = f"{BUCKET}/{PREFIX}folder"


def work():
    files = s3fs.S3FileSystem()
    odd = f"{BUCKET}/{ODD}"
    large = BODY * 12
    with files.open(odd, "wb", block_size=5 << 20) as stream:
        stream.write(large)
    check(files.cat(odd), large)
    check(files.cat_file(odd, start=1000, end=1500), large[1000:1500])
    files.pipe(odd, BODY)
    check(files.info(odd)["size"], len(BODY))
    try:
        with files.open(odd, "xb") as stream:
            stream.write(b"1")
        raise SystemExit("an object was created over another one")
    except FileExistsError:
        pass
    files.copy(odd, f"{odd}.copy")
    files.mv(f"{odd}.copy", f"{odd}.moved")
    files.touch(f"{ROOT}/deep/er/empty")
    files.invalidate_cache()
    check(sorted(files.find(ROOT)), sorted([odd, f"{odd}.moved", f"{ROOT}/deep/er/empty"]))
    check(files.cat(f"{odd}.moved"), BODY)
    files.rm(ROOT, recursive=True)
    check(files.exists(ROOT), False)


def write():
    s3fs.S3FileSystem().pipe(f"{BUCKET}/{NAME}", BODY)


main("s3fs", work, write)
