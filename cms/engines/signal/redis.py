"""The change number across machines, by a Redis or Valkey server (CMS_SIGNAL_URL=redis://…).

Every process that reads the number keeps it in its own memory and holds a *lease* on it: for most of a second after
the server's last answer it may believe what it has. A writer marks its change as pending, and goes on to COMMIT once
every holder of a lease has said that it knows, or has run out. So from the COMMIT on nobody believes an older page,
a reader's request costs one comparison, and the server may be as forgetful as it likes: it keeps nothing that
matters.

Without the server there are no leases: every request asks the database. A writer that can't reach it waits until no
lease can be left. Should others still reach it, they notice within half a second: each process also looks at the
database's own newest number.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from cms.clock import stopwatch
from cms.engines.redis_address import open_redis
from cms.engines.signal import scripts

LEASE = 1.0
"""Seconds that a lease lasts, by the server's clock."""

BELIEVED = 0.9
"""Seconds that its holder believes in it, from before it asked, by its own clock."""

RENEW_EVERY = 0.25
LOOK_EVERY = 0.5
"""Seconds between two looks at the database's newest number."""

PENDING_FOR = 10.0
"""Seconds after which a pending change's process is taken for dead."""

_log = logging.getLogger(__name__)


class SignalLost(OSError):
    """The server that carries the change number doesn't answer."""


class RedisSignal:
    """A SiteSignal. Opening it asks nobody anything; the first ``read`` starts two threads that keep the lease."""

    def __init__(self, url: str, newest: Callable[[], int], pending_for: float = PENDING_FOR) -> None:
        """``newest`` asks the database. Raises ValueError, saying what the address takes."""
        self._client, prefix = open_redis(url)
        self._channel = f"{prefix}:signal"
        self._scripts = scripts.Scripts(self._client, prefix, lease=LEASE, pending_for=pending_for)
        self._newest = newest
        self._holder = secrets.token_hex(8)
        self._writing = threading.Lock()  # guards the three below; nobody waits for it on a request
        self._number = 0  # ours alone: another one whenever anything may have changed
        self._held: tuple[float, int | None] = (0.0, None)  # until when what is believed
        self._lost_since: float | None = None
        self._watching = False
        self._closing = threading.Event()

    def read(self) -> int | None:
        until, number = self._held
        if stopwatch() < until:
            return number
        if not self._watching:
            self._start_watching()
        return None

    def pending(self) -> _Pending:
        token = secrets.token_hex(8)
        try:
            mark, age = self._scripts.mark(token)
            if age < LEASE:  # the server is new, or has lost its memory: others may hold leases it knows nothing of
                self._closing.wait(LEASE - age)
            while self._scripts.unacknowledged(mark):
                self._closing.wait(0.001)
            self._found()
        except RedisError as lost:
            self._outlast_the_leases(lost)
        return _Pending(self, token)

    def repair(self, newest: Callable[[], int]) -> None:
        """Whoever asks the server clears away what is stuck; here somebody does even if nobody reads."""
        with suppress(RedisError):
            self._scripts.tidy()

    def ping(self) -> None:
        try:
            self._client.ping()
        except RedisError as lost:
            raise SignalLost(f"the Redis server does not answer: {type(lost).__name__}") from lost

    def close(self) -> None:
        self._closing.set()
        self._believe(0.0, pending=True)

    # --- Writing -------------------------------------------------------------------------------------------

    def _outlast_the_leases(self, lost: RedisError) -> None:
        """Wait until nobody can still believe an older number."""
        with self._writing:
            if self._lost_since is None:
                self._lost_since = stopwatch()
                _log.warning("changes go by the database alone, for Redis does not answer: %s", lost)
            left = self._lost_since + LEASE - stopwatch()
        if left > 0:
            self._closing.wait(left)

    def publish(self, token: str) -> None:
        try:
            self._scripts.publish(token)
        except RedisError:
            _log.warning("a change could not be told to other machines; they ask the database")
        self._moved()

    # --- Watching ------------------------------------------------------------------------------------------

    def _start_watching(self) -> None:
        with self._writing:
            if self._watching or self._closing.is_set():
                return
            self._watching = True
        for duty in (self._keep_the_lease, self._watch_the_database):
            threading.Thread(target=duty, name="signal", daemon=True).start()

    def _keep_the_lease(self) -> None:
        while not self._closing.is_set():
            try:
                with self._client.pubsub(ignore_subscribe_messages=True) as wake:
                    wake.subscribe(self._channel)
                    self._go_on_renewing(lambda: wake.get_message(timeout=RENEW_EVERY))
            except RedisError as lost:
                with self._writing:
                    if self._lost_since is None:
                        self._lost_since = stopwatch()
                        _log.warning("every request asks the database, for Redis does not answer: %s", lost)
                self._closing.wait(RENEW_EVERY)

    def _go_on_renewing(self, sleep: Callable[[], object]) -> None:
        """Renew the lease at every change and four times a second. What it says is acknowledged once it is
        believed here, and not before: by the next renewal, which therefore follows at once."""
        believed: tuple[int, int] | None = None  # mark and version
        while not self._closing.is_set():
            began = stopwatch()
            lease = self._scripts.renew(self._holder, believed[0] if believed else 0)
            if not lease.known or believed is None or lease.version != believed[1]:
                self._moved()
            self._found()
            self._believe(began + BELIEVED, pending=lease.pending)
            acknowledged = lease.known and believed is not None and believed[0] == lease.mark
            believed = (lease.mark, lease.version)
            if acknowledged or lease.mark == 0:
                sleep()

    def _watch_the_database(self) -> None:
        seen: int | None = None
        while not self._closing.wait(LOOK_EVERY):
            try:
                newest = self._newest()
            except SQLAlchemyError:
                continue  # whoever needs it will notice
            if newest != seen:
                self._moved()
            seen = newest

    def _moved(self) -> None:
        with self._writing:
            self._number += 1
            until, number = self._held
            self._held = (until, None if number is None else self._number)

    def _believe(self, until: float, *, pending: bool) -> None:
        with self._writing:
            self._held = (until, None if pending else self._number)

    def _found(self) -> None:
        if self._lost_since is not None:
            _log.warning("Redis answers again")
            self._lost_since = None


class _Pending:
    def __init__(self, signal: RedisSignal, token: str) -> None:
        self._signal, self._token = signal, token

    def publish(self, seq: int) -> None:
        """Which change it was, the database knows; here it is enough that there was one."""
        self._signal.publish(self._token)
