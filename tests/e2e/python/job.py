"""What the programs of clients at work share: their settings, and the three commands.

A program says what `work` and `write` mean for its client. The settings come from the environment.
"""

import os
import sys
from importlib.metadata import version as version_of
from urllib.parse import urlsplit

BUCKET = os.environ["JOB_BUCKET"]
PREFIX = os.environ["JOB_PREFIX"]
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
IS_TLS = ENDPOINT.startswith("https:")
HOST = urlsplit(ENDPOINT).netloc
ACCESS_KEY = os.environ.get("AWS_ACCESS_KEY_ID", "")
SECRET_KEY = os.environ.get("AWS_SECRET_ACCESS_KEY", "")
REGION = os.environ["AWS_REGION"]
AUTHORITY = os.environ.get("SSL_CERT_FILE")

# One object for `write`, and what it holds.
NAME = f"{PREFIX}object.bin"
BODY = bytes(range(256)) * 4096
# Characters that libraries write in different ways.
ODD = f"{PREFIX}folder/a b+c%25&é=1.bin"


def main(package, work, write):
    """Runs the command of the command line; `package` is the name on PyPI."""
    command = sys.argv[1]
    if command == "version":
        print(version_of(package))
    else:
        {"work": work, "write": write}[command]()


def check(actual, expected):
    """Unlike `assert`, this cannot be switched off."""
    if actual != expected:
        raise SystemExit(f"got {actual!r}, expected {expected!r}"[:2000])
