"""Words of an unpublished document are found in whatever form they leave, and nothing else is taken for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom.publish.canaries import Secret, make_canaries
from tests.publish.scanning import PAGE, leaks_in, scanned
from tests.publish.sites import check

TEXT = (
    "The minister’s adviser had asked three officers of the river police to keep silent about the sunken barge, "
    "and one of them kept a notebook in which every payment of that spring was written down"
)
KHMER = "ព័ត៌មានសម្ងាត់ដែលមិនទាន់បានផ្សាយនៅឡើយទេអំពីទូកលិចក្នុងទន្លេមេគង្គ"
SECRET = Secret(
    "content/articles/2026/11/barge.md",
    (f"<p>{TEXT}.</p>\n<p>{KHMER}</p>", "Four words of caption"),
    ("Barge papers", "Sokunthea Vannareth", "Rivergate", "ទូកលិចលង់"),
    ("barge-papers", "barge.md", "barge.html", "ab54a98ceb1f0ad2.jpg", "IMG 2041 sokunthea notebook.jpg"),
)
WORDS = TEXT.split()


def found(text: str, name: str = "page.html") -> list[str]:
    """What is found in a release that holds this text."""
    return leaks_in({name: text.encode()}, SECRET)


@pytest.mark.parametrize(
    "text",
    [
        "officers of the river police to keep silent",
        "officers of the <b>river</b> police&nbsp;to <wbr>keep silent",
        "OFFICERS OF THE RIVER POLICE TO KEEP SILENT",
        "offi\u00adcers of\u200b the river po<wbr>lice to keep silent",
        "The minister&#8217;s adviser had asked three officers",
        "The minister's adviser had asked three officers",
        "<em>of</em> the\nriver police\nto keep silent\nabout the",
        "&lt;p&gt;officers of the &lt;b&gt;river&lt;/b&gt; police&amp;nbsp;to keep silent&lt;/p&gt;",
        '<img alt="officers of the river police to keep silent">',
        '<script type="application/ld+json">{"a":"The minister\\u2019s adviser had asked three officers"}</script>',
        '<a href="mailto:?body=officers%20of%20the%20river%20police%20to%20keep%20silent">x</a>',
        "<!-- officers of the river police to keep silent -->",
        "Barge papers",
        "<h1>BARGE&#32;<i>papers</i></h1>",
        "by Sokunthea Vannareth",
        "Topic: Rivergate",
        "four words of caption",
        "barge-papers",
        '<a href="https://elsewhere.example/2026/11/barge.html">x</a>',
        '<img src="../images/ab54a98ceb1f0ad2.jpg">',
        "IMG%202041%20sokunthea%20notebook.jpg",
        "img 2041 sokunthea notebook",
        KHMER[5:40],
        "<wbr>".join(KHMER[5:40]),
        "\u200b".join((KHMER[5:20], KHMER[20:40])),
        f"<b>{KHMER[5:15]}</b> {KHMER[15:40]}",
        "ទូកលិចលង់",
    ],
)
def test_words_and_names_are_found_in_every_form(text: str) -> None:
    assert found(f"<!doctype html>\n<p>{text}</p>\n"), text


@pytest.mark.parametrize(
    "text",
    [
        "officers of the river police",  # too few words to tell
        "the river police asked three officers to keep a notebook of the spring",
        "barge",
        "a barge, and papers",
        "Barge</p>\n<p>papers",
        "keep silent about the</p><p>sunken barge, and one of",
        "rivergates",
        KHMER[5:15],
    ],
)
def test_other_texts_are_not_taken_for_them(text: str) -> None:
    assert found(f"<!doctype html>\n<p>{text}</p>\n") == [], text


def test_json_texts_feeds_scripts_and_names_of_files_are_read() -> None:
    sentence = " ".join(WORDS[8:20])
    feed = f'<?xml version="1.0"?><feed><content type="html">&lt;p&gt;{sentence}&lt;/p&gt;</content></feed>'
    assert found(json.dumps({"content": [sentence]}), "index.json")
    assert found(feed, "feeds/all.atom.xml")
    assert found(f"<?xml version='1.0'?><x><![CDATA[<p>{sentence}</p>]]></x>", "sitemap.xml")
    assert found(f"const x = '{sentence}';", "x.js")
    assert found(f"/* {sentence} */", "x.css")
    assert found("User-agent: *\nDisallow: /2026/11/barge.html\n", "robots.txt")
    assert found(PAGE, "2026/11/barge.html")
    assert found(PAGE, "topics/barge-papers/index.html")


@given(
    start=st.integers(0, len(WORDS) - 9),
    more=st.integers(8, 20),
    between=st.lists(
        st.sampled_from([" ", "\n", "&nbsp;", " <b>", "</b> ", "<wbr> ", " – "]), min_size=30, max_size=30
    ),
    around=st.text("ab <>\"'&;|\\", max_size=20),
)
def test_eight_words_in_a_row_are_always_found(start: int, more: int, between: list[str], around: str) -> None:
    """Whatever a template puts between them and around them, as long as it is no end of a text."""
    words = WORDS[start : start + more]
    text = "".join(word + gap for word, gap in zip(words, between, strict=False))
    around = around.replace("<", "&lt;").replace('"', "&quot;")
    canaries = make_canaries([SECRET])
    canaries.prepare()
    whole = f"<p>{around} {text} {around}</p>"
    assert canaries.may_be_in(whole.encode())
    assert list(canaries.find(whole.encode(), whole))


@given(st.text(st.sampled_from("abcdefgh "), max_size=60), st.text(st.sampled_from("abcdefgh "), max_size=60))
def test_the_quick_look_never_misses_what_the_slow_one_finds(secret: str, text: str) -> None:
    canaries = make_canaries([Secret("x.md", (secret,), (secret[:9],), ("a-b",))])
    canaries.prepare()
    if list(canaries.find(text.encode(), text)):
        assert canaries.may_be_in(text.encode())


def test_what_public_texts_hold_too_is_no_leak(tmp_path: Path) -> None:
    sentence = " ".join(WORDS[3:16])
    page = f"<!doctype html>\n<p>{sentence}</p>\n<p>Rivergate, by Sokunthea Vannareth</p><p>{KHMER}</p>"
    public = [f"<p>as was said: {sentence}, and more</p>", "Rivergate", KHMER]
    problems = scanned(tmp_path, {"index.html": page.encode()}, secrets=(SECRET,), public=lambda: public)
    assert problems == [
        f"index.html:3: it holds 'sokunthea vannareth' of {SECRET.path}, which is not public; take that out, or "
        "publish the document"
    ]


def test_public_texts_are_not_read_where_nothing_was_found(tmp_path: Path) -> None:
    def public() -> list[str]:
        raise AssertionError("nobody asked")

    assert scanned(tmp_path, {"index.html": PAGE.encode()}, secrets=(SECRET,), public=public) == []


def test_addresses_of_public_files_in_a_draft_are_no_canaries(minimal_copy: Path, tmp_path: Path) -> None:
    """A draft links to what is public, and shows a picture that others show too."""
    public = minimal_copy / "content/articles/2026/01/headline-one.md"
    longer = public.rename(public.with_name("a-long-name-of-an-article-that-is-public.md"))
    draft = longer.with_name("draft.md")
    text = longer.read_text(encoding="utf-8").replace("---\n", "---\nstatus: draft\n", 1)
    draft.write_text(f"{text}\n[Elsewhere]({longer.name})\n", encoding="utf-8")
    assert check(minimal_copy, tmp_path / "release") == []
