"""The words that say most about a story, for finding others like it; the same whichever index holds them."""

from __future__ import annotations

from collections.abc import Mapping

from cms.language import commonplace

KEYWORDS = 25


def telling_words(weights: Mapping[str, int], stemmer: str) -> list[str]:
    """Of a story's stems with their weights, those to know it by: the heaviest that are no everyday words.

    Of equal ones the first: ``weights`` are in the order of the story.
    """
    common = commonplace(stemmer)
    telling = [word for word in weights if len(word) > 2 and not word.isdigit() and word not in common]
    return sorted(telling, key=weights.__getitem__, reverse=True)[:KEYWORDS]
