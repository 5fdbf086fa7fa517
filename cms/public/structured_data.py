"""What a page says of its story to machines: schema.org NewsArticle as JSON-LD.

Dates and names are those the reader sees, taken from the same value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from cms.domain import addresses
from cms.domain.articles.body import word_count
from cms.domain.articles.story import PublicStory, StoryCorrection
from cms.public.pictures import rendition
from cms.public.printing import Printer


def news_article(story: PublicStory, *, origin: str, site_name: str, printer: Printer) -> dict[str, Any]:
    """The story as a NewsArticle; what it hasn't got is left out."""
    url = origin + story.path
    described = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.headline,
        "description": story.standfirst,
        "datePublished": printer.stamp(story.published_at),
        "dateModified": printer.stamp(story.modified_at),
        "author": [
            {
                "@type": "Person" if person.kind == "person" else "Organization",
                "name": person.name,
                "url": origin + person.path,
            }
            for person in story.bylines
        ],
        "image": [origin + rendition(story.lead_image, 1600, "jpg")] if story.lead_image else [],
        "articleSection": [section.name for section in story.sections],
        "keywords": [tag.name for tag in story.tags],
        "inLanguage": story.language,
        "wordCount": word_count(story.body_html),
        "isAccessibleForFree": True,
        "url": url,
        "mainEntityOfPage": url,
        "correction": [_correction(correction, printer) for correction in story.corrections],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": site_name,
            "url": origin + addresses.front(),
            "correctionsPolicy": origin + addresses.corrections(),
        },
    }
    return {name: value for name, value in described.items() if value not in ("", [])}


def as_script_text(described: Mapping[str, Any]) -> Markup:
    """JSON that may stand inside ``<script>``: no character of it can end the element or the line."""
    text = json.dumps(described, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _correction(correction: StoryCorrection, printer: Printer) -> dict[str, str]:
    return {
        "@type": "CorrectionComment",
        "text": correction.text,
        "datePublished": printer.stamp(correction.published_at),
    }
