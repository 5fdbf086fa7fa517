"""Who is reading, without knowing who: keyed hashes that die with the day's salt, and the bots among them.

The article is part of every key, so that not even while the salt lives do the keys tell what else a reader read.
"""

from __future__ import annotations

import hmac
import socket
from functools import cache, lru_cache

from crawlerdetect import CrawlerDetect

_AGENT_LENGTH = 256
"""What is looked at of an agent: the bot list's patterns take 20 ms over a hostile one of 512 characters."""


def make_ready() -> None:
    """Compile the bot list's patterns (a fifth of a second) now, not in the first reader's request."""
    _list_of_bots().is_crawler("any agent compiles them")


def network_of(address: str) -> bytes:
    """The address's network, all that is ever looked at of it: IPv4 /24, IPv6 /56.

    One that can't be read (such as a socket's) is a network of its own.
    """
    try:
        return socket.inet_pton(socket.AF_INET, address)[:3]
    except OSError:
        pass
    try:
        packed = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    except (OSError, ValueError):
        return b""
    if packed.startswith(bytes(10) + b"\xff\xff"):  # an IPv4 client on an IPv6 socket
        return packed[12:15]
    return packed[:7]


def reader_key(salt: bytes, article: str, network: bytes, agent: str) -> int:
    return _key(salt, b"reader", article, network, agent[:_AGENT_LENGTH].encode("utf-8", "replace"))


def network_key(salt: bytes, article: str, network: bytes) -> int:
    return _key(salt, b"network", article, network, b"")


def _key(salt: bytes, kind: bytes, article: str, network: bytes, agent: bytes) -> int:
    """64 bits, signed as databases have them. Every part but the last has one length or no NUL."""
    parts = b"%b\0%b\0%d\0%b%b" % (kind, article.encode("ascii"), len(network), network, agent)
    return int.from_bytes(hmac.digest(salt, parts, "sha256")[:8], "big", signed=True)


def is_bot(agent: str) -> bool:
    """Whether the agent is a known crawler or tool, or says nothing at all."""
    agent = agent[:_AGENT_LENGTH].strip()
    return not agent or _known_bot(agent)


@lru_cache(maxsize=4096)
def _known_bot(agent: str) -> bool:
    return bool(_list_of_bots().is_crawler(agent))


@cache
def _list_of_bots() -> CrawlerDetect:
    return CrawlerDetect()
