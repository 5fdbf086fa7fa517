"""How often somebody may guess a password. Counted in the database, so the limit holds across processes.

A guess is written down *before* the password is looked at: a hundred guesses sent at once are a hundred rows, not
one. Each guess counts against the account named and against the network it came from. Somebody who has signed in
on this device before is counted by the device instead of by the account, so that a stranger who guesses at an
account can't lock its owner out.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cms.db import Base, UTCDateTime, one_at_a_time

WINDOW = timedelta(minutes=15)
MOST: Mapping[str, int] = {
    "account": 10,
    "device": 10,
    "network": 100,
    "report": 5,  # what one network's readers report of errors; next, what is reported of one story, and in all
    "reported": 10,
    "reports": 30,
}
"""The guesses, or reports by readers, that each kind of bucket holds in a window."""


class SignInFailure(Base):
    """One guess that was not right, or that is being looked at."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index(None, "bucket", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bucket: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


def account_bucket(email: str) -> str:
    return "account:" + hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()[:40]


def device_bucket(public_id: str) -> str:
    """That of the devices on which this user has signed in before."""
    return f"device:{public_id}"


def network_bucket(address: str) -> str:
    """The client's /24 (IPv4) or /56 (IPv6); all clients without a readable address share one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "network:unknown"
    bits = 24 if parsed.version == 4 else 56
    return f"network:{ipaddress.ip_network((parsed, bits), strict=False)}"


def reserve(session: Session, buckets: Sequence[str], now: datetime) -> datetime | None:
    """Write one guess down in each bucket; or, if one is full, write nothing and say when to come back."""
    one_at_a_time(session, "sign-in")
    session.execute(delete(SignInFailure).where(SignInFailure.at <= now - 2 * WINDOW))
    for bucket in buckets:
        recent = select(SignInFailure.at).where(SignInFailure.bucket == bucket, SignInFailure.at > now - WINDOW)
        guesses = session.scalar(select(func.count()).select_from(recent.subquery())) or 0
        most = MOST[bucket.partition(":")[0]]
        if guesses >= most:
            oldest = session.scalar(recent.order_by(SignInFailure.at.desc()).offset(most - 1).limit(1))
            assert oldest is not None
            return oldest + WINDOW
    session.add_all([SignInFailure(bucket=bucket, at=now) for bucket in buckets])
    session.flush()
    return None


def forgive(session: Session, buckets: Sequence[str]) -> None:
    """The right password was given: the person's failures no longer count. The network's do, but for this one."""
    for bucket in buckets:
        counted = select(SignInFailure.id).where(SignInFailure.bucket == bucket)
        if bucket.startswith("network:"):
            counted = counted.order_by(SignInFailure.id.desc()).limit(1)
        session.execute(delete(SignInFailure).where(SignInFailure.id.in_(counted)))
