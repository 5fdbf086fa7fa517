"""The words of headlines, for mending mistyped ones: kept in a table, looked through in memory.

That a word stands here doesn't say that readers may see it: whoever offers one first finds it in a visible headline.
The worker adds a story's words when it indexes it; a process reads only those that have come since it last looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cms.db import Base, one_at_a_time
from cms.language import LONGEST_WORD, fold, words

SHORTEST = 4
TWO_SLIPS_FROM = 8
AT_ONCE = 500
MOST = 200_000
"""Words that a process keeps: about 16 MB."""


class HeadlineWord(Base):
    __tablename__ = "headline_words"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    """Never used again: by it processes know what is new."""
    word: Mapped[str] = mapped_column(String(LONGEST_WORD), unique=True)


def learn(session: Session, headlines: Iterable[str]) -> None:
    """Add the words of these headlines that aren't known yet."""
    some = sorted(of_headlines(headlines))
    one_at_a_time(session, "vocabulary")
    for first in range(0, len(some), AT_ONCE):
        fresh = some[first : first + AT_ONCE]
        known = set(session.scalars(select(HeadlineWord.word).where(HeadlineWord.word.in_(fresh))))
        session.add_all(HeadlineWord(word=word) for word in fresh if word not in known)


def forget_all_but(session: Session, headlines: Iterable[str]) -> None:
    """Rid the table of words that stand in none of these: for text that the law wants gone."""
    some = of_headlines(headlines)
    gone = [row_id for row_id, word in session.execute(select(HeadlineWord.id, HeadlineWord.word)) if word not in some]
    for first in range(0, len(gone), AT_ONCE):
        session.execute(delete(HeadlineWord).where(HeadlineWord.id.in_(gone[first : first + AT_ONCE])))


def of_headlines(headlines: Iterable[str]) -> set[str]:
    """Their words as they are compared: without accents, in lower case; numbers and short words left out."""
    folded = {fold(word[:LONGEST_WORD])[:LONGEST_WORD] for headline in headlines for word, _, _ in words(headline)}
    return {word for word in folded if len(word) >= SHORTEST and not word.isdigit()}


def near(session: Session, word: str) -> Iterator[Sequence[str]]:
    """Words one slip away and, for a long word, then those two away; of a kind in the order of the alphabet."""
    if SHORTEST <= len(word) <= LONGEST_WORD:
        allowed = 2 if len(word) >= TWO_SLIPS_FROM else 1
        yield from _known(session).near(word, allowed)


# --- What a process knows ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Known:
    """Words with their lengths and, as bits, which letters they have once and twice.

    One slip changes at most two of the bits, so a look at all words leaves a few to compare letter by letter.
    """

    last: int = 0
    words: tuple[str, ...] = ()
    lengths: NDArray[np.int16] = field(default_factory=lambda: np.empty(0, np.int16))
    letters: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))

    def near(self, word: str, allowed: int) -> Iterator[Sequence[str]]:
        differing = np.bitwise_count(self.letters ^ _letters(word)) <= 2 * allowed
        as_long = np.abs(self.lengths - np.int16(len(word))) <= allowed
        found: dict[int, list[str]] = {}
        for place in np.flatnonzero(differing & as_long).tolist():
            other = self.words[place]
            if other[0] == word[0] or other[-2:] == word[-2:]:
                found.setdefault(slips(word, other), []).append(other)
        return (sorted(found[count]) for count in range(1, allowed + 1) if count in found)

    def and_(self, fresh: Sequence[tuple[int, str]]) -> _Known:
        more = tuple(word for _, word in fresh)
        return _Known(
            last=fresh[-1][0],
            words=self.words + more,
            lengths=np.concatenate([self.lengths, np.array([len(word) for word in more], np.int16)]),
            letters=np.concatenate([self.letters, np.array([_letters(word) for word in more], np.uint64)]),
        )


_of_database: WeakKeyDictionary[Engine | Connection, _Known] = WeakKeyDictionary()


def _known(session: Session) -> _Known:
    database = session.get_bind()
    known = _of_database.get(database) or _Known()
    newer = select(HeadlineWord.id, HeadlineWord.word).where(HeadlineWord.id > known.last).order_by(HeadlineWord.id)
    fresh = [(row[0], row[1]) for row in session.execute(newer.limit(MOST - len(known.words)))]
    if fresh:
        known = _of_database[database] = known.and_(fresh)
    return known


def _letters(word: str) -> np.uint64:
    once = twice = 0
    for letter in word:
        bit = 1 << (ord(letter) - 97 if "a" <= letter <= "z" else 26 + ord(letter) % 6)
        twice |= once & bit
        once |= bit
    return np.uint64(once | twice << 32)


def slips(one: str, other: str) -> int:
    """How many letters were left out, put in, mistaken or swapped with their neighbour."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, last = last, current
    return last[-1]
