"""Markdown to safe HTML: Python-Markdown, then the allow-list, then typogrify on text that is not Khmer."""

from __future__ import annotations

import html
import re
from functools import lru_cache

import nh3
import smartypants
from markdown import Markdown
from typogrify.filters import typogrify

from newsroom.articles.blocks import NewsroomBlocks
from newsroom.articles.slugs import heading_id

KHMER = re.compile("[\u1780-\u17ff\u19e0-\u19ff]")

_TAGS = {
    *("a abbr aside b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption".split()),
    *("figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup".split()),
    *("table tbody td tfoot th thead time tr u ul var".split()),
}
_ATTRIBUTES = {
    "*": {"lang", "id", "title", "dir"},
    "a": {"href", "hreflang"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "reversed"},
    "time": {"datetime"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "details": {"open"},
}
_CLASSES = {
    "figure": {"pull-quote"},
    "aside": {"fact-box"},
    "p": {"fact-box-title", "video"},
    "div": {"footnote"},
    "a": {"footnote-ref", "footnote-backref"},
    "th": {"left", "center", "right"},
    "td": {"left", "center", "right"},
}
_SANITISER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "style", "iframe", "object", "template", "noscript", "svg", "math"},
    attributes=_ATTRIBUTES,
    allowed_classes=_CLASSES,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)
_BLOCK = re.compile(r"(<(p|li|td|th|h[1-6]|figcaption|dd|dt|summary|caption)\b[^>]*>)(.*?)(?=</\2>)", re.DOTALL)


_BACK_TO_TEXT = {"en": "Back to the text", "km": "ត្រឡប់ទៅអត្ថបទ"}
_ALIGNED = re.compile(r'<(t[hd]) style="text-align: (left|center|right);"')


@lru_cache(maxsize=8)
def _converter(lang: str) -> Markdown:
    """One instance a process and language: making it costs more than converting a short text."""
    return Markdown(
        extensions=[
            "tables",
            "footnotes",
            "attr_list",
            "md_in_html",
            "toc",
            "pymdownx.highlight",
            "sane_lists",
            "pymdownx.superfences",
            "pymdownx.blocks.caption",
            NewsroomBlocks(),
        ],
        extension_configs={
            "toc": {"slugify": heading_id},
            "tables": {"use_align_attribute": False},
            "footnotes": {"BACKLINK_TITLE": _BACK_TO_TEXT.get(lang, _BACK_TO_TEXT["en"])},
            "pymdownx.highlight": {"use_pygments": False},
        },
        output_format="html",
    )


def to_html(text: str, lang: str) -> str:
    """The body as sanitised HTML, not yet typogrified. Raises whatever a hostile text makes Markdown raise."""
    converter = _converter(lang)
    converter.reset()
    page = _SANITISER.clean(_ALIGNED.sub(r'<\1 class="\2"', converter.convert(text)))
    return page.replace("<table>", '<table tabindex="0">')  # it scrolls inside itself: keyboards must reach it


def polish(page: str, lang: str) -> str:
    """Typogrify a body: real quotation marks and dashes. Khmer, and any block that holds some, stays as typed."""
    if lang == "km":
        return page
    if not KHMER.search(page):
        return str(typogrify(page))
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        if not KHMER.search(match[3]):
            return match[0]
        kept.append(match[3])
        return f"{match[1]}\x00{len(kept) - 1}\x00"

    polished = str(typogrify(_BLOCK.sub(keep, page)))
    return re.sub("\x00(\\d+)\x00", lambda match: kept[int(match[1])], polished)


@lru_cache(maxsize=100_000)
def polish_text(text: str, lang: str) -> str:
    """Typographic quotation marks and dashes in a plain text such as a headline. Shape: text in, text out."""
    if lang == "km" or KHMER.search(text):
        return text
    return html.unescape(smartypants.smartypants(html.escape(text, quote=False), smartypants.Attr.set1))
