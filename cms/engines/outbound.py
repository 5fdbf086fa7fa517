"""Requests to other sites: to the address that was checked, with an end in time and size, and no redirects.

A name is looked up once, and what was found is what is connected to: a name that leads elsewhere the second time it is
asked leads nowhere. Addresses of private networks are refused unless the settings let them be reached.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlencode, urlsplit

from cms.interfaces import Answered, OutboundRefused

TIMEOUT = 10.0
"""Seconds that the other side has for each step."""

WHOLE = 20.0
"""Seconds for all of it: whoever answers a byte at a time is cut off."""

MOST_READ = 2_000
"""Bytes of an answer that are looked at."""


class Outbound:
    def __init__(self, *, private_networks: bool, agent: str) -> None:
        self._private_networks = private_networks
        self._agent = agent

    def post_form(self, url: str, fields: list[tuple[str, str]]) -> None:
        """Send a form. Raises OSError where it didn't arrive or wasn't taken; OutboundRefused where it may not go."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answered = self.post(url, urlencode(fields).encode(), form)
        if not 200 <= answered.status < 300:
            raise OSError(f"{urlsplit(url).hostname} answered {answered.status}")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send these bytes, and say what was answered. Raises OSError where there was no answer."""
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection(parts.scheme == "https", parts.hostname or "", parts.port)
        cut = threading.Timer(WHOLE, _cut_off, [connection.sock])
        cut.daemon = True
        cut.start()
        try:
            connection.request("POST", path, body, {"User-Agent": self._agent, **headers})
            answer = connection.getresponse()
            said = answer.read(MOST_READ).decode("utf-8", "replace")
        except HTTPException as broken:
            raise OSError(f"{parts.hostname} does not speak HTTP: {type(broken).__name__}") from None
        finally:
            cut.cancel()
            connection.close()
        return Answered(answer.status, " ".join("".join(c if c.isprintable() else " " for c in said).split()))

    def _connection(self, secure: bool, host: str, port: int | None) -> HTTPConnection:
        number = port or (443 if secure else 80)
        connection = (HTTPSConnection if secure else HTTPConnection)(host, port, timeout=TIMEOUT)
        plain = socket.create_connection((self._checked(host, number), number), TIMEOUT)
        try:
            connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
        except OSError:
            plain.close()
            raise
        return connection

    def _checked(self, host: str, port: int) -> str:
        try:
            found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except UnicodeError:  # an empty label or one of 64 letters
            raise OutboundRefused(f"{host[:80]} is no name that can be looked up") from None
        if not self._private_networks and not all(map(_is_public, found)):
            raise OutboundRefused(f"{host} is in a private network (CMS_ALLOW_PRIVATE_NETWORKS=1 lets it be reached)")
        return found[0]


def _cut_off(plain: socket.socket) -> None:
    try:
        plain.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _is_public(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = _within(address)
        if inner is None:
            return address in _GLOBAL_UNICAST and address.is_global
        address = inner
    return address.is_global and not address.is_multicast and address not in _PROTOCOLS_OWN


def _within(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a translator or a tunnel would make of this one."""
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA gives out; what lies outside has a use of its own
_TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64, RFC 6052
_PROTOCOLS_OWN = IPv4Network("192.0.0.0/24")  # RFC 6890; Python before 3.13 takes most of it for public
