"""GDAL, as it is in rasterio: a tiled raster, written, read by window and deleted."""

import os

import numpy
import rasterio
import rasterio.shutil
from rasterio.windows import Window

from job import AUTHORITY, BUCKET, HOST, IS_TLS, ODD, PREFIX, check, main

SETTINGS = {
    "AWS_S3_ENDPOINT": HOST,
    "AWS_HTTPS": "YES" if IS_TLS else "NO",
    "AWS_VIRTUAL_HOSTING": "FALSE",
    **({} if AUTHORITY is None else {"CURL_CA_BUNDLE": AUTHORITY}),
    "CPL_VSIL_USE_TEMP_FILE_FOR_RANDOM_WRITE": "YES",
}
PIXELS = numpy.arange(512 * 512, dtype="uint16").reshape(512, 512)


def save(path, pixels):
    profile = {"driver": "GTiff", "width": 512, "height": 512, "count": 1, "dtype": "uint16"}
    with rasterio.open(path, "w", tiled=True, **profile) as raster:
        raster.write(pixels, 1)
    # An upload that was refused is no error when the raster is closed: read it back.
    with rasterio.open(path) as raster:
        check((raster.read(1) == pixels).all(), True)


def work():
    path = f"/vsis3/{BUCKET}/{ODD}.tif".replace("%", "").replace("&", "")
    save(path, PIXELS)
    save(path, PIXELS[::-1].copy())
    with rasterio.open(path) as raster:
        window = raster.read(1, window=Window(100, 100, 50, 50))
    check((window == PIXELS[::-1][100:150, 100:150]).all(), True)
    check(rasterio.shutil.exists(path), True)
    rasterio.shutil.copyfiles(path, f"{path}.copy.tif")
    rasterio.shutil.delete(path)
    check(rasterio.shutil.exists(path), False)
    rasterio.shutil.delete(f"{path}.copy.tif")


def write():
    save(f"/vsis3/{BUCKET}/{PREFIX}object.tif", (PIXELS + os.getpid()) % 60000)


with rasterio.Env(**SETTINGS):
    main("rasterio", work, write)
