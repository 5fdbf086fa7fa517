"""The cookie by which the view door knows staff: it says that, and for how long, and nothing else.

It is sent to the view door alone (Path), so that no page can depend on it. It gives no right to anything: whoever
copies one is merely not counted.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

NAME = "cms_staff"
PATH = "/api/v1/views"
LIFETIME = timedelta(days=30)

_PREFIX = NAME + "="


def issue(secret_key: str, now: datetime) -> str:
    """The cookie's value, to be set at sign-in (and renewed by the admin) with PATH, HttpOnly and SameSite=Lax."""
    until = int((now + LIFETIME).timestamp())
    return f"{until}.{_signature(secret_key, until)}"


def marks_staff(cookies: str, secret_key: str, now: datetime) -> bool:
    """Whether a Cookie header carries a marker that we made and that has not run out."""
    if _PREFIX not in cookies:
        return False
    for cookie in cookies.split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == NAME:
            until, _, signature = value.partition(".")
            if until.isascii() and until.isdigit() and len(until) <= 12 and int(until) > now.timestamp():
                return hmac.compare_digest(
                    signature.encode("utf-8", "replace"), _signature(secret_key, int(until)).encode()
                )
    return False


def _signature(secret_key: str, until: int) -> str:
    return hmac.digest(secret_key.encode(), f"staff-marker:{until}".encode(), "sha256").hex()
