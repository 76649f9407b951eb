"""Finishing a body for one page: what names source files becomes addresses; nothing else changes."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsroom.articles.body import locate, make_body
from newsroom.articles.links import Words, finish
from newsroom.articles.schema import TOLD, File, Picture
from tests.articles.reading import SOURCE, body_of

ADDRESSES = {"articles/2026/01/y.md": "2026/01/y.html", "pages/about.md": "about.html"}


FILES = (("image/avif", (File("images/4.avif", 15, 10), File("images/5.avif", 30, 20))),)


PICTURE = Picture("images/0123.jpg", 30, 20, "image/jpeg", FILES, "", "#aabbcc")


def show(source: str, slot: str) -> tuple[Picture, Words]:
    """Every picture is 30 × 20; its sizes tell its slot, its own alt text its source."""
    return replace(PICTURE, sizes=f"{slot}rem"), (f"Own text of {source}", "", "", "")


def finished(markdown: str, root: str = "../..", several: bool = True) -> str:
    return finish(body_of(markdown).html, "en", root, ADDRESSES.__getitem__, show, several=several)


def captions(markdown: str, lang: str = "en", own: Mapping[str, Words] | None = None, latin: str = "") -> list[str]:
    """What stands below the pictures of a text, in the order in which it ends; `own` are the words of pictures."""

    def told(source: str, slot: str) -> tuple[Picture, Words]:
        return PICTURE, (own or {}).get(source.rpartition("/")[2], ("", "", "", ""))

    html = finish(
        make_body(markdown, 1, SOURCE, lang)[0].html, lang, "..", ADDRESSES.__getitem__, told, "Terms", latin=latin
    )
    assert "data-credit" not in html
    assert "data-licence" not in html
    return [
        " ".join(each.replace("&nbsp;", " ").split())
        for each in re.findall(r"(?s)<figcaption>(.*?)</figcaption>", html)
    ]


@pytest.mark.parametrize("root", [".", "..", "../..", "https://site.test", "https://site.test/sub"])
def test_addresses_begin_at_the_root(root: str) -> None:
    assert finished("[a](y.md)", root) == f'<p><a href="{root}/2026/01/y.html">a</a></p>'
    assert finished("[a](/pages/about.md#part-1)", root) == f'<p><a href="{root}/about.html#part-1">a</a></p>'
    assert f'src="{root}/images/0123.jpg"' in finished("![A](a.jpg)", root)


@pytest.mark.parametrize(
    "link", ["#part", "https://other.test/?a=1&amp;b=2#c", "mailto:desk@site.test", "tel:+855", "//other.test/"]
)
def test_other_addresses_stay_as_they_are(link: str) -> None:
    assert f'<a href="{link}">' in finished(f'<a href="{link}">a</a>\n\n## Part')


@pytest.mark.parametrize("fragment", ["part", "a&b", "x%20y", "ភាសា", "fn:1", 'q"q'])
def test_a_fragment_comes_along_escaped(fragment: str) -> None:
    page = finished(f'<a href="y.md#{html.escape(fragment)}">a</a>')
    (address,) = re.findall('href="([^"]*)"', page)
    assert html.unescape(address).startswith("../../2026/01/y.html#")


def test_a_picture_gets_its_size_and_loads_late() -> None:
    (tag,) = re.findall("<img[^>]*>", finished('![A "quoted" > ferry](a.jpg "Title")'))
    for part in ('width="30"', 'height="20"', 'loading="lazy"', 'decoding="async"', 'title="Title"'):
        assert part in tag
    assert html.unescape(re.findall('alt="([^"]*)"', tag)[0]) == 'A "quoted" > ferry'


def test_a_picture_is_offered_in_several_files_with_its_tone() -> None:
    assert finished("![A](a.jpg)") == (
        '<figure><picture><source type="image/avif" srcset="../../images/4.avif 15w, ../../images/5.avif 30w" '
        'sizes="bodyrem"><img alt="A" src="../../images/0123.jpg" width="30" height="20" loading="lazy" '
        'decoding="async" data-tone="#aabbcc"></picture></figure>'
    )


def test_readers_of_feeds_get_one_file() -> None:
    page = finished("![A](a.jpg)", "https://site.test", several=False)
    assert re.findall("<(\\w+)", page) == ["figure", "img"]


def test_a_picture_without_alt_text_gets_its_own() -> None:
    assert 'alt="Own text of articles/2026/01/a.jpg"' in finished("![](a.jpg)")
    assert 'alt="Own text of articles/2026/01/a.jpg"' in finished("![ ](a.jpg)")
    assert 'alt="Own text of articles/2026/01/a.jpg"' in finished('<img src="a.jpg">')
    assert "Own text" not in finished("![A](a.jpg)")


def test_a_picture_in_a_gallery_is_in_another_slot() -> None:
    assert 'sizes="galleryrem"' in finished('<figure id="x" class="gallery"><img src="a.jpg" alt="A"></figure>')
    gallery = "/// gallery\n![A](a.jpg)\nCaption\n\n![B](b.jpg)\n///"
    page = finished(f"![1](1.jpg)\n\n{gallery}\n\n![2](2.jpg)\n\n{gallery}\n\n/// caption\n///\n\n![3](3.jpg)")
    slots = re.findall('sizes="(\\w+)rem"><img alt="([^"]*)"', page)
    assert slots == [
        *(("body", "1"), ("gallery", "A"), ("gallery", "B")),
        *(("body", "2"), ("gallery", "A"), ("gallery", "B")),
        ("body", "3"),
    ]


@pytest.mark.parametrize(
    "code",
    [
        'href="{filename}nowhere.md"',
        '<a href="{filename}nowhere.md">',
        '<img alt="a" src="{static}nowhere.jpg">',
        "[a]({filename}nowhere.md)",
        "![a]({static}nowhere.jpg)",
    ],
)
def test_code_that_shows_such_names_stays_as_typed(code: str) -> None:
    for markdown in (f"Text `{code}`.", f"```\n{code}\n```", f"    {code}"):
        assert html.unescape(re.sub("<[^>]*>", "", finished(markdown))).strip().removesuffix(".").endswith(code)


@given(st.text(alphabet=st.sampled_from('a"{}<>= &;#filenamestaticrefsrc./'), max_size=60))
@settings(deadline=None)
def test_text_is_never_taken_for_a_link(text: str) -> None:
    code = html.escape(f'href="{{filename}}{text}" src="{{static}}{text}"', quote=False)
    page = f"<p><code>{code}</code></p>"
    assert finish(page, "en", "..", ADDRESSES.__getitem__, show) == page


CREDIT = '<span class="figure-credit">{}</span>'
BY = "https://licence.example/by"
TERMS = f'<a class="figure-credit" rel="license" href="{BY}">Terms</a>'
OWN = {
    "a.jpg": ("Own alt", "Own caption", "Own credit", BY),
    "b.jpg": ("Own alt", "", "Other credit", ""),
    "bare.jpg": ("", "", "", ""),
}


@pytest.mark.parametrize(
    ("below", "caption"),
    [
        ("\nCredit: Somebody", CREDIT.format("Somebody")),
        ("\nThe river.\nCredit: Somebody", f"The river. {CREDIT.format('Somebody')}"),
        ("\ncredit :  Somebody  \nThe river.", f"The river. {CREDIT.format('Somebody')}"),
        ("\nCredit: One\nCredit: Two", CREDIT.format("One, Two")),
        ('\nCredit: A & B "C"', CREDIT.format("A &amp; B “C”")),
        ("\nLicence: CC BY 4.0\nCredit: S", f"{CREDIT.format('S')} {CREDIT.format('CC BY 4.0')}"),
        (f"\nCredit: S\nLicense: {BY}", f"{CREDIT.format('S')} {TERMS}"),
        ("\n\n/// caption\nThe river.\nCredit: S\n///", f"<p>The river.</p> {CREDIT.format('S')}"),
        ("\n\n/// caption\nThe *river*.\n\nCredit: S\n///", f"<p>The <em>river</em>.</p> {CREDIT.format('S')}"),
        ("\n\n/// caption\nThe river.  \nCredit: S\n///", f"<p>The river.</p> {CREDIT.format('S')}"),
        ("\n\n/// caption\n\nThe river.\nCredit: S\n\n///", f"<p>The river.</p> {CREDIT.format('S')}"),
        ("\n\n/// caption\nCredit: S\n///", CREDIT.format("S")),
        ("\nCredit: S\n\n/// caption\nThe river.\n///", f"<p>The river.</p> {CREDIT.format('S')}"),
    ],
)
def test_a_credit_is_a_line_below_the_picture_or_in_its_caption(below: str, caption: str) -> None:
    assert captions(f"![A](bare.jpg){below}") == [caption]


def test_raw_html_has_credits_as_well() -> None:
    raw = '<figure>\n<img src="bare.jpg" alt="A">\n<figcaption>The river.\nCredit: S</figcaption>\n</figure>'
    assert captions(raw) == [f"The river. {CREDIT.format('S')}"]
    raw = '<figure>\n<img src="b.jpg" alt="A">\n</figure>'
    assert captions(raw, own=OWN) == [CREDIT.format("Other credit")]


def test_a_picture_says_itself_what_its_author_left_out() -> None:
    own, terms = CREDIT.format("Own credit"), f" {TERMS}"
    assert captions("![](a.jpg)", own=OWN) == [f"Own caption {own}{terms}"]
    assert captions("![](a.jpg)\nThe river.", own=OWN) == [f"The river. {own}{terms}"]
    assert captions("![](a.jpg)\nCredit: S", own=OWN) == [f"Own caption {CREDIT.format('S')}{terms}"]
    assert captions("![](a.jpg)\nCredit: S\nLicence: CC0", own=OWN) == [
        f"Own caption {CREDIT.format('S')} {CREDIT.format('CC0')}"
    ]
    assert captions("![](a.jpg)\n\n/// caption\nThe river.\n///", own=OWN) == [f"<p>The river.</p> {own}{terms}"]
    assert captions("![](b.jpg)", own=OWN) == [CREDIT.format("Other credit")]
    assert captions("![](bare.jpg)", own=OWN) == []


def test_pictures_of_one_paragraph_share_a_caption() -> None:
    assert captions("![](a.jpg) ![](b.jpg) ![](a.jpg)", own=OWN) == [
        f"Own caption {CREDIT.format('Own credit')} {CREDIT.format('Other credit')} {TERMS}"
    ]


def test_a_gallery_may_be_credited_as_a_whole() -> None:
    gallery = "/// gallery | Two\n![A](a.jpg)\nThe first.\n\n![B](b.jpg)\nCredit: S\n{}\n///"
    each = [f"The first. {CREDIT.format('Own credit')} {TERMS}", CREDIT.format("S"), "Two"]
    assert captions(gallery.format(""), own=OWN) == each
    whole = gallery.format("\nCredit: T\nLicence: CC0")
    assert captions(whole, own=OWN) == [
        "The first.",
        CREDIT.format("S"),
        f"Two {CREDIT.format('T')} {CREDIT.format('CC0')}",
    ]
    assert [each.credit for each in make_body(whole, 1, SOURCE, "en")[0].insets] == ["T", "S"]


def test_khmer_credits_may_break_between_words() -> None:
    (caption,) = captions("![រូប](bare.jpg)\nCredit: សមាគមអ្នកសារព័ត៌មាន", "km")
    assert "<wbr>" in caption
    (caption,) = captions("![រូប](bare.jpg)\nCredit: An agency of news", "km", latin="en")
    assert caption == '<span class="figure-credit"><span lang="en">An agency of news</span></span>'
    (caption,) = captions("![A](a.jpg)", own={"a.jpg": ("", "", "សមាគមអ្នកសារព័ត៌មាន", "")})
    assert caption.startswith('<span class="figure-credit"><span lang="km">')


def test_what_a_picture_says_of_itself_is_text() -> None:
    (caption,) = captions("![A](a.jpg)", own={"a.jpg": ("", "<b>", '"<i>"', 'http://x.example/"><script>')})
    assert "<b>" not in caption
    assert "<i>" not in caption
    assert "<script>" not in caption


def test_what_is_said_of_a_picture_is_known_as_plain_text() -> None:
    text = "![A](a.jpg)\nThe *river*.[^1]\nCredit: A & B\nLicence: CC0\n\n![](a.jpg)\n\n[^1]: A note.\n"
    first, second = make_body(text, 1, SOURCE, "en")[0].insets
    assert (first.alt, first.caption, first.credit, first.licence) == ("A", "The river.", "A & B", "CC0")
    assert (first.unsaid, second.unsaid) == ((), TOLD)
    assert (first.reference.line, second.reference.line) == (1, 6)


@pytest.mark.parametrize(
    ("written", "target", "fragment"),
    [
        ("y.md", "articles/2026/01/y.md", ""),
        ("./y.md", "articles/2026/01/y.md", ""),
        ("../02/y.md#a", "articles/2026/02/y.md", "a"),
        ("/pages/about.md", "pages/about.md", ""),
        ("{filename}y.md", "articles/2026/01/y.md", ""),
        ("{filename}/pages/about.md", "pages/about.md", ""),
        ("%7Bfilename%7D/pages/about.md", "pages/about.md", ""),
        ("{static}a%20b.jpg", "articles/2026/01/a b.jpg", ""),
        ("%E1%9E%9A.jpg", "articles/2026/01/រ.jpg", ""),
        ("y.md?x=1#a%20b", "articles/2026/01/y.md", "a b"),
        ("#a", "articles/2026/01/x.md", "a"),
        ("#", "", ""),
        ("", "", ""),
        ("../../../../../etc/passwd", "../../etc/passwd", ""),
        ("/../../etc/passwd", "../../etc/passwd", ""),
    ],
)
def test_what_an_address_names(written: str, target: str, fragment: str) -> None:
    assert locate(written, "articles/2026/01/x.md") == (target, fragment)


@given(st.text())
def test_any_address_names_something_or_nothing(written: str) -> None:
    target, _ = locate(written, "articles/2026/01/x.md")
    assert not target.startswith("/")
