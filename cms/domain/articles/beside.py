"""Two texts beside each other: what somebody needs whose save came second."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape

from lxml import html
from lxml.html.diff import htmldiff

from cms.domain.articles.body import clean
from cms.domain.articles.comparing import blocks


@dataclass(frozen=True)
class Row:
    """The same place in two texts, as clean markup: what left has alone in <del>, what right has alone in <ins>."""

    same: bool
    left: str
    right: str


def side_by_side(left: str, right: str) -> list[Row]:
    """Two bodies aligned block by block; where blocks differ, their words are marked."""
    lefts, rights = blocks(left), blocks(right)
    rows: list[Row] = []
    for how, left_from, left_to, right_from, right_to in SequenceMatcher(None, lefts, rights, False).get_opcodes():
        mine, theirs = "".join(lefts[left_from:left_to]), "".join(rights[right_from:right_to])
        if how == "equal":
            rows.append(Row(True, clean(mine), clean(theirs)))
        else:
            marked = htmldiff(mine, theirs)
            rows.append(Row(False, clean(_without(marked, "ins")), clean(_without(marked, "del"))))
    return rows


def _without(marked: str, tag: str) -> str:
    holder = html.fragment_fromstring(marked, create_parent="div")
    for element in list(holder.iter(tag)):
        element.drop_tree()
    return escape(holder.text or "", quote=False) + "".join(html.tostring(each, encoding="unicode") for each in holder)
