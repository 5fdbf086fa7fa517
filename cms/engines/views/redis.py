"""Visits of several machines, carried to the workers by a Redis or Valkey server (CMS_VIEWS_URL=redis://…).

A view is acknowledged by the machine that it came to, once it is in that machine's own spool: no reader waits for
the network, and the server needs no disk. A thread of our own carries each sealed segment to the server, and the
machine keeps it until a worker has counted it. So the server may lose all that it was told; then it is carried
again. What is carried or counted twice counts once: segments by their names, views by their ids.

Without the server, views wait in the spools, and the workers of the same machine count them from there.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError

from cms.engines.redis_address import open_redis
from cms.engines.views import lines, segments
from cms.engines.views.spool import Spool
from cms.interfaces import Beat, Segment

CARRY_EVERY = 0.1  # seconds: with the spool's half and the worker's own, a view is counted within two
LOST_FOR = 1.0  # seconds until the next try

_AT_ONCE = 256
"""Segments on the server: if no worker counts them, the rest waits on the machines' disks."""

_CONFIRMED_FOR = 30 * 24 * 3600 * 1_000_000
"""Microseconds for which the server remembers what was counted, for a machine that doesn't come to ask."""

_log = logging.getLogger(__name__)


class CarrierLost(OSError):
    """The server that carries visits between machines doesn't answer."""


class CarriedViews:
    """A ViewStore. Opening it asks nobody anything; the first view, or question, starts the carrying thread."""

    def __init__(self, folder: Path, sync_ms: int, url: str) -> None:
        """Raises ValueError, saying what the address takes."""
        self._client, prefix = open_redis(url)
        self._waiting, self._counted = f"{prefix}:segments", f"{prefix}:counted"  # name → content; name by its begin
        self._prefix = prefix
        self._folder = folder
        self._spool = Spool(folder, sync_ms)
        self._starting = threading.Lock()
        self._carrier: threading.Thread | None = None
        self._closing = threading.Event()

    # --- As the spool does ---------------------------------------------------------------------------------

    def append(self, beat: Beat) -> None:
        self._spool.append(beat)
        if self._carrier is None:
            self._start_carrying()

    def drop(self, reason: str, at: datetime) -> None:
        self._spool.drop(reason, at)
        if self._carrier is None:
            self._start_carrying()

    def ping(self) -> None:
        self._start_carrying()
        self._spool.ping()
        with _lost_if_silent():
            self._client.ping()

    def agree(self, name: str, mine: bytes, lasting: timedelta) -> bytes:
        key = f"{self._prefix}:{name}"
        with _lost_if_silent():
            self._client.set(key, mine, nx=True, ex=lasting)
            agreed: Any = self._client.get(key)
        return bytes(agreed or mine)

    def close(self) -> None:
        self._closing.set()
        if self._carrier is not None:
            self._carrier.join()
        self._spool.close()
        try:
            self._carry()
        except (RedisError, OSError):
            _log.warning("visits wait in this machine's spool until it serves again")

    # --- From here to the server ---------------------------------------------------------------------------

    def _start_carrying(self) -> None:
        with self._starting:
            if self._carrier is None:
                self._carrier = threading.Thread(target=self._carry_on, name="view-carrier", daemon=True)
                self._carrier.start()

    def _carry_on(self) -> None:
        lost = False
        while not self._closing.wait(LOST_FOR if lost else CARRY_EVERY):
            try:
                self._carry()
                lost = False
            except (RedisError, OSError) as failed:
                if not lost:
                    _log.warning("visits wait in this machine's spool: %s", failed)
                lost = True

    def _carry(self) -> None:
        """Carry what was sealed here and isn't on the server; forget here what was counted.

        Raises RedisError and OSError. Whatever process of this machine comes first does it for all.
        """
        segments.seal_the_dead(self._folder)
        if not segments.sealed_names(self._folder):
            return
        with _alone(self._folder / ".carrying"):
            names = segments.sealed_names(self._folder)
            asked = self._client.pipeline(transaction=True)
            asked.hlen(self._waiting)
            for name in names:
                asked.hexists(self._waiting, name)
                asked.zscore(self._counted, name)
            there, *told = asked.execute()
            counted = [name for name, score in zip(names, told[1::2], strict=True) if score is not None]
            fresh = [name for name, *known in zip(names, told[::2], told[1::2], strict=True) if known == [0, None]]
            for name in fresh[: max(0, _AT_ONCE - there)]:
                self._client.hsetnx(self._waiting, name, segments.content(self._folder, name))
            if counted:
                self._spool.discard(counted)
                self._client.zrem(self._counted, *counted)

    # --- From the server to the tables ---------------------------------------------------------------------

    def sealed(self) -> Sequence[str]:
        self._start_carrying()
        own = self._spool.sealed()
        try:
            self._carry()
            elsewhere: Any = self._client.hkeys(self._waiting)
        except RedisError:
            return own
        return sorted({name.decode() for name in elsewhere} | set(segments.sealed_names(self._folder)))

    def read(self, segment: str) -> Segment | None:
        if (own := self._spool.read(segment)) is not None:
            return own
        with _lost_if_silent():
            content: Any = self._client.hget(self._waiting, segment)
        return None if content is None else lines.read(segment, content)[0]

    def waiting(self) -> Sequence[Segment]:
        """Of other machines, what they have carried: all but their last second's."""
        found = {segment.name: segment for segment in self._spool.waiting()}
        try:
            elsewhere: Any = self._client.hgetall(self._waiting)
        except RedisError:
            elsewhere = {}
        for name, content in elsewhere.items():
            found.setdefault(name.decode(), lines.read(name.decode(), content)[0])
        return [found[name] for name in sorted(found)]

    def discard(self, segments_: Sequence[str]) -> None:
        """What isn't forgotten for want of the server is listed again, and then known to have been counted."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(self._folder / ".carrying"):  # else what is forgotten here could just be on its way there
            self._discard(segments_, set(segments.sealed_names(self._folder)))

    def _discard(self, segments_: Sequence[str], own: set[str]) -> None:
        self._spool.discard([name for name in segments_ if name in own])
        elsewhere = {name: int(name.partition("-")[0]) for name in segments_ if name not in own}
        try:
            told = self._client.pipeline(transaction=True)
            if segments_:
                told.hdel(self._waiting, *segments_)
            if elsewhere:
                told.zadd(self._counted, elsewhere)
                told.zremrangebyscore(self._counted, "-inf", max(elsewhere.values()) - _CONFIRMED_FOR)
            told.execute()
        except RedisError as lost:
            _log.warning("counted visits stay on the server for now: %s", lost)


@contextmanager
def _lost_if_silent() -> Iterator[None]:
    try:
        yield
    except RedisError as lost:
        raise CarrierLost(f"the Redis server does not answer: {type(lost).__name__}") from lost


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
