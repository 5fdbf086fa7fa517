"""A worker's word that it is going round, left in the data folder for those who watch over it."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

_NAME = "worker-heartbeat"


def beat(data_dir: Path, now: datetime) -> None:
    part = data_dir / f"{_NAME}-{os.getpid()}"
    part.write_text(now.isoformat())
    part.replace(data_dir / _NAME)


def beaten_at(data_dir: Path) -> datetime | None:
    """When a worker of this machine last went round; None if none ever did."""
    try:
        return datetime.fromisoformat((data_dir / _NAME).read_text())
    except (OSError, ValueError):
        return None
