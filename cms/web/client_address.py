"""Whose request it is, when proxies stand in front."""

from __future__ import annotations

from typing import Any


def client_address(environ: dict[str, Any], trusted_proxies: int) -> str:
    """The address that the outermost believed proxy saw (CMS_TRUSTED_PROXIES of them), without its port.

    Each proxy appends whom it heard from to X-Forwarded-For; what stands before the entries of our own proxies
    was sent by the client and may say anything.
    """
    direct: str = environ.get("REMOTE_ADDR", "")
    if not trusted_proxies:
        return direct
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    chain = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if not chain:
        return direct
    return _without_port(chain[max(0, len(chain) - trusted_proxies)])


def _without_port(hop: str) -> str:
    """``192.0.2.1:4711``, ``[2001:db8::1]:4711``, or an address as it is."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
