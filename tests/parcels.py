"""Exports and backups as somebody makes them who means harm, or knows no better: whole, sealed, and wrong inside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile


def sealed(path: Path, entries: dict[str, bytes], said: Any, stored: tuple[str, ...] = ()) -> None:
    """A file as `cms` would make it, with any manifest; what begins with ``stored`` is not compressed."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content, ZIP_STORED if name.startswith(stored) else ZIP_DEFLATED)
        archive.writestr("manifest.json", said if isinstance(said, bytes) else json.dumps(said))
        archive.comment = b"0" * 64
    content = path.read_bytes()[:-64]
    path.write_bytes(content + hashlib.sha256(content).hexdigest().encode())


def changed(path: Path, entry: str, change: Callable[[list[Any]], None]) -> Path:
    """A copy of an export or backup in which the rows of one entry are others; bytes stand as they are."""
    with ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        held = {name: archive.read(name) for name in manifest["entries"]}
    rows = [json.loads(line) for line in held[entry].splitlines()]
    change(rows)
    lines = (row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=True).encode() for row in rows)
    held[entry] = b"".join(line + b"\n" for line in lines)
    manifest["entries"][entry] = {"size": len(held[entry]), "rows": len(rows)}
    made = path.with_name("changed.zip")
    sealed(made, held, manifest, stored=("files/",))
    return made
