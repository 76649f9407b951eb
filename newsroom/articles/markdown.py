"""Markdown to safe HTML: Python-Markdown, then the allow-list, then typogrify on text that is not Khmer."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from html.parser import HTMLParser

import nh3
import smartypants
from markdown import Markdown

from newsroom.articles.blocks import NewsroomBlocks
from newsroom.articles.khmer import KHMER, break_words
from newsroom.articles.shortcuts import holds_typography, quickened, typogrify
from newsroom.articles.slugs import heading_id

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
    "figure": {"pull-quote", "gallery"},
    "aside": {"fact-box"},
    "p": {"fact-box-title", "video"},
    "div": {"footnote"},
    "a": {"footnote-ref", "footnote-backref"},
    "th": {"left", "center", "right"},
    "td": {"left", "center", "right"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_SANITISER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "style", "iframe", "object", "template", "noscript", "svg", "math"},
    attributes=_ATTRIBUTES,
    allowed_classes=_CLASSES,
    url_schemes=_SCHEMES,
    link_rel=None,
)
_BLOCK_TAG = re.compile(
    r"(</?(?:p|div|aside|blockquote|figure|figcaption|ul|ol|li|dl|dt|dd|table|caption|thead|tbody|tfoot|tr|td|th"
    r"|h[1-6]|pre|details|summary|br|hr)\b[^<>]*>)"
)
_SUSPECT = re.compile(r"""href=["']?\s*(?!https?:|mailto:|tel:)[a-zA-Z][\w+.-]*:""", re.IGNORECASE)
_BACK_TO_TEXT = {"en": "Back to the text", "km": "ត្រឡប់ទៅអត្ថបទ"}
_ALIGNED = re.compile(r'<(t[hd]) style="text-align: (left|center|right);"')


@lru_cache(maxsize=8)
def _converter(lang: str) -> Markdown:
    """One instance a process and language: making it costs more than converting a short text."""
    return quickened(make_converter(lang))


def make_converter(lang: str) -> Markdown:
    """Python-Markdown with the extensions of this project, and no shortcuts."""
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


def to_html(text: str, lang: str) -> tuple[str, list[str]]:
    """The body as sanitised HTML, not yet typogrified, and the links whose scheme the sanitiser refused.

    Raises whatever a hostile text makes Markdown raise.
    """
    converter = _converter(lang)
    converter.reset()
    try:
        raw = _ALIGNED.sub(r'<\1 class="\2"', converter.convert(text))
    except BaseException:
        _converter.cache_clear()  # what broke off half-way leaves its state behind
        raise
    page = _SANITISER.clean(raw)
    page = page.replace("<table>", '<table tabindex="0">')  # it scrolls inside itself: keyboards must reach it
    return page, _refused(raw) if _SUSPECT.search(raw) else []


def _refused(raw: str) -> list[str]:
    found: list[str] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            href = dict(attrs).get("href") or ""
            if (
                tag == "a"
                and (scheme := re.match(r"\s*([a-zA-Z][\w+.-]*):", href))
                and scheme[1].lower() not in _SCHEMES
            ):
                found.append(href)

    Links().feed(raw)
    return found


def polish(page: str, lang: str, latin: str = "") -> str:
    """Finish a body's typography: real quotation marks and dashes; Khmer, and any block that holds some, keeps those
    that were typed, and may break between words. What is in another language than the page is said to be in it:
    Khmer, and in a Khmer page phrases in Latin letters, as `latin`."""
    if lang == "km":
        return break_words(page, lang, latin) if latin or KHMER.search(page) else page
    return break_words(_typogrify_around(page), lang) if KHMER.search(page) else typogrify(page)


def _typogrify_around(page: str) -> str:
    """Typogrify the blocks that hold no Khmer."""
    pieces = _BLOCK_TAG.split(page)
    kept = {n: piece for n, piece in enumerate(pieces) if KHMER.search(piece)}
    for n in kept:
        pieces[n] = f"\x00{n}\x00"
    return re.sub("\x00(\\d+)\x00", lambda match: kept[int(match[1])], typogrify("".join(pieces)))


@lru_cache(maxsize=100_000)
def polish_text(text: str, lang: str) -> str:
    """Typographic quotation marks and dashes in a plain text such as a headline. Shape: text in, text out."""
    if lang == "km" or not holds_typography(text) or KHMER.search(text):
        return text
    pieces = re.split(r"(https?://\S+)", text)  # addresses stay as they are
    pieces[::2] = [
        html.unescape(smartypants.smartypants(html.escape(piece, quote=False), smartypants.Attr.set1))
        for piece in pieces[::2]
    ]
    return "".join(pieces)
