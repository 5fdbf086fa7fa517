"""Three texts into one: what two people changed in the same text, joined where neither undoes the other.

Fields are compared one by one; the body block by block, the key points line by line. Where both changed the same
place differently it is a conflict, and a person must say: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from cms.domain.articles import chain
from cms.domain.articles.body import clean
from cms.domain.articles.comparing import blocks
from cms.domain.articles.model import Revision
from cms.domain.workflow.snapshots import FILED


@dataclass
class Merged:
    """``fields`` are those that differ from mine; ``filed_as`` says which revision's bylines and so on to take."""

    fields: dict[str, Any] = field(default_factory=dict)
    filed_as: dict[str, Revision] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)


def merge(base: Revision, mine: Revision, theirs: Revision) -> Merged:
    """What makes ``mine`` carry what ``theirs`` changed in ``base``. All three must have their body loaded."""
    merged = Merged()
    for name in chain.CONTENT:
        was, here, there = (getattr(revision, name) for revision in (base, mine, theirs))
        if there in (was, here):
            continue
        if here == was:
            if name in FILED:
                merged.filed_as[name] = theirs
            else:
                merged.fields[name] = there
            continue
        joined = _joined(name, was, here, there)
        if joined is None:
            merged.conflicts.append(name)
        else:
            merged.fields[name] = joined
    return merged


def _joined(name: str, was: Any, here: Any, there: Any) -> Any:
    """The field with both changes in it, or None where they meet."""
    if name == "body_html":
        return merged_body(was, here, there)
    return merge_lists(was, here, there) if name == "key_points" else None


def merged_body(base: str, mine: str, theirs: str) -> str | None:
    """``base`` with the changes of both, or None where both changed the same or touching blocks."""
    body = merge_lists(blocks(base), blocks(mine), blocks(theirs))
    return None if body is None else clean("".join(body))


def merge_lists(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """Both sides' changes to ``base``; None when they change the same place, or touching ones, differently."""
    merged: list[str] = []
    at = 0
    changes = sorted({*_changes(base, mine), *_changes(base, theirs)})
    for number, (start, end, put) in enumerate(changes):
        if number and start <= changes[number - 1][1]:
            return None
        merged += [*base[at:start], *put]
        at = end
    return [*merged, *base[at:]]


def _changes(base: Sequence[str], side: Sequence[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    """Each ``(start, end, what stands there now)`` of base; the same change on both sides is one."""
    matcher = SequenceMatcher(None, base, side, autojunk=False)
    return [
        (start, end, tuple(side[from_here:to_here]))
        for how, start, end, from_here, to_here in matcher.get_opcodes()
        if how != "equal"
    ]
