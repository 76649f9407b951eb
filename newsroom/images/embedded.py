"""The words that a photograph carries in its IPTC and XMP fields: what readers may be shown of them.

Only fields that somebody wrote for publication: the alt text, the caption, the credit line, the licence. A creator's
or artist's name is not among them, for cameras write their owner's there, who may be a source.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from defusedxml import ElementTree
from PIL import ImageFile, IptcImagePlugin

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ALT = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}AltTextAccessibility"
_CAPTION = "{http://purl.org/dc/elements/1.1/}description"
_CREDIT = "{http://ns.adobe.com/photoshop/1.0/}Credit"
_STATEMENT = "{http://ns.adobe.com/xap/1.0/rights/}WebStatement"
_LICENCE = "{http://creativecommons.org/ns#}license"
_IPTC_CHARSET, _IPTC_CREDIT, _IPTC_CAPTION = (1, 90), (2, 110), (2, 120)
_UTF8 = b"\x1b%G"
_ANY = "x-default"
_LONGEST = 2000  # characters of a text
_LARGEST = 1_000_000  # bytes of XMP
_BY_A_CAMERA = ("digital camera", "dsc", "dcim", "default")  # what cameras write as their caption ends like this
_BY_A_PROGRAM = ("processed with ", "created with ", "made with ", "edited with ", "file written by ", "untitled")


class Words(msgspec.Struct, frozen=True, array_like=True):
    """Texts by language, "x-default" for any; the credit line; the licence as a web address."""

    alt: dict[str, str] = msgspec.field(default_factory=dict)
    caption: dict[str, str] = msgspec.field(default_factory=dict)
    credit: str = ""
    licence: str = ""


def read_words(picture: ImageFile.ImageFile) -> Words:
    """What an opened picture says; nothing where its fields are broken. XMP, the newer of the two, comes first."""
    found = _xmp(picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp"))
    iptc = _iptc(picture)
    caption = found.get("caption") or ({_ANY: iptc["caption"]} if iptc.get("caption") else {})
    licence = found.get("licence", "")
    return Words(
        alt=found.get("alt", {}),
        caption={lang: text for lang, text in caption.items() if _by_a_person(text.casefold())},
        credit=found.get("credit") or iptc.get("credit", ""),
        licence=licence if licence.startswith(("https://", "http://")) else "",
    )


def _by_a_person(caption: str) -> bool:
    return not caption.endswith(_BY_A_CAMERA) and not caption.startswith(_BY_A_PROGRAM)


def in_language(texts: Mapping[str, str], lang: str) -> str:
    """The text in a language; else the one for any; else the only one there is."""
    for key, text in texts.items():
        if key.partition("-")[0] == lang:
            return text
    return texts.get(_ANY) or (next(iter(texts.values())) if len(texts) == 1 else "")


def _xmp(data: object) -> dict[str, Any]:
    if isinstance(data, str):
        data = data.encode()
    if not isinstance(data, bytes) or len(data) > _LARGEST:
        return {}
    try:
        root = ElementTree.fromstring(data.strip(b"\0 \n\r\t"))
    except Exception:  # a stranger's bytes: whatever is wrong with them, they say nothing
        return {}
    found: dict[str, Any] = {}
    for description in root.iter(f"{_RDF}Description"):
        for key, name in ((_CREDIT, "credit"), (_STATEMENT, "licence"), (_LICENCE, "licence")):
            child = description.find(key)
            text = description.get(key) or (child is not None and (child.get(f"{_RDF}resource") or child.text)) or ""
            if text := _plain(text):
                found.setdefault(name, text)
        for key, name in ((_ALT, "alt"), (_CAPTION, "caption")):
            if texts := dict(_alternatives(description, key)):
                found.setdefault(name, texts)
    return found


def _alternatives(description: Any, key: str) -> Iterator[tuple[str, str]]:
    for item in description.iterfind(f"{key}/{_RDF}Alt/{_RDF}li"):
        if text := _plain(item.text or ""):
            yield str(item.get(_LANG, _ANY)).lower(), text
    if text := _plain(description.get(key, "")):
        yield _ANY, text


def _iptc(picture: ImageFile.ImageFile) -> dict[str, str]:
    try:
        fields: Any = IptcImagePlugin.getiptcinfo(picture) or {}
    except Exception:  # as above
        return {}
    charset = "utf-8" if fields.get(_IPTC_CHARSET) == _UTF8 else "latin-1"
    found = {}
    for key, name in ((_IPTC_CREDIT, "credit"), (_IPTC_CAPTION, "caption")):
        data = fields.get(key)
        data = data[0] if isinstance(data, list) and data else data
        if isinstance(data, bytes):
            try:
                text = data.decode("utf-8")  # many programs write it and do not say so
            except UnicodeDecodeError:
                text = data.decode(charset, "ignore")
            if text := _plain(text):
                found[name] = text
    return found


def _plain(text: str) -> str:
    """One line without control characters."""
    kept = "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text[:_LONGEST])
    return " ".join(each for each in kept.split(" ") if each)
