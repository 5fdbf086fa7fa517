"""The one place that reads the time.

Every verb takes ``now``; every surface asks the newsroom's clock for it once per request. That is what lets
a test stand at the very second a story goes live.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC, to the microsecond."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SetClock:
    """A clock that stands where it is put, for tests and for loading the sample newsroom's past."""

    def __init__(self, instant: datetime) -> None:
        self.set(instant)

    def now(self) -> datetime:
        return self._instant

    def set(self, instant: datetime) -> None:
        if instant.tzinfo is None:
            raise ValueError("a clock is set to an aware instant, not to a time without a zone")
        self._instant = instant.astimezone(UTC)

    def advance(self, step: timedelta) -> datetime:
        self._instant += step
        return self._instant


def stopwatch() -> float:
    """Seconds on a clock that never jumps, for measuring how long something took."""
    return time.perf_counter()
