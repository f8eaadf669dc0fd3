"""Where bytes lie: a folder or a bucket, with the same promises. S3 is played over HTTP."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from twinhood.documents.errors import BytesMissing
from twinhood.documents.store import Bucket, Folder, Store, the_store

DATA = b"a scan"
NAME = sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Store:
    settings.MEDIA_DIR = tmp_path
    if request.param == "bucket":
        settings.S3_ENDPOINT = request.getfixturevalue("s3")
        settings.S3_KEY_ID, settings.S3_SECRET = "test", "test"
        settings.S3_BUCKET = f"files-{tmp_path.name.replace('_', '-')}"[:60].strip("-")
        bucket = the_store()
        assert isinstance(bucket, Bucket)
        bucket.client.create_bucket(Bucket=bucket.bucket)
    return the_store()


def test_what_is_put_is_there_under_its_hash_and_repeats_change_nothing(store: Store) -> None:
    assert store.put(DATA) == store.put(DATA) == NAME
    assert store.get(NAME) == DATA


def test_what_was_removed_is_missing_and_removing_nothing_is_no_fault(store: Store) -> None:
    store.put(DATA)

    store.remove(NAME)
    store.remove(NAME)

    with pytest.raises(BytesMissing):
        store.get(NAME)


@pytest.mark.parametrize("name", ["", "..", "a" * 63, "../" + "a" * 61, "A" * 64])
def test_a_name_that_is_no_hash_leads_nowhere(name: str, store: Store) -> None:
    with pytest.raises(BytesMissing):
        store.get(name)
    with pytest.raises(BytesMissing):
        store.remove(name)


def test_bytes_that_were_altered_are_called_missing(store: Store) -> None:
    store.put(DATA)
    if isinstance(store, Bucket):
        key = f"{NAME[:2]}/{NAME}"
        store.client.put_object(Bucket=store.bucket, Key=key, Body=b"another")
    else:
        assert isinstance(store, Folder)
        (store.root / NAME[:2] / NAME).write_bytes(b"another")

    with pytest.raises(BytesMissing):
        store.get(NAME)


def test_a_bucket_that_does_not_answer_is_an_error_of_the_system(settings: Any, s3: str) -> None:
    settings.S3_ENDPOINT, settings.S3_BUCKET = s3, "there-is-none"
    settings.S3_KEY_ID, settings.S3_SECRET = "test", "test"

    with pytest.raises(OSError, match="S3: NoSuchBucket"):
        the_store().put(DATA)
