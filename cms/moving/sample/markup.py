"""From the sample's Markdown to the HTML that an editor's save would carry.

Two conventions on top of CommonMark and tables: a paragraph that is one image becomes a figure whose caption
is the image's title, and a block quote that opens with `[!PULL]` becomes a pull quote.
"""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

PULL_MARK = "[!PULL]\n"
PICTURE_SCHEME = "picture:"
_PICTURE_SRC = re.compile(r'src="picture:([a-z0-9-]+)"')


def body_html(markdown: str) -> str:
    """Render one story's body. Raw HTML in the Markdown is shown as text, never passed through."""
    return str(_markdown().render(markdown)).strip()


def pictures_in(html: str) -> tuple[str, ...]:
    """The names of the pictures a rendered body shows, in order."""
    return tuple(_PICTURE_SRC.findall(html))


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.validateLink = _is_safe_link  # type: ignore[method-assign]
    markdown.core.ruler.before("inline", "pull_quotes", _pull_quotes)
    markdown.core.ruler.after("inline", "figures", _figures)
    markdown.core.ruler.after("inline", "number_cells", _number_cells)
    markdown.add_render_rule("image", _image)
    return markdown


def _is_safe_link(url: str) -> bool:
    return url.startswith((PICTURE_SCHEME, "https://", "/"))


def _pull_quotes(state: StateCore) -> None:
    for opening, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if (opening.type, paragraph.type) != ("blockquote_open", "paragraph_open"):
            continue
        if inline.content.startswith(PULL_MARK):
            inline.content = inline.content.removeprefix(PULL_MARK)
            opening.tag = "aside"
            opening.attrSet("class", "pull-quote")
            _closing_of(opening, state.tokens).tag = "aside"


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
