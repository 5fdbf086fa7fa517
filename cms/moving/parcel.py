"""One file that holds many: a zip whose last 64 bytes are the SHA-256 of all before them.

It is written under another name and gets its own only when it is whole and on the disk. Whoever opens one has every
byte of it checked first, so that nothing is ever begun with a file that was cut short or changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from cms.domain.errors import Refusal
from cms.engines.files.keys import checked

MANIFEST = "manifest.json"
VERSION = 1
LONGEST_LINE = 32_000_000
"""Bytes of a row. The longest that can be, a text of 1 MB with its every character escaped, is not half of it."""
LONGEST_MANIFEST = 200_000_000
_SEAL = 64  # characters of a SHA-256 in hexadecimal; it is the zip's comment
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class Unusable(Refusal):
    """A file that isn't what it is taken for, or not whole any more."""

    code = "unusable"


class Packer:
    """Takes entries in order. Of equal entries in equal order come equal files."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._entries: dict[str, dict[str, Any]] = {}

    def lines(self, name: str, rows: Iterable[Any]) -> int:
        """An entry of JSON Lines; how many."""
        count, size, digest = 0, 0, hashlib.sha256()
        with self._archive.open(_entry(name, ZIP_DEFLATED), "w", force_zip64=True) as entry:
            for row in rows:
                line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                entry.write(line)
                digest.update(line)
                size += len(line)
                count += 1
        self._entries[name] = {"sha256": digest.hexdigest(), "size": size, "rows": count}
        return count

    def content(self, name: str, content: bytes) -> None:
        with self._archive.open(_entry(name, ZIP_STORED), "w", force_zip64=True) as entry:
            entry.write(content)
        self._entries[name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}

    def finish(self, facts: Mapping[str, Any]) -> None:
        manifest = {**facts, "version": VERSION, "entries": self._entries}
        with self._archive.open(_entry(MANIFEST, ZIP_DEFLATED), "w", force_zip64=True) as entry:
            entry.write(json.dumps(manifest, ensure_ascii=False, indent=1).encode())
        self._archive.comment = b"0" * _SEAL


@contextmanager
def packing(path: Path, facts: Mapping[str, Any]) -> Iterator[Packer]:
    """Write a file at ``path``: whole and durable when this ends, or, if anything fails, not at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as refused:
        raise Unusable(f"Nothing can be written at {path}: {refused.strerror}") from None
    try:
        with os.fdopen(descriptor, "w+b") as file:
            with ZipFile(file, "w") as archive:
                packer = Packer(archive)
                yield packer
                packer.finish(facts)
            _seal(file)
        os.replace(part, path)
        _sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


class Parcel:
    """A file that was found whole."""

    def __init__(self, archive: ZipFile, manifest: Mapping[str, Any]) -> None:
        self._archive = archive
        self.manifest = manifest

    def names(self, below: str) -> list[str]:
        """The names, without it, of the entries below this folder, in order."""
        return [name.removeprefix(below) for name in self.manifest["entries"] if name.startswith(below)]

    def rows(self, name: str) -> int:
        entry = self.manifest["entries"].get(name)
        return int(entry.get("rows", 0)) if entry else 0

    def lines(self, name: str) -> Iterator[Any]:
        """The entry's rows; none if there is no such entry."""
        if name in self.manifest["entries"]:
            number = 0
            with _unpacking(name), self._archive.open(name) as entry:
                while line := entry.readline(LONGEST_LINE + 1):
                    number += 1
                    if len(line) > LONGEST_LINE:
                        raise Unusable(f"{name} holds a line of more than {LONGEST_LINE // 1_000_000} MB")
                    yield _row(line, f"{name}, row {number}")

    def content(self, name: str) -> bytes | None:
        with _unpacking(name):
            return self._archive.read(name) if name in self.manifest["entries"] else None


@contextmanager
def _unpacking(name: str) -> Iterator[None]:
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, RuntimeError):
        raise Unusable(f"{name} can't be unpacked") from None


def _row(line: bytes, called: str) -> Any:
    """What a line holds. A seal tells that a file is whole, not that what is in it was written by `cms`."""
    try:
        row = json.loads(line, parse_constant=_no_number)
        if b"\\u" in line:  # the one way to write half a character, which no database takes
            json.dumps(row, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Unusable(f"{called} is no JSON that can be read") from None
    return row


def _no_number(said: str) -> NoReturn:
    raise ValueError(f"{said} is no number")


@contextmanager
def opened(path: Path, format_: str) -> Iterator[Parcel]:
    """Check every byte of the file, then let it be read. Raises Unusable for one that is damaged or of another kind."""
    try:
        file = path.open("rb")
    except OSError as refused:
        raise Unusable(f"{path} can't be read: {refused.strerror}") from None
    with file:
        if not _is_whole(file):
            raise Unusable(f"{path} is damaged, was not finished, or was never made by `cms`")
        try:
            archive = ZipFile(file)
            manifest = _manifest(archive)
        except (BadZipFile, KeyError, ValueError, AttributeError, TypeError, RuntimeError, zlib.error):
            raise Unusable(f"{path} was never made by `cms`") from None
        with archive:
            if manifest.get("format") != format_ or manifest.get("version") != VERSION:
                raise Unusable(f"{path} holds {manifest.get('format')} {manifest.get('version')}, not {format_}")
            yield Parcel(archive, manifest)


def _manifest(archive: ZipFile) -> Mapping[str, Any]:
    """What the file says it holds, if that is what it holds; anything but that, and a few bytes could become as many
    as fill the memory. A seal tells that a file is whole, not who made it."""
    if archive.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
        raise ValueError("a manifest without end")
    manifest: Mapping[str, Any] = json.loads(archive.read(MANIFEST))
    for name, said in manifest["entries"].items():
        there = archive.getinfo(name)
        if not isinstance(said.get("rows", 0), int):
            raise ValueError(f"{name} doesn't say how many rows it holds")
        folder, _, key = name.partition("/")
        if there.file_size != said["size"] or (folder == "files" and there.compress_type != ZIP_STORED):
            raise ValueError(f"{name} is not as large as it says, or packed tighter than it was")
        if folder == "files":
            checked(key)
    return manifest


def _entry(name: str, compression: int) -> ZipInfo:
    entry = ZipInfo(name, _LONG_AGO)
    entry.compress_type = compression
    entry.create_system = 3
    entry.external_attr = 0o600 << 16
    return entry


def _seal(file: BinaryIO) -> None:
    file.flush()
    digest = _digest_of_all_but_seal(file)
    file.seek(-_SEAL, os.SEEK_END)
    file.write(digest)
    file.flush()
    os.fsync(file.fileno())


def _is_whole(file: BinaryIO) -> bool:
    if file.seek(0, os.SEEK_END) <= _SEAL:
        return False
    digest = _digest_of_all_but_seal(file)
    return file.read(_SEAL) == digest


def _digest_of_all_but_seal(file: BinaryIO) -> bytes:
    left = file.seek(0, os.SEEK_END) - _SEAL
    file.seek(0)
    digest = hashlib.sha256()
    while left > 0:
        chunk = file.read(min(left, 1 << 20))
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest().encode()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
