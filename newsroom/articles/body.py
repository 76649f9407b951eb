"""The body: Markdown to a `Body`, and the problems of the text itself.

Checks run on the HTML that readers will get, so that they see what Markdown really made of the text; the
line is then looked up in the source, where code is masked.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from newsroom.articles.blocks import BLOCKS, unclosed_blocks
from newsroom.articles.figures import make_figures
from newsroom.articles.markdown import polish, to_html
from newsroom.articles.outline import Outline, Shown
from newsroom.articles.schema import Body, Inset, Reference
from newsroom.articles.shortcuts import Apart, feed, set_apart
from newsroom.articles.sourcelines import SourceLines, mask_code
from newsroom.errors import did_you_mean

_OPENING_TAG = re.compile(r'<(a|img)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*>')
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")  # what no feed may hold
MOST_NOTES = 20  # of one paragraph: who leaves more open has made one mistake
MOST_OPEN = 1000
_TK = re.compile(r"(?<![\w-])(?:TK)+(?![\w-])")

Fault = tuple[int, str, str]  # line, message, remedy


def make_body(markdown: str, first_line: int, source: str, lang: str, latin: str = "") -> tuple[Body, list[Fault]]:
    """Convert a body that begins on `first_line` of content's file `source`; faults come with their line. `latin` is
    the language of Latin letters in a Khmer text."""
    if knots := _knots(markdown, first_line):
        return Body(), knots
    try:
        apart, page, refused = _to_html(markdown, lang)
    except Exception as error:  # hostile nesting makes Markdown raise anything, RecursionError above all
        return Body(), [(first_line, f"the text cannot be read ({type(error).__name__})", "simplify its nesting")]
    if control := CONTROL.search(page):  # written as an entity, such as &#1;
        message = f"the control character U+{ord(control[0]):04X} is in the text"
        return Body(), [(first_line, message, "delete its & … ; form")]
    page = make_figures(page)
    outline = Outline(apart)
    feed(outline, page)
    lines = SourceLines(markdown, first_line)
    links = tuple(
        Reference(*locate(href, source), lines.link(href), "body", href)
        for href in outline.links
        if not _is_outside(href)
    )
    pictures = [(lines.picture(each.src), each) for each in outline.images]
    insets = tuple(_inset(each, line, source) for line, each in pictures if not _is_outside(each.src))
    faults = [*_heading_faults(outline, lines), *_image_faults(pictures), *_id_faults(outline, lines)]
    faults += _block_faults(outline, markdown, first_line, lines)
    for block in outline.blocks:
        notes = [*unfinished(block), *_unread(block)]
        faults += [(lines.text(found), message, remedy) for found, message, remedy in notes]
    for address in refused:
        remedy = "use https://, mailto: or tel:, or name a source file"
        faults.append((lines.link(address), f"the link {address!r} cannot be published", remedy))
    html = _name_sources(polish(apart.restored(page), lang, latin), source)
    return Body(html, frozenset(outline.ids), links, insets), faults


def _inset(shown: Shown, line: int, source: str) -> Inset:
    reference = Reference(*locate(shown.src, source), line, "body", shown.src)
    return Inset(reference, shown.alt, shown.caption, shown.credit, shown.licence)


def _to_html(markdown: str, lang: str) -> tuple[Apart, str, list[str]]:
    """What is set apart of the body, the HTML of the rest, and the links in it that the sanitiser refused."""
    apart = set_apart(markdown)
    if (word := apart.text.strip("\n")) in apart.html:  # and nothing is left
        return apart, f"<p>{word}</p>", []
    try:
        page, refused = to_html(apart.text, lang)
        if apart.fits(page):
            return apart, page, refused
    except Exception:
        if not apart.html:
            raise
    return Apart(markdown), *to_html(markdown, lang)


def _knots(markdown: str, first_line: int) -> list[Fault]:
    """Paragraphs with so many brackets left open that Markdown, which looks for the end of each, takes minutes."""
    if markdown.count("[") <= MOST_OPEN and markdown.count("(") <= MOST_OPEN:
        return []
    found, line = [], first_line
    for paragraph in markdown.split("\n\n"):
        if any(paragraph.count(opening) - paragraph.count(closing) > MOST_OPEN for opening, closing in ("[]", "()")):
            message = f"a paragraph leaves more than {MOST_OPEN} brackets open"
            found.append((line, message, "close them, or take them out"))
        line += paragraph.count("\n") + 2
    return found


def _block_faults(outline: Outline, markdown: str, first_line: int, lines: SourceLines) -> Iterator[Fault]:
    if "///" not in markdown:
        return
    for n, name in unclosed_blocks(mask_code(markdown)):
        yield first_line + n, f"the block {name!r} is not closed", "write /// under it"
    for pictured in outline.captions:
        line = lines.text("/// caption")
        if not pictured:
            yield line, "the caption stands under no picture", "put it below ![…](…), after a blank line"
    for gallery in outline.galleries:
        line = lines.text("/// gallery")
        if gallery.pictures < 2:
            remedy = "begin a line with ![…](…) for each, or show one without a gallery"
            yield line, "the gallery shows fewer than two pictures", remedy
        elif gallery.more:
            remedy = "begin each paragraph in it with ![…](…), and write the caption under that"
            yield line, "the gallery holds something besides pictures", remedy


def _heading_faults(outline: Outline, lines: SourceLines) -> Iterator[Fault]:
    above, passed = 1, 0  # headings whose lines were looked up: the nth needs those before it
    for n, (level, text) in enumerate(outline.headings, 1):
        if level == 1 or level > above + 1:
            line = [lines.heading(each) for each, _ in outline.headings[passed:n]][-1]
            passed = n
            if level == 1:
                yield line, f"the heading {text!r} is as high as the headline", "begin it with ##"
            else:
                message = f"the heading {text!r} jumps from level {above} to {level}"
                yield line, message, f"begin it with {'#' * (above + 1)}"
        above = max(level, 2)


def _image_faults(pictures: list[tuple[int, Shown]]) -> Iterator[Fault]:
    for line, shown in pictures:
        src = shown.src
        if _is_outside(src):
            yield line, f"the picture {src!r} is on another site", "save it beside the article and name that file"
            if not shown.alt:
                yield line, f"the picture {src!r} has no alt text", "say between the [ ] what it shows"
        elif shown.loose:
            message = f"the picture {src!r} stands among words, where no credit can be printed"
            yield line, message, "give it a paragraph of its own, with its caption and credit below it"
        for name, text in (("credit", shown.credit), ("licence", shown.licence)):
            if "<" in text:
                message = f"the {name} of {src!r} holds a link or other marks"
                yield line, message, "write it in plain letters; a link can stand in the caption"
        if same_text(shown.alt, shown.caption):
            yield line, f"the alt text of {src!r} repeats its caption", "say in the [ ] what the picture shows"


def _id_faults(outline: Outline, lines: SourceLines) -> Iterator[Fault]:
    for name, times in Counter(outline.ids).items():
        if times > 1:
            yield lines.identifier(name, 2), f"the id {name!r} stands twice", "give one of them another"


def _unread(block: str) -> Iterator[tuple[str, str, str]]:
    """What Markdown did not understand and left in the text."""
    for note in re.findall(r"\[\^[^\]\s]{1,40}\]", block) if "[^" in block else ():
        yield note, f"the footnote {note!r} is not there", f"write it as {note}: …, or take it out"
    for name in re.findall(r"(?m)^\s*/// +([\w-]+)", block) if "///" in block else ():
        if name in BLOCKS:
            remedy = "leave a blank line before and after it, and close it with ///"
            yield f"/// {name}", f"the block {name!r} is not understood", remedy
        else:
            yield (
                f"/// {name}",
                f"the block {name!r} is not known",
                did_you_mean(name, BLOCKS, f"use {', '.join(BLOCKS)}"),
            )


def same_text(one: str, other: str) -> bool:
    """Whether two texts say the same words, whatever their case, spaces and punctuation."""
    words = [re.sub(r"[\W_]+", " ", text).casefold().strip() for text in (one, other)]
    return bool(words[0]) and words[0] == words[1]


def unfinished(text: str) -> Iterator[tuple[str, str, str]]:
    """Notes to oneself left in a text, each as (the words, message, remedy)."""
    for match in _TK.finditer(text) if "TK" in text else ():
        yield match[0], f"{match[0]!r} is left in the text", "write what is to come, or take it out"
    opened: list[int] = []
    for bracket in re.finditer(r"[\[\]]", text) if "[" in text else ():
        if bracket[0] == "[":
            opened.append(bracket.start())
        elif opened:
            opened.pop()
    for n in opened[:MOST_NOTES]:
        words = text[n : n + 31].partition("\n")[0].strip()
        yield words, f"the note {words!r} is not closed", "close it with ], or take it out"


def _is_outside(address: str) -> bool:
    """Whether an address leads out of the site: it has a scheme or a host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False  # not an address at all: reported as a broken link
    return bool(parts.scheme or parts.netloc)


def locate(address: str, source: str) -> tuple[str, str]:
    """The file from content's root and the fragment that `address`, written in file `source`, names."""
    path, _, fragment = address.partition("#")
    path = unquote(re.sub(r"^(\{|%7B)(filename|static|attach)(\}|%7D)", "", path).partition("?")[0])
    if not path:
        return (source if fragment else ""), unquote(fragment)
    folder = "" if path.startswith("/") else posixpath.dirname(source)
    return posixpath.normpath(posixpath.join(folder, path.lstrip("/"))), unquote(fragment)


def _name_sources(page: str, source: str) -> str:
    """Write internal links and pictures as Pelican does, from content's root: `{filename}articles/x.md#id`."""

    def named(match: re.Match[str]) -> str:
        tag, attributes = match[1], match[2]
        key, mark = ("href", "{filename}") if tag == "a" else ("src", "{static}")

        def replaced(attribute: re.Match[str]) -> str:
            address = html.unescape(attribute[1])
            if _is_outside(address) or address.startswith("#"):
                return attribute[0]
            target, fragment = locate(address, source)
            return f'{key}="{html.escape(mark + target + (f"#{fragment}" if fragment else ""))}"'

        attributes = re.sub(key + '="([^"]*)"', replaced, attributes)
        return f"<{tag}{attributes}>"

    return _OPENING_TAG.sub(named, page)
