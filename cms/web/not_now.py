"""When the database can neither be read nor written just now: what is said of it. Nothing was done."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

log = logging.getLogger("copydesk.web")

NOT_NOW = (OperationalError, InterfaceError, NoConnection)
"""What the database's driver, or our own stock of connections, raises then."""

RETRY_AFTER = "5"


@dataclass(frozen=True)
class Trouble:
    """``code`` is for machines, the message for people."""

    code: str
    message: str


BUSY = Trouble("busy", "The server is busy; try again in a few seconds.")


def trouble(error: Exception) -> Trouble:
    """Why, as far as whoever asks can make use of it; whoever runs the server reads the rest in the log."""
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    log.warning("the database can't be used: %s", cause)
    said = cause.lower()
    if "disk is full" in said or "no space left" in said:
        return Trouble("no_space", "The server's disk is full, so nothing can be saved until somebody makes room.")
    if "readonly" in said or "read-only" in said or "disk i/o" in said:
        return Trouble("read_only", "The server's disk takes no changes at the moment, so nothing can be saved.")
    return BUSY
