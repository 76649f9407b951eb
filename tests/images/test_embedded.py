"""What a photograph says of itself: only what was written for readers, in their language."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import PngImagePlugin

from newsroom.images.embedded import Words, in_language, read_words
from newsroom.images.render import open_picture
from tests.images.samples import drawing, encode, exif, segment

KHMER = "ក្មេងៗលេងនៅមាត់ទន្លេ"
FIELDS = f"""
<Iptc4xmpCore:AltTextAccessibility><rdf:Alt>
  <rdf:li xml:lang="x-default">Two example people</rdf:li><rdf:li xml:lang="km-KH">{KHMER}</rdf:li>
</rdf:Alt></Iptc4xmpCore:AltTextAccessibility>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Example caption</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>Example Owner</rdf:li></rdf:Seq></dc:creator>
<photoshop:Credit>Example Agency</photoshop:Credit>
<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>
"""


def xmp(fields: str, attributes: str = "") -> bytes:
    """An XMP packet as editors write it."""
    spaces = {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "dc": "http://purl.org/dc/elements/1.1/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
        "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
        "cc": "http://creativecommons.org/ns#",
    }
    named = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in spaces.items())
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {named}>'
        f'<rdf:Description rdf:about="" {attributes}>{fields}</rdf:Description></rdf:RDF></x:xmpmeta>'
        f'<?xpacket end="w"?>'
    ).encode()


def iptc(*fields: tuple[int, int, bytes]) -> bytes:
    """A JPEG whose IPTC block holds the fields, each as record, number, bytes."""
    data = b"".join(b"\x1c" + struct.pack(">BBH", *each[:2], len(each[2])) + each[2] for each in fields)
    block = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)
    return segment(encode(drawing(), "JPEG"), 0xED, block)


def words(data: bytes) -> Words:
    with open_picture(data) as picture:
        return read_words(picture)


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG"])
def test_xmp_is_read_from_every_form_that_holds_it(form: str) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp(FIELDS).decode())
    found = words(encode(drawing(), form, **({"pnginfo": info} if form == "PNG" else {"xmp": xmp(FIELDS)})))
    assert found.alt == {"x-default": "Two example people", "km-kh": KHMER}
    assert found.caption == {"x-default": "Example caption"}
    assert found.credit == "Example Agency"
    assert found.licence == "https://creativecommons.org/licenses/by/4.0/"


def test_properties_may_be_attributes() -> None:
    attributes = 'photoshop:Credit="Example Agency" xmpRights:WebStatement="https://licence.example/"'
    found = words(encode(drawing(), "JPEG", xmp=xmp("", attributes)))
    assert (found.credit, found.licence) == ("Example Agency", "https://licence.example/")


@pytest.mark.parametrize("charset", [((1, 90, b"\x1b%G"),), ()], ids=["as UTF-8", "without saying so"])
def test_iptc_is_read_in_khmer(charset: tuple[tuple[int, int, bytes], ...]) -> None:
    found = words(iptc(*charset, (2, 110, b"Example Agency"), (2, 120, KHMER.encode())))
    assert found == Words({}, {"x-default": KHMER}, "Example Agency", "")


def test_xmp_comes_before_iptc() -> None:
    data = iptc((2, 110, b"Older Agency"), (2, 120, b"Older caption"))
    assert words(data).credit == "Older Agency"
    both = segment(data, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(FIELDS))
    assert (words(both).credit, words(both).caption) == ("Example Agency", {"x-default": "Example caption"})


def test_the_names_of_owners_and_creators_are_not_read() -> None:
    """Cameras write their owner's name there, who may be a source."""
    creator = "<dc:creator><rdf:Seq><rdf:li>Example Owner</rdf:li></rdf:Seq></dc:creator>"
    data = encode(drawing(), "JPEG", xmp=xmp(creator), exif=exif(), comment="Example Owner")
    assert words(data) == Words()
    assert words(iptc((2, 80, b"Example Owner"), (2, 116, b"Example Owner"))) == Words()


def test_a_caption_is_no_alt_text() -> None:
    caption = '<dc:description><rdf:Alt><rdf:li xml:lang="en">Example caption</rdf:li></rdf:Alt></dc:description>'
    found = words(encode(drawing(), "JPEG", xmp=xmp(caption)))
    assert (found.alt, found.caption) == ({}, {"en": "Example caption"})


@pytest.mark.parametrize(
    "written", ["OLYMPUS DIGITAL CAMERA", "SONY DSC", "Default", "Processed with VSCO with c1 preset", "Untitled"]
)
def test_what_a_camera_or_a_program_writes_is_no_caption(written: str) -> None:
    assert words(iptc((2, 120, written.encode()))).caption == {}


def test_a_licence_is_a_web_address_or_nothing() -> None:
    for written in ("javascript:alert(1)", "All rights reserved"):
        data = encode(drawing(), "JPEG", xmp=xmp("", f'xmpRights:WebStatement="{written}"'))
        assert words(data).licence == ""


def test_texts_are_one_line_without_control_characters() -> None:
    assert words(iptc((2, 120, b"First\r\nsecond\x07  third"))).caption == {"x-default": "First second third"}


def test_the_readers_language_comes_first() -> None:
    texts = {"x-default": "any", "km-kh": KHMER, "fr": "autre"}
    assert in_language(texts, "km") == KHMER
    assert in_language(texts, "en") == "any"
    assert in_language({"fr": "autre"}, "en") == "autre"
    assert in_language({"fr": "autre", "de": "andere"}, "en") == ""
    assert in_language({}, "en") == ""


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize("data", [b"", b"\0", b"<x", BOMB, b"<x:xmpmeta/>", b"\xff\xfe<", xmp(FIELDS)[:-50]])
def test_broken_fields_say_nothing(data: bytes) -> None:
    assert words(encode(drawing(), "JPEG", xmp=data)) == Words()


@given(st.binary(max_size=300))
def test_any_bytes_in_the_fields_are_read_or_passed_over(data: bytes) -> None:
    jpeg = segment(encode(drawing(), "JPEG"), 0xED, b"Photoshop 3.0\0" + data)
    words(segment(jpeg, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + data))
