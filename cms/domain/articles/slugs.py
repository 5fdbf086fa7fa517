"""Slugs: the last part of an article's address, in plain ASCII."""

from __future__ import annotations

import re

from slugify import slugify

LONGEST_SLUG = 80
WITHOUT_LETTERS = "story"

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_READ = 400  # characters of a headline that are looked at; more can't fit
_APOSTROPHES = [("'", ""), ("’", "")]
# German spells its umlauts out; Turkish, Swedish and Finnish, which write the same letters, drop the dots.
_GERMAN = [("ä", "ae"), ("Ä", "Ae"), ("ö", "oe"), ("Ö", "Oe"), ("ü", "ue"), ("Ü", "Ue")]


def slug_for(headline: str, language: str = "") -> str:
    """The slug a headline gives: transliterated, at most 80 characters, cut between words. ``language`` is a
    BCP 47 tag, for what only the language can tell: ``ü`` is ``ue`` in German and ``u`` in Turkish."""
    slug = slugify(
        headline[:_READ],
        max_length=LONGEST_SLUG,
        word_boundary=True,
        save_order=True,
        replacements=_APOSTROPHES + (_GERMAN if language.lower().split("-")[0] == "de" else []),
    )
    return slug or WITHOUT_LETTERS


def check_slug(value: str) -> str:
    """The slug itself when it is one; else ValueError with a sentence for the editor."""
    if len(value) > LONGEST_SLUG:
        raise ValueError(f"A slug is at most {LONGEST_SLUG} characters long.")
    if not _SLUG.fullmatch(value):
        raise ValueError("A slug is small letters a–z and digits, with single hyphens between words.")
    return value
