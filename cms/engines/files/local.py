"""Files in a local folder.

Written with the system's own calls, not through obstore as on S3: obstore's local store (0.12) renames into
place but syncs neither the file nor its folder and offers no way to ask, so a power cut just after an upload
was acknowledged could leave a row whose picture is empty or gone.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cms.engines.files.keys import checked
from cms.interfaces import FilesUnreachable

_UNFINISHED = ".unfinished"
"""Where a file is written before it has its name; no key begins with a dot."""


class LocalFiles:
    """A FileStore below ``folder``, which is made when first written to.

    Safe for any number of threads and processes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, content: bytes) -> None:
        """Store whole or not at all, safe from power cuts on return. A key once put stays as it is."""
        path = self._path(key)
        with _in_our_words():
            if not path.exists():
                self._make(path.parent)
                self._make(self._folder / _UNFINISHED)
                self._put_new(path, content)
            _sync(path.parent)  # even if it was there: another process may have put it and not synced yet

    def _put_new(self, path: Path, content: bytes) -> None:
        unfinished = self._folder / _UNFINISHED / secrets.token_hex(16)
        try:
            _write(unfinished, content)
            os.replace(unfinished, path)
        finally:
            with suppress(FileNotFoundError):
                unfinished.unlink()

    def get(self, key: str) -> bytes | None:
        path = self._path(key)
        with _in_our_words():
            try:
                return path.read_bytes()
            except FileNotFoundError:
                return None

    def delete(self, key: str) -> None:
        path = self._path(key)
        with suppress(FileNotFoundError):
            path.unlink()
            _sync(path.parent)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins with ``prefix``, in order. Files half written are none."""
        for where, folders, names in os.walk(self._folder):
            folders[:] = sorted(name for name in folders if name != _UNFINISHED)
            for name in sorted(names):
                key = Path(where, name).relative_to(self._folder).as_posix()
                if key.startswith(prefix):
                    yield key

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)

    def _make(self, folder: Path) -> None:
        """Make the folder and those above it, each entered durably in its parent."""
        if folder.is_dir():
            return
        if not folder.parent.is_dir():
            self._make(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync(folder.parent)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """A full disk, a folder that is not ours: the same to whoever asks as a store that does not answer."""
    try:
        yield
    except OSError as failed:
        raise FilesUnreachable(f"the folder of files can't be used: {failed.strerror}") from failed


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
