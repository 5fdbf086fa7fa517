"""How a view is written down: one line of ASCII, its fields apart by one space, ended by a newline.

    1774539963123456 5m2k0c9x7t3wq8ad b2Zf…view id 8301…reader -551…network 77…earlier (or -)
    1774539963123456 !bot 12

Times are microseconds since 1970. A line without its newline was torn by a crash or a full disk and was never
acknowledged.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cms.interfaces import Beat, Drop, Segment

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def of_beat(beat: Beat) -> bytes:
    earlier = "-" if beat.earlier is None else beat.earlier
    return (f"{microseconds(beat.at)} {beat.article} {beat.view} {beat.reader} {beat.network} {earlier}\n").encode(
        "ascii"
    )


def of_drop(drop: Drop) -> bytes:
    return f"{microseconds(drop.at)} !{drop.reason} {drop.number}\n".encode("ascii")


def read(name: str, content: bytes) -> tuple[Segment, int]:
    """The segment that these bytes hold, and how many whole lines could not be read."""
    beats: list[Beat] = []
    drops: list[Drop] = []
    unreadable = 0
    for line in content.split(b"\n")[:-1]:
        try:
            fields = line.decode("ascii").split(" ")
            if len(fields) == 6:
                beats.append(_beat(fields))
            elif len(fields) == 3 and fields[1].startswith("!"):
                drops.append(Drop(_instant(fields[0]), fields[1][1:], int(fields[2])))
            else:
                unreadable += 1
        except (ValueError, OverflowError):
            unreadable += 1
    return Segment(name, tuple(beats), tuple(drops)), unreadable


def _beat(fields: list[str]) -> Beat:
    at, article, view, reader, network, earlier = fields
    return Beat(_instant(at), article, view, int(reader), int(network), None if earlier == "-" else int(earlier))


def microseconds(at: datetime) -> int:
    """Exact: below 2^53 µs (the year 2255) the float's error is less than half a microsecond."""
    return round(at.timestamp() * 1_000_000)


def _instant(field: str) -> datetime:
    return _EPOCH + timedelta(microseconds=int(field))
