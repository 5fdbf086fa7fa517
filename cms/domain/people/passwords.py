"""Passwords: hashed with Argon2id, checked in the same time whether or not there is anybody to check.

The cost (46 MiB, one pass, one lane) is one of the equal choices in OWASP's Password Storage Cheat Sheet; with
a signed-in minute for every few of them it suits a machine of 1 GB.
"""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cms.domain.errors import Invalid

SHORTEST, LONGEST = 12, 200

_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)


def hash_password(text: str) -> str:
    """The hash to store. Raises Invalid for a password shorter than 12 characters or longer than 200."""
    if not SHORTEST <= len(text) <= LONGEST:
        raise Invalid({"password": [f"Takes {SHORTEST} to {LONGEST} characters."]})
    return _HASHER.hash(text)


def matches(hashed: str | None, text: str) -> bool:
    """Whether this is the password. Without a hash it does the same work and says no."""
    if len(text) > LONGEST:
        text = ""  # never stored, so it can't match; and nobody makes us hash a megabyte
    try:
        _HASHER.verify(hashed or _nobodys_hash(), text)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def renewed(hashed: str, text: str) -> str | None:
    """A new hash of a password just proven right, when the old one was made at another cost; else None."""
    return _HASHER.hash(text) if _HASHER.check_needs_rehash(hashed) else None


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody signs in with this")


def made_up_password() -> str:
    """Twenty letters in groups of five: about 99 random bits, easy to read out."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(20))
    return "-".join(letters[at : at + 5] for at in range(0, 20, 5))


_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
