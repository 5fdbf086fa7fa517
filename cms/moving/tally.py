"""What came of an import, in numbers and in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Count:
    """Of one kind. ``read`` is the sum of the others."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0

    def told(self) -> dict[str, int]:
        outcomes = asdict(self)
        return {"read": sum(outcomes.values()), **outcomes}


@dataclass
class Tally:
    counts: dict[str, Count] = field(default_factory=dict)
    unsupported: list[str] = field(default_factory=list)
    """What was understood and can't be had here as it was there."""
    errors: list[dict[str, Any]] = field(default_factory=list)

    def of(self, kind: str) -> Count:
        return self.counts.setdefault(kind, Count())

    def told(self) -> dict[str, Any]:
        return {
            **{kind: count.told() for kind, count in self.counts.items()},
            "unsupported": self.unsupported,
            "errors": self.errors,
        }
