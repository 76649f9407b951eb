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
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from newsroom.articles.blocks import BLOCKS, unclosed_blocks
from newsroom.articles.markdown import polish, to_html
from newsroom.articles.schema import Body, Reference
from newsroom.articles.shortcuts import Apart, feed, set_apart
from newsroom.articles.sourcelines import SourceLines, mask_code
from newsroom.errors import did_you_mean

_BLOCKS = frozenset("p li h1 h2 h3 h4 h5 h6 td th dt dd figcaption blockquote summary caption div aside".split())
_OPENING_TAG = re.compile(r'<(a|img)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*>')
_STRAY = _BLOCKS - {"figcaption"} | set("figure img table ul ol dl pre hr details".split())  # in a gallery
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")  # what no feed may hold
MOST_NOTES = 20  # of one paragraph: who leaves more open has made one mistake
MOST_OPEN = 1000
_TK = re.compile(r"(?<![\w-])(?:TK)+(?![\w-])")

Fault = tuple[int, str, str]  # line, message, remedy


@dataclass
class _Gallery:
    """What stands in a gallery, `depth` figures deep: its pictures, and whether there is more."""

    depth: int
    pictures: int = 0
    more: bool = False

    def hold(self, tag: str, kind: str | None) -> None:
        if tag == "figure" and not kind:
            self.pictures += 1
        elif tag in _STRAY:
            self.more = True


@dataclass
class _Outline(HTMLParser):
    """What the checks look at: ids, headings, links, pictures and the text of each block, in order."""

    apart: Apart
    ids: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[tuple[str, str, str]] = field(default_factory=list)  # src, alt, caption
    blocks: list[str] = field(default_factory=list)
    captions: list[bool] = field(default_factory=list)  # of `/// caption`: whether there is a picture above
    galleries: list[_Gallery] = field(default_factory=list)
    _text: str = ""
    _galleries: list[_Gallery] = field(default_factory=list)  # the open ones
    _code: int = 0
    _caption: int = 0  # how many blocks came before the caption
    _figures: list[int] = field(default_factory=list)  # pictures before each open figure; -1: of those with a class

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag in _BLOCKS:
            self._flush()
        kind = attributes.get("class") if tag == "figure" else None
        if self._galleries and self._galleries[-1].depth == len(self._figures):
            self._galleries[-1].hold(tag, kind)
        if tag == "figure":
            self._figures.append(-1 if kind in ("pull-quote", "gallery") else len(self.images))
        if kind == "gallery":
            self._galleries.append(_Gallery(len(self._figures)))
        if tag == "figcaption":
            self._caption = len(self.blocks)
        self._code += tag == "code"
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append((attributes.get("src", ""), attributes.get("alt", ""), ""))
        self.blocks += [text for name in ("alt", "title") if (text := attributes.get(name, ""))]

    def handle_endtag(self, tag: str) -> None:
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), self._text.strip()))
        if tag == "figcaption" and self._figures and self._figures[-1] >= 0:
            self._flush()
            caption = " ".join(self.blocks[self._caption :]).strip()
            self.captions.append(len(self.images) > self._figures[-1])
            for n in range(self._figures[-1], len(self.images)):
                self.images[n] = (*self.images[n][:2], caption)
        if tag == "figure" and self._figures:
            if self._galleries and self._galleries[-1].depth == len(self._figures):
                self.galleries.append(self._galleries.pop())
            self._figures.pop()
        self._code -= tag == "code"
        if tag in _BLOCKS:
            self._flush()

    def handle_data(self, data: str) -> None:
        if data in self.apart.html:
            self.links += self.apart.links[data]
            data = self.apart.words(data) if self._figures else ""  # only a caption's words are of interest
        if not self._code:
            self._text += data

    def _flush(self) -> None:
        if self._text.strip():
            self.blocks.append(self._text)
        self._text = ""


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
    outline = _Outline(apart)
    feed(outline, page)
    lines = SourceLines(markdown, first_line)
    links = tuple(
        Reference(*locate(href, source), lines.link(href), "body", href)
        for href in outline.links
        if not _is_outside(href)
    )
    pictures = [(lines.picture(src), src, alt, caption) for src, alt, caption in outline.images]
    own = [
        (Reference(*locate(src, source), line, "body", src), alt)
        for line, src, alt, _ in pictures
        if not _is_outside(src)
    ]
    images, bare = tuple(each for each, _ in own), tuple(each for each, alt in own if not alt.strip())
    faults = [*_heading_faults(outline, lines), *_image_faults(pictures), *_id_faults(outline, lines)]
    faults += _block_faults(outline, markdown, first_line, lines)
    for block in outline.blocks:
        notes = [*unfinished(block), *_unread(block)]
        faults += [(lines.text(found), message, remedy) for found, message, remedy in notes]
    for address in refused:
        remedy = "use https://, mailto: or tel:, or name a source file"
        faults.append((lines.link(address), f"the link {address!r} cannot be published", remedy))
    html = _name_sources(polish(apart.restored(page), lang, latin), source)
    return Body(html, frozenset(outline.ids), links, images, bare), faults


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


def _block_faults(outline: _Outline, markdown: str, first_line: int, lines: SourceLines) -> Iterator[Fault]:
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


def _heading_faults(outline: _Outline, lines: SourceLines) -> Iterator[Fault]:
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


def _image_faults(pictures: list[tuple[int, str, str, str]]) -> Iterator[Fault]:
    for line, src, alt, caption in pictures:
        if _is_outside(src):
            yield line, f"the picture {src!r} is on another site", "save it beside the article and name that file"
            if not alt.strip():
                yield line, f"the picture {src!r} has no alt text", "say between the [ ] what it shows"
        if same_text(alt, caption):
            yield line, f"the alt text of {src!r} repeats its caption", "say in the [ ] what the picture shows"


def _id_faults(outline: _Outline, lines: SourceLines) -> Iterator[Fault]:
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
