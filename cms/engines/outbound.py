"""Requests to other sites: to the address that was checked, with an end in time and size, and no redirects.

A name is looked up once, and what was found is what is connected to: a name that leads elsewhere the second time it is
asked leads nowhere. Addresses of private networks are refused unless the settings let them be reached.
"""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlencode, urlsplit

from cms.interfaces import OutboundRefused

TIMEOUT = 10.0
"""Seconds that the other side has for each step."""


class Outbound:
    def __init__(self, *, private_networks: bool, agent: str) -> None:
        self._private_networks = private_networks
        self._agent = agent

    def post_form(self, url: str, fields: list[tuple[str, str]]) -> None:
        """Send a form. Raises OSError where it didn't arrive or wasn't taken; OutboundRefused where it may not go."""
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection(parts.scheme == "https", parts.hostname or "", parts.port)
        try:
            connection.request(
                "POST",
                path,
                urlencode(fields),
                {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": self._agent},
            )
            status = connection.getresponse().status
        except HTTPException as broken:
            raise OSError(f"{parts.hostname} does not speak HTTP: {type(broken).__name__}") from None
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise OSError(f"{parts.hostname} answered {status}")

    def _connection(self, secure: bool, host: str, port: int | None) -> HTTPConnection:
        number = port or (443 if secure else 80)
        connection = (HTTPSConnection if secure else HTTPConnection)(host, port, timeout=TIMEOUT)
        plain = socket.create_connection((self._checked(host, number), number), TIMEOUT)
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
        return connection

    def _checked(self, host: str, port: int) -> str:
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self._private_networks and not all(map(_is_public, found)):
            raise OutboundRefused(f"{host} is in a private network (CMS_ALLOW_PRIVATE_NETWORKS=1 lets it be reached)")
        return found[0]


def _is_public(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        address = inner or address
    return address.is_global and not address.is_multicast
