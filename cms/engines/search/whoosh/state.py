"""The index's directory: which build is current, how far it came, and who may write.

    current -> build-x1y2      a symlink: a rebuild is put in place by one rename
    build-x1y2/state           written after each commit: version, cursor, each file's size and checksum
    building -> build-z3       while a rebuild runs: what is applied meanwhile is noted there too
    writing.lock               held for each commit
    rebuilding.lock            held for a whole rebuild

``state`` is replaced by rename after every commit. A reader keeps the one it read open, so its inode
cannot be used again, and "still the same inode?" is one stat and an exact answer to "has anything been
committed since?", which a modification time (a tick of 4 ms) is not.
"""

from __future__ import annotations

import fcntl
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import Any
from weakref import finalize

from cms.engines.search.whoosh.schema import VERSION
from cms.interfaces import IndexUnusable

CURRENT, BUILDING, STATE = "current", "building", "state"
_CHECKSUM = Struct("<I")


# Size and CRC-32 of each file by name.
Checksums = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class State:
    directory: Path
    cursor: int
    files: Checksums
    inode: tuple[int, int]


def read_state(root: Path) -> State:
    """The current build's state. Raises IndexUnusable when there is none, or not one that we can read."""
    try:
        return state_of((root / CURRENT).resolve(strict=True))
    except FileNotFoundError:
        raise IndexUnusable("there is no index") from None
    except OSError as error:
        raise IndexUnusable(f"the index cannot be opened: {error}") from error


def state_of(build: Path) -> State:
    held = os.open(build / STATE, os.O_RDONLY | os.O_CLOEXEC)
    try:
        state = _parse(build, held)
    except BaseException:
        os.close(held)
        raise
    finalize(state, os.close, held)
    return state


def still_current(root: Path, state: State) -> bool:
    """Whether no batch was applied and no rebuild put in place since ``state`` was read."""
    try:
        return _inode(os.stat(root / CURRENT / STATE)) == state.inode
    except OSError:
        return False


def write_state(directory: Path, cursor: int, files: Checksums) -> None:
    """Durably, and only after the commit it speaks of: a crash between the two merely replays a batch."""
    told = json.dumps({"version": VERSION, "cursor": cursor, "files": files}).encode()
    fresh = directory / f"{STATE}.new"
    with fresh.open("wb") as file:
        file.write(_CHECKSUM.pack(zlib.crc32(told)) + told)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(directory / STATE)
    sync(directory)


def point(root: Path, name: str, directory: Path) -> None:
    """Make the symlink ``name`` point at one of the builds, at once and durably."""
    fresh = root / f"{name}.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(directory.name)
    fresh.replace(root / name)
    sync(root)


def checksums(path: Path) -> tuple[int, int]:
    value = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            value = zlib.crc32(piece, value)
        return file.tell(), value


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def lock(root: Path, name: str) -> Iterator[None]:
    """Wait for a lock that the kernel frees with the process, however it ends."""
    with (root / f"{name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def locked(root: Path, name: str) -> bool:
    with (root / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _parse(directory: Path, held: int) -> State:
    status = os.fstat(held)
    try:
        content = os.pread(held, status.st_size, 0)
        if content[: _CHECKSUM.size] != _CHECKSUM.pack(zlib.crc32(content[_CHECKSUM.size :])):
            raise ValueError("its checksum is wrong")
        told: Any = json.loads(content[_CHECKSUM.size :])
        if told["version"] != VERSION:
            raise IndexUnusable(f"the index is of version {told['version']}, not {VERSION}")
        files = {name: (size, crc) for name, (size, crc) in told["files"].items()}
        return State(directory, told["cursor"], files, _inode(status))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexUnusable(f"the index's state is damaged: {error!r}") from error


def _inode(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
