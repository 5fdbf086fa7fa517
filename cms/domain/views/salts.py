"""One random salt a site day, after which no reader can be told from another.

A salt is a file of its own, outside the database, so that no backup and no export can carry one. It is made once,
by whichever process needs it first, and destroyed half an hour after its day: until then yesterday's serves to
recognise who is still in the same visit over midnight, and for nothing else. Machines of one site agree on it; one
that can't ask the others uses its own that day, and a reader whom it shares with them may be counted on both.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from cms.domain.views.days import day_start, site_day

GRACE = timedelta(minutes=30)


@dataclass(frozen=True)
class SaltsOfNow:
    """Today's salt, yesterday's while it lives (and was ever made), and the span in which that is so."""

    today: bytes
    yesterday: bytes | None
    since: datetime
    until: datetime


Agree = Callable[[str, bytes, timedelta], bytes]
"""Offers a salt under a name, for so long; answers with the one that all machines use. May raise OSError."""


class Salts:
    def __init__(self, folder: Path, zone: tzinfo, agree: Agree = lambda _name, mine, _lasting: mine) -> None:
        self._folder = folder
        self._zone = zone
        self._agree = agree
        self._now: SaltsOfNow | None = None

    def at(self, now: datetime) -> SaltsOfNow:
        """Raises OSError when today's can neither be read nor made."""
        held = self._now
        if held is None or not held.since <= now < held.until:
            held = self._now = self._look_up(now)
        return held

    def destroy_old(self, now: datetime) -> None:
        """Destroy every salt whose time is over, also when no view comes in. The worker calls this."""
        today = site_day(now, self._zone)
        kept = {today.isoformat()}
        if now < day_start(today, self._zone) + GRACE:
            kept.add((today - timedelta(days=1)).isoformat())
        for path in self._folder.glob("*"):
            if path.name not in kept and not path.name.startswith("."):
                path.unlink(missing_ok=True)
        if self._now is not None and now >= self._now.until:
            self._now = None

    def _look_up(self, now: datetime) -> SaltsOfNow:
        self.destroy_old(now)
        today = site_day(now, self._zone)
        midnight = day_start(today, self._zone)
        tomorrow = day_start(today + timedelta(days=1), self._zone)
        salt = self._read(today) or self._make(today, tomorrow + GRACE - now)
        if now < midnight + GRACE:
            yesterday = self._read(today - timedelta(days=1))
            return SaltsOfNow(salt, yesterday, midnight, midnight + GRACE)
        return SaltsOfNow(salt, None, midnight + GRACE, tomorrow)

    def _read(self, day: date) -> bytes | None:
        try:
            return (self._folder / day.isoformat()).read_bytes()
        except FileNotFoundError:
            return None

    def _make(self, day: date, lasting: timedelta) -> bytes:
        """Make the day's salt, or take the one that another process or machine made before."""
        salt = secrets.token_bytes(32)
        with suppress(OSError):
            salt = self._agree(f"salt:{day.isoformat()}", salt, lasting)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._folder / f".{secrets.token_hex(8)}"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(salt)
            file.flush()
            os.fsync(file.fileno())  # a name with nothing behind it, after a power cut, would be no secret
        try:
            with suppress(FileExistsError):
                os.link(part, self._folder / day.isoformat())  # whole or not at all; the first one wins
        finally:
            part.unlink()
        return (self._folder / day.isoformat()).read_bytes()
