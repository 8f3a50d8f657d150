"""mlflow: a run's artifacts, files and folders, by boto3's transfers."""

import os
from pathlib import Path

from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository

from job import AUTHORITY, BODY, BUCKET, ENDPOINT, PREFIX, check, main

os.environ["MLFLOW_S3_ENDPOINT_URL"] = ENDPOINT
if AUTHORITY is not None:
    os.environ["AWS_CA_BUNDLE"] = AUTHORITY


def open_run(name):
    return S3ArtifactRepository(f"s3://{BUCKET}/{PREFIX}{name}")


def work():
    run = open_run("run/artifacts")
    folder = Path("model")
    folder.mkdir()
    (folder / "a b+c%25&é=1.bin").write_bytes(BODY * 12)
    (folder / "small.txt").write_text("one")
    run.log_artifacts(str(folder), "model")
    (folder / "small.txt").write_text("two")
    run.log_artifact(str(folder / "small.txt"), "model")
    found = sorted(info.path for info in run.list_artifacts("model"))
    check(found, sorted(f"model/{path.name}" for path in folder.iterdir()))
    read = Path(run.download_artifacts("model"))
    for path in folder.iterdir():
        check((read / path.name).read_bytes(), path.read_bytes())
    run.delete_artifacts()
    check(run.list_artifacts(), [])


def write():
    Path("object.bin").write_bytes(BODY)
    open_run("run").log_artifact("object.bin")


main("mlflow-skinny", work, write)
