"""Shortcuts past slow passes of Markdown and typogrify, for text that holds nothing for them.

Each makes what the full pass makes, to the byte; where that is not certain, the full pass is run.
tests/articles/test_shortcuts.py compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import XML, Element

import smartypants
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from typogrify import filters

from newsroom.articles.figures import WHOSE

# Plain paragraphs: text, links, emphasis and code that can be nothing else, whatever stands around them.

_WORD = "qzsetapartqz"  # it begins what stands for them; small letters, so that no pass has a reason to change it
_STAND_IN = re.compile(rf"<p>({_WORD}\d+)</p>")
_MARKUP = r"\\`*_\[\]<>&{}"
# Control characters, spaces other than " ", "\n" and "\xa0", what UTF-8 cannot hold: some pass changes or refuses each.
_ODD = "\x00-\x09\x0b-\x1f\x7f-\x9f\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\ud800-\udfff\ufffe\uffff"
_NOT_PLAIN = re.compile(f"[{_MARKUP}{_ODD}]")
_NOT_PLAIN_ASCII = bytes({*b"\\`*_[]<>&{}", *range(10), *range(11, 32), 127})
_LINE = r"(?:[^\W\d_]|\d++(?!\. )|[\"'(“‘’—–…$€£•*_`\[])"  # how a line begins that is no list, heading, table or rule
_FIRST = re.compile(_LINE)
_BROKEN = re.compile(rf"\n(?!{_LINE})")
_TEXT = rf"(?![\s^])[^{_MARKUP}{_ODD}]++(?<!\s)"
_ADDRESS = (
    r"(?a:https?://(?!(?:[^/?#)]*\.)?xn--)(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[/?#](?:[\w.~/#?%+,;:@!$=-]|&(?=\w+=))*)?"
    r"|mailto:[\w.+-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}|(?!//)[\w./#%~+-]+)"
)
_STRESSED = rf"(?![\s^])(?:[^{_MARKUP}{_ODD}]|(?<!!)\[{_TEXT}\]\({_ADDRESS}\))++(?<!\s)"
_INLINE = re.compile(
    r"([\[*_`])(?:"  # this first, and only then what has to stand before it: the search is twice as fast
    rf"(?<=\[)(?<!!\[)({_TEXT}|\*{_TEXT}\*|\*\*{_TEXT}\*\*)\]\(({_ADDRESS})\)"
    rf"|(?<=[*_])(?<![^\s(\"“‘][*_])(\1?+)({_STRESSED})\1\4(?=[\s.,;:!?)\"'”’…—–]|\Z)"
    rf"|(?<=`)(?<!``)((?!\s)[^`\\<>&\n{_ODD}]++(?<!\s))`(?!`))"
)
_LINKED = re.compile(r"<a[ >](?:[^<]|<(?!/a>|p>))*+<p>")
_FENCE = re.compile(r"^[ \t>]*(?:```|~~~)", re.MULTILINE)


@dataclass
class Apart:
    """The Markdown that is left of a body when its plain paragraphs are set apart, each run of them for a word."""

    text: str
    html: dict[str, str] = field(default_factory=dict)  # of the paragraphs, by the word that stands for them
    links: dict[str, list[str]] = field(default_factory=dict)  # addresses in the paragraphs, in order

    def fits(self, page: str) -> bool:
        """Whether each word became a paragraph of its own in `page`, the HTML of the text, and nothing else."""
        if _STAND_IN.findall(page) != list(self.html) or page.count(_WORD) != len(self.html):
            return False
        return not _LINKED.search(page)  # an <a> of raw HTML that holds paragraphs ends at the first link in them

    def words(self, word: str) -> str:
        """The text of the paragraphs for which `word` stands, without code."""
        return unescape(re.sub("<code>.*?</code>|<[^>]*>", "", self.html[word]))

    def restored(self, page: str) -> str:
        """`page` with the paragraphs for which a word stands."""
        return _STAND_IN.sub(lambda match: self.html[match[1]], page) if self.html else page


def set_apart(markdown: str) -> Apart:
    """Set apart the plain paragraphs of a body. The result has to be compared with the page made of it (`fits`)."""
    if _WORD in markdown:
        return Apart(markdown)
    # What stands before a caption or in unclosed raw HTML is moved one paragraph at a time; a caption says whose a
    # picture is.
    runs = "<" not in markdown and "///" not in markdown
    apart, left, word = Apart(""), [], ""  # the word of the run that the next paragraph belongs to
    for block, fenced in _blocks(markdown):
        core = block.strip("\n")
        made = None if fenced or (not runs and WHOSE.search(core)) else _paragraph(core)
        if made and word:
            apart.html[word] += f"\n<p>{made[0]}</p>"
            apart.links[word] += made[1]
        elif made:
            new = f"{_WORD}{len(apart.html)}"
            apart.html[new], apart.links[new] = f"<p>{made[0]}</p>", made[1]
            left.append(block[: len(block) - len(block.lstrip("\n"))] + new)
            word = new if runs else ""
        elif core or not word:  # blank lines between two paragraphs mean nothing
            left.append(block)
            word = ""
    apart.text = "\n\n".join(left)
    return apart


def _blocks(markdown: str) -> Iterator[tuple[str, bool]]:
    """What stands between blank lines, and whether it seems to lie in fenced code."""
    fences, fenced = "```" in markdown or "~~~" in markdown, False
    for block in markdown.split("\n\n"):
        if fences and len(_FENCE.findall(block)) % 2:
            fenced = not fenced
        yield block, fenced


def _paragraph(text: str) -> tuple[str, list[str]] | None:
    """The HTML inside a plain paragraph and the addresses of its links; None for any other block."""
    if not _FIRST.match(text) or " \n" in text or ("\n" in text and _BROKEN.search(text)):
        return None
    if "TK" in text or "///" in text or ("=" in text and "href" in text.lower()):  # of interest to the checks
        return None
    links: list[str] = []
    made = _inline(text, links)
    return None if made is None else (made, links)


def _inline(text: str, links: list[str]) -> str | None:
    """The HTML of a text, with its addresses added to `links`; None if that takes more than is known here."""
    if "*" not in text and "[" not in text and "_" not in text and "`" not in text:
        return None if _is_marked(text) else text.replace("\xa0", "&nbsp;")
    pieces = _INLINE.split(text)
    if _is_marked("".join(pieces[::7])):
        return None
    html: list[str | None] = [pieces[0]]
    for n in range(1, len(pieces), 7):
        _, words, address, double, stressed, code, after = pieces[n : n + 7]
        if address:
            links.append(address)
            shown = _inline(words, links) if words[0] == "*" else words
            html += (f'<a href="{address.replace("&", "&amp;")}">', shown, "</a>", after)
        elif stressed:
            tag = "strong" if double else "em"
            html += (f"<{tag}>", _inline(stressed, links) if "[" in stressed else stressed, f"</{tag}>", after)
        else:
            html += (f"<code>{code}</code>", after)
    return None if None in html else "".join(filter(None, html)).replace("\xa0", "&nbsp;")


def _is_marked(text: str) -> bool:
    if not text.isascii():
        return bool(_NOT_PLAIN.search(text))
    data = text.encode()
    return len(data.translate(None, _NOT_PLAIN_ASCII)) < len(data)  # four times as fast


# Markdown's passes over the rest.

_PATTERNS = {  # what a text must hold for an inline pattern to match
    **dict.fromkeys(("reference", "link", "image_link", "image_reference", "short_reference"), "["),
    **dict.fromkeys(("short_image_ref", "footnote"), "["),
    **dict.fromkeys(("autolink", "automail", "html"), "<"),
    "backtick": "`",
    "escape": "\\",
    "linebreak": "  \n",
    "entity": "&",
}
_HOLD_TEXT = frozenset("p li h1 h2 h3 h4 h5 h6 td th dd dt figcaption blockquote".split())
_INLINE_MARK = re.compile(r"[`\\\[<&*_]|  \n")


class _Settle(Treeprocessor):
    """Does the inline patterns' work on texts that are simple enough, and hides from them those without any mark."""

    def run(self, root: Element) -> None:
        for element in list(root.iter()):
            if element.tail and not _INLINE_MARK.search(element.tail):
                element.tail = AtomicString(element.tail)
            if not element.text or isinstance(element.text, AtomicString):
                continue
            if not _INLINE_MARK.search(element.text):
                element.text = AtomicString(element.text)
            elif element.tag in _HOLD_TEXT and "  \n" not in element.text:
                html = _inline(element.text, [])
                if html is not None:
                    _fill(element, XML(f"<p>{html.replace('&nbsp;', '&#160;')}</p>"))


def _fill(element: Element, made: Element) -> None:
    """Give an element the text and the children that were made of its text."""
    for each in made.iter():
        each.text = AtomicString(each.text) if each.text else None
        each.tail = AtomicString(each.tail) if each.tail else None
    element.text = made.text
    element[:0] = list(made)


class _Quick:
    """A compiled pattern that is tried only on a text that holds `mark`."""

    def __init__(self, full: re.Pattern[str], mark: str) -> None:
        self.full, self.mark = full, mark

    def finditer(self, text: str, start: int) -> Iterator[re.Match[str]]:
        return self.full.finditer(text, start) if self.mark in text else iter(())


def quickened(converter: Markdown) -> Markdown:
    """The converter, with passes left out where they cannot find anything."""
    _pass_over(converter.preprocessors["html_block"], "<", "&")
    _pass_over(converter.preprocessors["fenced_code_block"], "```", "~~~")
    converter.treeprocessors.register(_Settle(converter), "settle", 20.5)  # right before "inline"
    _leave_out_contents(converter.treeprocessors["toc"])
    for name, mark in _PATTERNS.items():
        pattern: Any = converter.inlinePatterns[name]
        pattern.compiled_re = _Quick(pattern.compiled_re, mark)
    return converter


def _pass_over(step: Any, *marks: str) -> None:
    """Make a preprocessor run only on a text that holds one of `marks`. It stays what it is: others ask for it."""
    full = step.run

    def run(lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        return full(lines) if any(mark in text for mark in marks) else lines

    step.run = run


def _leave_out_contents(toc: Any) -> None:
    """Make "toc" give headings their ids, and draw its table only for a text that has a place for it."""
    full, draw, marker = toc.run, toc.build_toc_div, toc.marker

    def run(root: Element) -> None:
        wanted = any(marker in text for text in root.itertext())
        toc.marker = marker if wanted else ""
        toc.build_toc_div = draw if wanted else lambda _: Element("div")
        full(root)

    toc.run = run


# The finished HTML, as the sanitiser writes it: every attribute in double quotes, no comment, no stray "<".

_ELEMENT = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z][a-z0-9-]*="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z][a-z0-9-]*)="([^"]*)"')


def feed(parser: HTMLParser, page: str) -> None:
    """Tell `parser` of every tag and text of the sanitiser's HTML, as its own `feed` and `close` do."""
    pieces = _ELEMENT.split(page)
    if any("<" in text for text in pieces[::4]):
        parser.feed(page)
        parser.close()
        return
    for n in range(0, len(pieces), 4):
        if pieces[n]:
            parser.handle_data(unescape(pieces[n]))
        if n + 1 < len(pieces):
            closing, tag, attributes = pieces[n + 1 : n + 4]
            if closing:
                parser.handle_endtag(tag)
            else:
                found = _ATTRIBUTE.findall(attributes) if attributes else ()
                parser.handle_starttag(tag, [(name, unescape(value)) for name, value in found])


# Typogrify: its five filters in their order, each only where it finds something.

_RARE = re.compile(r"<(?:samp|kbd|!)", re.IGNORECASE)  # what the filters know besides code
_IGNORED = re.compile(r"(<(pre|code)[^>]*>.*?</\2>)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"(<[^>]*>)")
_AMP = re.compile(r"&(?:amp;|#38;)?(?:\s|&nbsp;)")
# Where smartypants' many rules for quotation marks come down to the letters on both sides. They name the dashes that
# it has just written, too, but in a comment of its pattern: a mark after one closes.
_AFTER = r"(?<=[^\s\[{(\-\"'].)(?<!&nbsp;.)(?<!dash;.)"
_CLOSING_SINGLE = re.compile(rf"'{_AFTER}(?!\d)")
_OPENING_SINGLE = re.compile(r"'(?:(?<=\s.)(?=\w)|(?<!..)(?=\w)|(?<=[(\[].))", re.DOTALL)
_CLOSING_DOUBLE = re.compile(rf'"{_AFTER}')
_OPENING_DOUBLE = re.compile(r'"(?:(?<=\s.)(?=\w)|(?<!..)(?=[^\W_])|(?<=[(\[].)(?!\s))', re.DOTALL)
_CAPS = re.compile(r"[A-Z](?:\d*|\.\s?)[A-Z]")
_QUOTE = r"(?:<(?:a|em|span|strong|i|b)[^>]*>\s*)*)(?:(\"|&ldquo;|&#8220;)|'|&lsquo;|&#8216;)"
_INITIAL = re.compile(r"(<(?:p|h[1-6]|li|dt|dd)[^>]*>\s*" + _QUOTE)
_VERY_FIRST = re.compile(r"(\s*" + _QUOTE)
# The end of a block from its last letter on, backwards: closing tags, the last word, and the space before it.
_LAST_WORD = r"((?:\s*>(?:a|me|naps|gnorts|i|b)/<)*\s*[^<>\s]+)\s+(?=[^<>\s]|>[^>]*(?:a|me|naps|gnorts|i|b)/?<)"
_LAST_OF_BLOCK = re.compile(rf"(>(?:p|[1-6]h|il|td|dd)/<){_LAST_WORD}")
_LAST_OF_ALL = re.compile(rf"(\A\n?){_LAST_WORD}")


def holds_typography(text: str) -> bool:
    """Whether a text holds anything that smartypants changes."""
    if "'" in text or '"' in text or "--" in text or "..." in text:
        return True
    return ". . ." in text or "\\" in text or "`" in text


def typogrify(page: str) -> str:
    """What `typogrify.filters.typogrify` makes of the sanitiser's HTML."""
    if _RARE.search(page):
        return str(filters.typogrify(page))
    pieces = _IGNORED.split(page) if "<pre" in page or "<code" in page else [page]
    pieces[::3] = [_filtered(text) if text else "" for text in pieces[::3]]
    del pieces[2::3]
    return "".join(pieces)


def _filtered(text: str) -> str:
    if "<pre" in text or "<code" in text:  # its end stands in a block that is kept as it is
        return str(filters.applyfilters(text))
    if "&" in text and _AMP.search(text):
        text = filters.amp(text)
    pieces = _TAG.split(text)
    last = ""  # the last letter of the text before
    for n in range(0, len(pieces), 2):
        if piece := pieces[n]:
            if holds_typography(piece):
                pieces[n] = _smart(piece, last)
            if _CAPS.search(piece):
                pieces[n] = filters.caps(pieces[n])
            last = piece[-1]
    text = "".join(pieces)
    text = filters.initial_quotes(text) if _VERY_FIRST.match(text) else _INITIAL.sub(_initial, text)
    backwards = text[::-1]
    if match := _LAST_OF_ALL.match(backwards):
        backwards = match.expand(r"\1\2;psbn&") + backwards[match.end() :]
    return _LAST_OF_BLOCK.sub(r"\1\2;psbn&", backwards)[::-1]


def _initial(match: re.Match[str]) -> str:
    name, quote = "dquo" if match[2] else "quo", match[0][match.end(1) - match.start() :]
    return f'{match[1]}<span class="{name}">{quote}</span>'


def _smart(text: str, last: str) -> str:
    """What smartypants makes of a text between two tags; `last` is the last letter of the text before."""
    if text == "'":
        return "&#8217;" if last.strip() else "&#8216;"
    if text == '"':
        return "&#8221;" if last.strip() else "&#8220;"
    made = text.replace("--", "&#8212;") if "-" in text else text
    made = made.replace("...", "&#8230;")
    singles, doubles = "'" in text, '"' in text
    if "\\" in text or "`" in text or ". . ." in text or (doubles and '""' in text) or ("&" in text and "&&" in text):
        return str(smartypants.smartypants(text))
    if singles:
        if "''" in text or "'s'" in text or (doubles and ("'\"" in text or "\"'" in text)):
            return str(smartypants.smartypants(text))
        made = _OPENING_SINGLE.sub("&#8216;", _CLOSING_SINGLE.sub("&#8217;", made))
    if doubles:
        made = _OPENING_DOUBLE.sub("&#8220;", _CLOSING_DOUBLE.sub("&#8221;", made))
    return str(smartypants.smartypants(text)) if "'" in made or '"' in made else made
