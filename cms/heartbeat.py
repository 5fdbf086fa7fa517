"""What a worker leaves in the data folder for those who watch over it: that it goes round, and what it found."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

_NAME, _DRIFT = "worker-heartbeat", "search-drift"


def beat(data_dir: Path, now: datetime) -> None:
    _leave(data_dir, _NAME, now.isoformat())


def beaten_at(data_dir: Path) -> datetime | None:
    """When a worker of this machine last went round; None if none ever did."""
    try:
        return datetime.fromisoformat((data_dir / _NAME).read_text())
    except (OSError, ValueError):
        return None


def note_drift(data_dir: Path, counts: Mapping[str, int]) -> None:
    """How many stories the last examination found missing from the index, too many in it, or stale."""
    _leave(data_dir, _DRIFT, json.dumps(dict(counts)))


def noted_drift(data_dir: Path) -> Mapping[str, int]:
    """What was noted last; empty before the first examination."""
    try:
        return {str(kind): int(count) for kind, count in json.loads((data_dir / _DRIFT).read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _leave(data_dir: Path, name: str, text: str) -> None:
    part = data_dir / f"{name}-{os.getpid()}"
    part.write_text(text)
    part.replace(data_dir / name)
