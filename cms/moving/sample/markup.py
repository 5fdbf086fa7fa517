"""From the sample's Markdown to the HTML that an editor's save would carry.

On top of CommonMark and tables: a paragraph that is one image becomes a figure whose caption is the image's title;
one that is a link to a sound, or to a post, film or map, becomes a recording or an embed; and a block quote that opens
with `[!PULL]`, `[!FACTS]` or `[!GALLERY]` becomes a pull quote, a fact box or a gallery.
"""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from cms.domain.articles.embeds import embed

BOXES = {"[!PULL]": ("aside", "pull-quote"), "[!FACTS]": ("aside", "fact-box"), "[!GALLERY]": ("figure", "gallery")}
PICTURE_SCHEME = "picture:"
SOUND_SCHEME = "sound:"
_PICTURE_SRC = re.compile(r'src="picture:([a-z0-9-]+)"')
_SOUND_LINK = re.compile(r'<a href="sound:([a-z0-9-]+)">([^<]*)</a>')


def body_html(markdown: str) -> str:
    """Render one story's body. Raw HTML in the Markdown is shown as text, never passed through."""
    return str(_markdown().render(markdown)).strip()


def pictures_in(html: str) -> tuple[str, ...]:
    """The names of the pictures a rendered body shows, in order."""
    return tuple(_PICTURE_SRC.findall(html))


def sounds_in(html: str) -> dict[str, str]:
    """The sounds a rendered body plays, each with its title there."""
    return dict(_SOUND_LINK.findall(html))


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.validateLink = _is_safe_link  # type: ignore[method-assign]
    markdown.core.ruler.before("inline", "boxes", _boxes)
    markdown.core.ruler.after("inline", "figures", _figures)
    markdown.core.ruler.after("inline", "linked", _linked)
    markdown.core.ruler.after("figures", "gallery_captions", _gallery_captions)
    markdown.core.ruler.after("inline", "number_cells", _number_cells)
    markdown.add_render_rule("image", _image)
    return markdown


def _is_safe_link(url: str) -> bool:
    return url.startswith((PICTURE_SCHEME, SOUND_SCHEME, "https://", "/"))


def _boxes(state: StateCore) -> None:
    for opening, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if (opening.type, paragraph.type) != ("blockquote_open", "paragraph_open"):
            continue
        mark, _, rest = inline.content.partition("\n")
        if mark in BOXES:
            tag, css_class = BOXES[mark]
            opening.tag = _closing_of(opening, state.tokens).tag = tag
            opening.attrSet("class", css_class)
            inline.content = rest
            if not rest:
                paragraph.hidden = state.tokens[state.tokens.index(inline) + 1].hidden = True


def _gallery_captions(state: StateCore) -> None:
    """Words in a gallery are its caption."""
    for opening in state.tokens:
        if opening.type == "blockquote_open" and opening.attrGet("class") == "gallery":
            start, stop = state.tokens.index(opening), state.tokens.index(_closing_of(opening, state.tokens))
            for token in state.tokens[start:stop]:
                if token.type in ("paragraph_open", "paragraph_close") and token.tag == "p":
                    token.tag = "figcaption"


def _linked(state: StateCore) -> None:
    """A paragraph that is one link to something heard or shown elsewhere; the link's title is its caption."""
    for opening, inline, closing in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        parts = inline.children or []
        if opening.type != "paragraph_open" or len(parts) != 3 or parts[0].type != "link_open":
            continue
        address = str(parts[0].attrs["href"])
        css_class = (
            "audio" if address.startswith(SOUND_SCHEME) else found.css_class if (found := embed(address)) else ""
        )
        if css_class:
            opening.tag = closing.tag = "figure"
            opening.attrSet("class", css_class)
            caption = parts[0].attrs.pop("title", "")
            parts.append(Token("html_inline", "", 0, content=f"<figcaption>{escapeHtml(str(caption))}</figcaption>"))


def _closing_of(opening: Token, tokens: Sequence[Token]) -> Token:
    start = next(index for index, token in enumerate(tokens) if token is opening)
    return next(t for t in tokens[start:] if t.type == "blockquote_close" and t.level == opening.level)


def _figures(state: StateCore) -> None:
    for opening, inline, closing in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        images = [child for child in inline.children or () if child.type == "image"]
        if not images:
            continue
        if opening.type != "paragraph_open" or len(inline.children or ()) != 1:
            raise ValueError("a picture stands in a paragraph of its own")
        opening.tag = closing.tag = "figure"


def _number_cells(state: StateCore) -> None:
    """Right-aligned cells get a class: the house allow-list has no style attribute."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open") and token.attrs.pop("style", None) == "text-align:right":
            token.attrSet("class", "number")


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    image = f'<img src="{escapeHtml(str(token.attrs["src"]))}" alt="{escapeHtml(token.content)}">'
    caption = token.attrs.get("title")
    return f"{image}<figcaption>{escapeHtml(str(caption))}</figcaption>" if caption else image
