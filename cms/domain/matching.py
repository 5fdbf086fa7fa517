"""Words looked for in columns, as every list of the desk does it: alike on each database, whatever a letter's case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_

MOST_TERMS = 10
_TERM = re.compile(r'"([^"]+)"|([^\s"]+)')
_NOT_TEXT = re.compile("[\x00-\x1f\ud800-\udfff]")
_CAPITAL = re.compile("[A-Z]")


def terms(text: str) -> list[str]:
    """What is looked for: each word, and as one what stands between quotation marks."""
    found = (quoted.strip() or word for quoted, word in _TERM.findall(_NOT_TEXT.sub(" ", text)))
    return [term for term in found if term][:MOST_TERMS]


def holding(asked: Sequence[str], *fields: Any) -> list[ColumnElement[bool]]:
    """For ``where(*…)``: that each of these terms stands in one of the fields."""
    return [holds(term, *fields) for term in asked]


def holds(term: str, *fields: Any) -> ColumnElement[bool]:
    """That the term stands in one of the fields."""
    forms = _forms(term)
    return or_(*(func.lower(field).contains(form, autoescape=True) for field in fields for form in forms))


def _forms(term: str) -> set[str]:
    """As SQL's ``lower`` may leave it: SQLite's knows only the letters of English."""
    if term.isascii():
        return {term.lower()}
    forms = {term.lower(), term.upper(), term.capitalize(), term.title()}
    return {_CAPITAL.sub(lambda capital: capital[0].lower(), form) for form in forms}
