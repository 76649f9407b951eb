"""Blocks that reporters write between `///` lines: pull quote, fact box, video and gallery.

Captions come from pymdown-extensions (`/// caption`); these four follow its interface.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from newsroom.articles.figures import told


class PullQuote(Block):  # type: ignore[misc]
    """`/// pullquote | Who said it`: a quotation set apart; the words are its content."""

    NAME = "pullquote"
    ARGUMENT = None

    def on_create(self, parent: etree.Element) -> etree.Element:
        figure = etree.SubElement(parent, "figure", {"class": "pull-quote"})
        etree.SubElement(figure, "blockquote")
        if self.argument:
            etree.SubElement(figure, "figcaption").text = self.argument
        return figure

    def on_add(self, block: etree.Element) -> etree.Element:
        return block[0]


class FactBox(Block):  # type: ignore[misc]
    """`/// factbox | Title`: background beside the story; any Markdown."""

    NAME = "factbox"
    ARGUMENT = None

    def on_create(self, parent: etree.Element) -> etree.Element:
        box = etree.SubElement(parent, "aside", {"class": "fact-box"})
        if self.argument:
            title = etree.SubElement(box, "p", {"class": "fact-box-title"})
            title.text = self.argument
        return box


class Video(Block):  # type: ignore[misc]
    """`/// video | Title`: a link to a video elsewhere. Nothing of it loads before the reader asks."""

    NAME = "video"
    ARGUMENT = True

    def on_create(self, parent: etree.Element) -> etree.Element:
        return etree.SubElement(parent, "p", {"class": "video"})

    def on_markdown(self) -> str:
        return "raw"

    def on_end(self, block: etree.Element) -> None:
        address = "".join(block.itertext()).strip()
        for child in list(block):
            block.remove(child)
        block.text = None
        link = etree.SubElement(block, "a", {"href": address})
        link.text = f"{self.argument} ({_host(address)})"


class Gallery(Block):  # type: ignore[misc]
    """`/// gallery | Caption of all`: pictures beside each other, two or more. Each is a paragraph of its own: the
    picture, and under it, in the same paragraph, its caption. What a paragraph of its own credits is all of them."""

    NAME = "gallery"
    ARGUMENT = None

    def on_create(self, parent: etree.Element) -> etree.Element:
        return etree.SubElement(parent, "figure", {"class": "gallery"})

    def on_end(self, block: etree.Element) -> None:
        if self.argument:
            etree.SubElement(block, "figcaption").text = self.argument


class GalleryPictures(Treeprocessor):
    """Makes figures of a gallery's paragraphs: each picture begins one, and what follows it is its caption. A paragraph
    that says whose the pictures are says it of all."""

    def run(self, root: etree.Element) -> None:
        for gallery in root.iter("figure"):
            if gallery.get("class") == "gallery":
                for n, child in reversed(list(enumerate(gallery))):
                    if child.tag == "p" and len(child) and child[0].tag == "img" and not (child.text or "").strip():
                        gallery[n : n + 1] = _figures(child)
                    elif child.tag == "p" and told("\n".join(child.itertext())):
                        child.tag = "figcaption"


def _figures(paragraph: etree.Element) -> list[etree.Element]:
    """A figure of each picture, with what stands between it and the next one as its caption, which no line's end
    begins. A picture begins the paragraph."""
    figures: list[etree.Element] = []
    for each in paragraph:
        if each.tag == "img":
            figures.append(etree.Element("figure"))
            figures[-1].append(each)
            etree.SubElement(figures[-1], "figcaption")
        caption = figures[-1][1]
        if each.tag == "img" or (each.tag == "br" and not _holds(caption)):
            caption.text, each.tail = (each.tail or "").lstrip(), None
        else:
            caption.append(each)
    for figure in figures:
        if not _holds(figure[1]):
            figure.remove(figure[1])
    return figures


def _holds(caption: etree.Element) -> bool:
    return bool(len(caption) or caption.text)


_CLOSED = frozenset(("li", "dd", "dt", "td", "blockquote"))


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address
    except ValueError:  # no address at all: reported as a broken link
        return address


_OURS = (PullQuote, FactBox, Video, Gallery)
_LATE = 7  # Markdown's inline patterns, which make the pictures, have 20, and their attribute lists 8


class NewsroomBlocks(BlocksExtension):  # type: ignore[misc]
    """Registers the blocks."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: Any) -> None:
        for block in _OURS:
            block_mgr.register(block, self.getConfigs())
        md.treeprocessors.register(GalleryPictures(md), "gallery", _LATE)
        tested = block_mgr.test

        def test(parent: etree.Element, text: str) -> bool:
            """Blocks begin at the left margin only: in a list or a quotation pymdown-extensions 12 and 13 can turn
            round for ever."""
            return parent.tag not in _CLOSED and bool(tested(parent, text))

        block_mgr.test = test


def unclosed_blocks(source: str) -> Iterator[tuple[int, str]]:
    """Blocks that are opened and not closed in a source whose code is masked, as (line from 0, name)."""
    opened: list[tuple[int, str, str]] = []
    for n, line in enumerate(source.split("\n")):
        match = re.match(r"(/{3,})[ \t]*(?:([\w-]+).*)?$", line)
        if match and match[2]:
            opened.append((n, match[1], match[2]))
        elif match:
            same = [each for each in opened if each[1] == match[1]]
            del opened[opened.index(same[-1]) if same else len(opened) :]
    return ((n, name) for n, _, name in opened if name in BLOCKS)


BLOCKS = ("caption", *(block.NAME for block in _OURS))
