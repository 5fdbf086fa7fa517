"""Why somebody did what cannot be undone: asked for, and kept."""

from __future__ import annotations

from cms.domain.errors import Invalid
from cms.domain.text import plain

LONGEST = 1000


def reason_given(reason: str) -> str:
    """The reason as kept. Raises Invalid for none."""
    try:
        text = plain(reason, LONGEST)
    except ValueError as refused:
        raise Invalid({"reason": [str(refused)]}) from None
    if not text:
        raise Invalid({"reason": ["Say why; it is kept in the audit log."]})
    return text
