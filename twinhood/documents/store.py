"""The bytes of papers and scans, under their SHA-256: private, written once, never changed.

Only what nobody refers to is ever removed (`files.sweep`).
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from twinhood.documents.errors import BytesMissing
from twinhood.kit import durable

_NAME = re.compile("[0-9a-f]{64}")


class Store(Protocol):
    """A place for bytes."""

    def put(self, data: bytes) -> str:
        """Keep `data`, durably when this returns; return its SHA-256 in hexadecimal digits.

        Repeats change nothing. Raises OSError.
        """

    def get(self, name: str) -> bytes:
        """Return the bytes of that SHA-256. Raises BytesMissing, also if they are not those."""

    def remove(self, name: str) -> None:
        """Forget the bytes of that SHA-256, if they are here. Raises OSError."""


class Folder:
    """A folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        name = sha256(data).hexdigest()
        durable.write_new(self._path(name), data)
        return name

    def get(self, name: str) -> bytes:
        try:
            data = self._path(name).read_bytes()
        except FileNotFoundError as problem:
            raise BytesMissing(name) from problem
        return _expected(name, data)

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.root / _key(name)


class Bucket:
    """A bucket of S3, or of what speaks its language; the names are those of `Folder`."""

    def __init__(self, client: Any, bucket: str) -> None:
        self.client = client
        self.bucket = bucket

    def put(self, data: bytes) -> str:
        digest = sha256(data)
        name = digest.hexdigest()
        # The far side compares this with what it received, and keeps nothing else.
        checksum = b64encode(digest.digest()).decode()
        self._call("put_object", Key=_key(name), Body=data, ChecksumSHA256=checksum)
        return name

    def get(self, name: str) -> bytes:
        answer = self._call("get_object", Key=_key(name))
        if answer is None:
            raise BytesMissing(name)
        return _expected(name, answer["Body"].read())

    def remove(self, name: str) -> None:
        self._call("delete_object", Key=_key(name))

    def _call(self, what: str, **more: Any) -> Any:
        """The answer, or None if there is no such object. Raises OSError."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self.client, what)(Bucket=self.bucket, **more)
        except ClientError as problem:
            if problem.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise OSError(f"S3: {problem.response['Error']['Code']}") from problem
        except BotoCoreError as problem:
            raise OSError(f"S3: {type(problem).__name__}") from problem


def _key(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BytesMissing(name)
    return f"{name[:2]}/{name}"


def _expected(name: str, data: bytes) -> bytes:
    if sha256(data).hexdigest() != name:
        raise BytesMissing(name)
    return data


def the_store() -> Store:
    """This installation's: the bucket of `TWINHOOD_S3_BUCKET` if there is one, else `MEDIA_DIR`."""
    if not settings.S3_BUCKET:
        return Folder(Path(settings.MEDIA_DIR))
    client = _client(
        settings.S3_ENDPOINT, settings.S3_REGION, settings.S3_KEY_ID, settings.S3_SECRET
    )
    return Bucket(client, settings.S3_BUCKET)


@cache
def _client(endpoint: str, region: str, key_id: str, secret: str) -> Any:
    """A client that threads share; boto3 is loaded only where there is a bucket."""
    import boto3
    from botocore.config import Config

    patience = Config(
        connect_timeout=5, read_timeout=30, retries={"max_attempts": 4, "mode": "standard"}
    )
    return boto3.session.Session(
        aws_access_key_id=key_id, aws_secret_access_key=secret, region_name=region
    ).client("s3", endpoint_url=endpoint or None, config=patience)
