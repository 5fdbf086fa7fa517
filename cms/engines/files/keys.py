"""What a file's key is, whichever store keeps it."""

from __future__ import annotations

import re

_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}(/[a-z0-9][a-z0-9._-]{0,99}){0,5}")


def checked(key: str) -> str:
    """The key, if it is one: lower-case path segments joined by ``/``.

    Anything else is a ValueError, so that no key can step out of the place that the store was given.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a file's key: {key!r}")
    return key
