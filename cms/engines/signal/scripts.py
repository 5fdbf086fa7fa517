"""What happens inside the Redis server, each script as one act, by the server's own clock.

Keys: the leases (holder → end, in ms), what each holder has acknowledged (holder → mark), the pending changes (token
→ begin, in ms), and counters: ``mark`` grows with each pending change, ``version`` with each published one, ``born``
is when this memory began.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from redis import Redis

_FIRST = """
local leases, seen, pending, counters, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local lease, pending_for, said, holder = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSETNX', counters, 'born', now)
local function tell() redis.call('HINCRBY', counters, 'version', 1) redis.call('PUBLISH', channel, '') end
if redis.call('ZREMRANGEBYSCORE', pending, '-inf', now - pending_for) > 0 then tell() end
"""
_TIDY = """
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now)) do redis.call('HDEL', seen, gone) end
redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
"""
_MARK = """
redis.call('ZADD', pending, now, said)
redis.call('PUBLISH', channel, '')
return {redis.call('HINCRBY', counters, 'mark', 1), now - redis.call('HGET', counters, 'born')}
"""
_UNACKNOWLEDGED = """
local waiting = 0
for _, each in ipairs(redis.call('ZRANGEBYSCORE', leases, '(' .. now, '+inf')) do
    if tonumber(redis.call('HGET', seen, each) or 0) < tonumber(said) then waiting = waiting + 1 end
end
return waiting
"""
_PUBLISH = """
redis.call('ZREM', pending, said)
tell()
"""
_RENEW = """
local until_ = redis.call('ZSCORE', leases, holder)
local known = until_ and tonumber(until_) > now
redis.call('ZADD', leases, now + lease, holder)
redis.call('HSET', seen, holder, known and said or 0)
local told = redis.call('HMGET', counters, 'mark', 'version')
return {known and 1 or 0, tonumber(told[1] or 0), tonumber(told[2] or 0), redis.call('ZCARD', pending)}
"""


@dataclass(frozen=True)
class Lease:
    """``known``: the server had not forgotten us since the last time."""

    known: bool
    mark: int
    version: int
    pending: bool


class Scripts:
    """Every call may raise RedisError."""

    def __init__(self, client: Redis, prefix: str, *, lease: float, pending_for: float) -> None:
        self._keys = [f"{prefix}:{name}" for name in ("leases", "seen", "pending", "counters", "signal")]
        self._spans = [round(lease * 1000), round(pending_for * 1000)]
        bodies = (_TIDY + _MARK, _UNACKNOWLEDGED, _PUBLISH, _RENEW, _TIDY)
        self._mark, self._unacknowledged, self._publish, self._renew, self._tidy = (
            client.register_script(_FIRST + body) for body in bodies
        )

    def mark(self, token: str) -> tuple[int, float]:
        """A change is pending from now on: its mark, and for how many seconds the server has had its memory."""
        mark, age = self._run(self._mark, token)
        return mark, age / 1000

    def unacknowledged(self, mark: int) -> int:
        """How many holders of a lease have not acknowledged this mark."""
        return cast(int, self._run(self._unacknowledged, mark))

    def publish(self, token: str) -> None:
        self._run(self._publish, token)

    def renew(self, holder: str, acknowledged: int) -> Lease:
        """Take or prolong a lease; ``acknowledged`` counts only if we are still known."""
        known, mark, version, pending = self._run(self._renew, acknowledged, holder)
        return Lease(bool(known), mark, version, pending > 0)

    def tidy(self) -> None:
        self._run(self._tidy)

    def _run(self, script: Any, *arguments: object) -> Any:
        return script(keys=self._keys, args=[*self._spans, *arguments])
