"""How long the long tests are: a smoke size wherever tests run, the whole by ``sh scripts/soak`` (``SOAK=1``)."""

from __future__ import annotations

import os

SOAKING = bool(os.environ.get("SOAK"))


def size(smoke: int, whole: int, name: str = "") -> int:
    """The number that is asked for; a variable of this ``name`` says otherwise."""
    return int(os.environ.get(name) or (whole if SOAKING else smoke))
