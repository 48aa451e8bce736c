"""The Markdown subset of web texts: paragraphs, "- " lists, "### " headings, **bold**. All else is text."""

from __future__ import annotations

import itertools
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token


def html(text: str, heading: str = "h2") -> str:
    """Safe HTML: whatever looks like a tag or a link in `text` is shown, not obeyed."""
    tokens = _parser().parse(text)
    for token in tokens:
        if token.type.startswith("heading"):
            token.tag = heading
    rendered: str = _parser().renderer.render(tokens, _parser().options, {})
    return rendered


def plain(text: str) -> list[str]:
    """One line for each paragraph, list entry ("- …") and heading ("…:")."""
    lines: list[str] = []
    before = after = ""
    for token in _parser().parse(text):
        if token.type == "list_item_open":
            before = "- "
        elif token.type.startswith("heading"):
            after = ":" if token.nesting == 1 else ""
        elif token.type == "inline":
            lines.append(f"{before}{_words(token)}{after}")
            before = ""
    return lines


def headings(text: str) -> list[str]:
    tokens = _parser().parse(text)
    return [_words(inside) for mark, inside in itertools.pairwise(tokens) if mark.type == "heading_open"]


def _words(inline: Token) -> str:
    return " ".join("".join(part.content for part in inline.children or ()).split())


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False}).enable(["heading", "list", "emphasis"])
