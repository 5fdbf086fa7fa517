"""Files in a bucket that speaks S3, shared by any number of machines.

    CMS_FILES_URL=s3://BUCKET/PREFIX?endpoint=https://s3.example&region=eu-west-1

Who we are comes from the usual variables (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_SESSION_TOKEN``,
``AWS_REGION``) or stands in the address (``s3://KEY:SECRET@BUCKET/…``, percent-encoded). No object is ever given an
access rule of its own: the bucket's holds, and is to be private.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from cms.engines.files.keys import checked
from cms.interfaces import FilesUnreachable

FORM = "s3://BUCKET/PREFIX?endpoint=URL&region=NAME"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_CODE = re.compile(r"<Code>(\w+)</Code>")
_PATIENCE: dict[str, Any] = {
    "client_options": {"connect_timeout": timedelta(seconds=3), "timeout": timedelta(seconds=30)},
    "retry_config": {"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
}
"""A reader waits for it, with a server's thread: the driver's own patience is three minutes."""


class S3Files:
    """A FileStore. Opening it asks nobody anything. Safe for threads; made anew in each process."""

    def __init__(self, url: str) -> None:
        """Raises ValueError, saying what the address takes."""
        bucket, options = _read(url)
        self._store: Any = S3Store(bucket, **options)

    def put(self, key: str, content: bytes) -> None:
        """One conditional request (``If-None-Match: *``): whole, durable once answered, and the first one stays."""
        with _in_our_words(), suppress(AlreadyExistsError):
            self._store.put(checked(key), content, mode="create", use_multipart=False)

    def get(self, key: str) -> bytes | None:
        with _in_our_words():
            try:
                return bytes(self._store.get(checked(key)).bytes())
            except FileNotFoundError as missing:
                _require_bucket(missing)
                return None

    def delete(self, key: str) -> None:
        with _in_our_words():
            try:
                self._store.delete(checked(key))
            except FileNotFoundError as missing:
                _require_bucket(missing)

    def keys(self, prefix: str) -> Iterator[str]:
        """Sorted here: some servers list folder by folder. The driver knows prefixes of whole segments only."""
        folder = prefix.rpartition("/")[0] or None
        with _in_our_words():
            pages = list(self._store.list(folder, chunk_size=1000))
        yield from sorted(each["path"] for page in pages for each in page if each["path"].startswith(prefix))


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What the server said, in one line without addresses and keys."""
    try:
        yield
    except BaseError as failed:
        code = _CODE.search(str(failed))
        said = f"answers {code[1]}" if code else "does not answer"
        raise FilesUnreachable(f"the S3 server {said}") from failed


def _require_bucket(missing: FileNotFoundError) -> None:
    if "NoSuchBucket" in str(missing):
        raise FilesUnreachable("the S3 server answers NoSuchBucket") from missing


def _read(url: str) -> tuple[str, dict[str, Any]]:
    """The bucket's name, and what the driver is to know besides. Raises ValueError."""
    address = urlsplit(url)
    given = dict(parse_qsl(address.query, keep_blank_values=True))
    endpoint, region = given.pop("endpoint", ""), given.pop("region", "")
    try:
        bucket, prefix = address.hostname or "", address.path.strip("/")
        sound = address.port is None and _BUCKET.fullmatch(bucket) and (not prefix or checked(prefix))
    except ValueError:  # its own words could hold a part of the secret
        sound = False
    if not sound or given or address.fragment:
        raise ValueError(f"takes {FORM}: a bucket's name, a prefix in small letters, and no other parameters")
    options: dict[str, Any] = {"prefix": prefix or None, "virtual_hosted_style_request": False}
    if bool(address.username) != bool(address.password):
        raise ValueError("takes a key and its secret (s3://KEY:SECRET@BUCKET) or neither, for the AWS_ variables")
    if address.username and address.password:
        options |= {"access_key_id": unquote(address.username), "secret_access_key": unquote(address.password)}
    if endpoint:
        there = urlsplit(endpoint)
        if there.scheme not in ("http", "https") or not there.hostname or there.username is not None:
            raise ValueError("takes an endpoint such as https://s3.example")
        options["endpoint"] = endpoint.rstrip("/")
    if region:
        options["region"] = region
    patience = {**_PATIENCE, "client_options": {**_PATIENCE["client_options"], "allow_http": True}}
    return bucket, options | (patience if endpoint.startswith("http:") else _PATIENCE)
