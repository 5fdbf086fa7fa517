"""What a page says of its story to machines: schema.org NewsArticle as JSON-LD.

Dates and names are those the reader sees, taken from the same value.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from markupsafe import Markup

from cms.domain import addresses
from cms.domain.articles.story import PublicStory, StoryCorrection
from cms.domain.media.renditions import RATIOS
from cms.public.pictures import rendition, rendition_size
from cms.public.printing import Printer
from cms.public.sharing import shared_picture
from cms.web.assets import asset_url

_POLICIES = {
    "about": ("ownershipFundingInfo", "masthead"),
    "contact": ("actionableFeedbackPolicy",),
    "corrections-policy": ("correctionsPolicy",),
    "ethics": ("publishingPrinciples", "ethicsPolicy"),
}
"""What each standing page is to a reader who asks whether a paper can be trusted."""


def news_article(
    story: PublicStory, *, origin: str, site_name: str, printer: Printer, standing: Collection[str] = ()
) -> dict[str, Any]:
    """The story as a NewsArticle; what it hasn't got is left out. ``standing`` are the addresses of its own pages."""
    url = origin + story.path
    described = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "identifier": f"urn:copydesk:{story.id}",
        "headline": story.headline,
        "description": story.standfirst,
        "datePublished": printer.stamp(story.published_at),
        "dateModified": printer.stamp(story.modified_at),
        "author": [
            {"@type": "Person" if kind == "person" else "Organization", "name": name, "url": origin + path}
            for kind, name, path in dict.fromkeys((one.kind, one.name, one.path) for one in story.bylines)
        ],
        "image": _images(story, origin),
        "articleSection": [section.name for section in story.sections],
        "keywords": [tag.name for tag in story.tags],
        "inLanguage": story.language,
        "wordCount": story.words,
        "isAccessibleForFree": True,
        "url": url,
        "mainEntityOfPage": url,
        "correction": [_correction(correction, printer) for correction in story.corrections],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": site_name,
            "url": origin + addresses.front(),
            "logo": {"@type": "ImageObject", "url": origin + asset_url("icon-512.png"), "width": 512, "height": 512},
            "correctionsPolicy": origin + addresses.corrections(),
            **{
                name: origin + addresses.standing(slug)
                for slug, names in _POLICIES.items()
                for name in names
                if addresses.standing(slug) in standing
            },
        },
    }
    return {name: value for name, value in described.items() if value not in ("", [])}


def as_script_text(described: Mapping[str, Any]) -> Markup:
    """JSON that may stand inside ``<script>``: no character of it can end the element or the line."""
    text = json.dumps(described, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _images(story: PublicStory, origin: str) -> list[dict[str, Any]]:
    """The lead image, largest and with its credit, whole and in three shapes; else the card drawn for sharing."""
    image = story.lead_image
    if image is None:
        picture = shared_picture(story)
        return [{"@type": "ImageObject", "url": picture.url, "width": picture.width, "height": picture.height}]
    described = []
    for shape in ("", *RATIOS):
        width, height = rendition_size(image, 1600, shape)
        url = origin + rendition(image, 1600, "jpg", shape)
        one = {"url": url, "width": width, "height": height, "caption": image.caption or image.alt}
        told = {name: value for name, value in {**one, "creditText": image.credit}.items() if value}
        described.append({"@type": "ImageObject", **told})
    return described


def _correction(correction: StoryCorrection, printer: Printer) -> dict[str, str]:
    return {
        "@type": "CorrectionComment",
        "text": correction.text,
        "datePublished": printer.stamp(correction.published_at),
    }
