"""Passwords: made up, hashed and checked with argon2id at the library's current defaults."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def is_password(hashed: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long for a user who isn't there, or who has none, as for one who has."""
    try:
        _hasher.verify(hashed or _NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def made_up_password() -> str:
    """Twenty letters in groups of five: about 99 random bits, easy to read out."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(20))
    return "-".join(letters[at : at + 5] for at in range(0, 20, 5))


_NOBODYS = _hasher.hash(secrets.token_hex(16))
