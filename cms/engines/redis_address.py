"""A Redis or Valkey server's address, as settings give it: ``redis://USER:PASSWORD@HOST:PORT/DB?prefix=NAME``.

``rediss:`` is the same over TLS. Sites that share a server have a database or a prefix of their own.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError
from redis.retry import Retry

FORM = "redis://USER:PASSWORD@HOST:PORT/DB?prefix=NAME"
PATIENCE = 0.5
"""Seconds that one question to it may take: somebody is waiting, and can do without."""


def open_redis(url: str) -> tuple[Redis, str]:
    """A client that has asked nobody anything yet, and the prefix of all our keys there. Raises ValueError."""
    address = urlsplit(url)
    given = dict(parse_qsl(address.query, keep_blank_values=True))
    prefix = given.pop("prefix", "copydesk")
    try:
        host, port = address.hostname or "", address.port or 6379
    except ValueError:  # its own words could hold a part of the password
        host, port = "", 0
    database = re.fullmatch(r"/?(\d{0,3})", address.path)
    if not host or database is None or given or address.fragment or not re.fullmatch(r"[a-z0-9-]{1,40}", prefix):
        raise ValueError(f"takes {FORM}")
    client = Redis(
        host=host,
        port=port,
        db=int(database[1] or 0),
        username=unquote(address.username or "") or None,
        password=unquote(address.password or "") or None,
        ssl=address.scheme == "rediss",
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),  # it may have been started anew
        protocol=2,
    )
    return client, prefix
