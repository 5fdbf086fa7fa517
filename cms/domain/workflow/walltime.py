"""Times as people write them: a wall clock's, in the site's zone.

Twice a year a wall clock lies. A time that the spring change leaves out is refused, with the nearest two that there
are; one that the autumn change brings twice is asked about.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cms.domain.errors import Invalid


class OddTime(Invalid):
    """A time that a wall clock skips or shows twice. ``choices``: what to write instead, or the two that are meant."""

    def __init__(self, field: str, sentence: str, choices: list[datetime], *, twice: bool) -> None:
        super().__init__({field: [sentence]})
        self.field, self.choices, self.twice = field, choices, twice


def instant(wall: str, zone: ZoneInfo, field: str, *, second: bool | None = None) -> datetime:
    """The instant at which a wall clock in ``zone`` shows ``wall`` (``2026-03-29T02:30``).

    ``second`` says which is meant of a time that comes twice. Raises Invalid, naming ``field``.
    """
    try:
        naive = datetime.fromisoformat(wall)
    except ValueError:
        raise Invalid({field: ["Takes a date and a time, such as 2026-03-29T14:30."]}) from None
    if naive.tzinfo is not None or not 1900 <= naive.year <= 2200:
        raise Invalid({field: [f"Takes a date and a time in {zone.key}, without an offset."]})
    first, later = naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == later.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive:
        options = sorted(each.astimezone(UTC).astimezone(zone) for each in (first, later))
        named = " or ".join(option.strftime("%H:%M") for option in options)
        sentence = f"Clocks in {zone.key} leave this time out on that day. Choose {named}."
        raise OddTime(field, sentence, options, twice=False)
    if second is None:
        sentence = (
            f"Clocks in {zone.key} show this time twice on that day. "
            f"Say whether the first ({first:%z}) or the second ({later:%z}) is meant."
        )
        raise OddTime(field, sentence, [first, later], twice=True)
    return (later if second else first).astimezone(UTC)
