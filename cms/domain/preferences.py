"""What the site's people have chosen while it runs, by name. What must hold before it starts is a setting instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from cms.db import Base

CHECKS = "checks"
SECURITY = "security"


class Preference(Base):
    __tablename__ = "preferences"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)


def preferred(session: Session, name: str) -> Mapping[str, Any]:
    """What was chosen under this name; nothing before anybody chose."""
    found = session.get(Preference, name)
    return found.value if found else {}


def prefer(session: Session, name: str, value: Mapping[str, Any]) -> None:
    session.merge(Preference(name=name, value=dict(value)))
    session.flush()
