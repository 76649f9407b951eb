"""Finishing a body for one page: what names source files becomes addresses; nothing else changes."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsroom.articles.body import locate
from newsroom.articles.links import finish
from newsroom.articles.schema import File, Picture
from tests.articles.reading import body_of

ADDRESSES = {"articles/2026/01/y.md": "2026/01/y.html", "pages/about.md": "about.html"}


FILES = (("image/avif", (File("images/4.avif", 15, 10), File("images/5.avif", 30, 20))),)


def show(source: str, slot: str) -> tuple[Picture, str]:
    """Every picture is 30 × 20; its sizes tell its slot, its own alt text its source."""
    return Picture("images/0123.jpg", 30, 20, "image/jpeg", FILES, f"{slot}rem", "#aabbcc"), f"Own text of {source}"


def finished(markdown: str, root: str = "../..", several: bool = True) -> str:
    return finish(body_of(markdown).html, root, ADDRESSES.__getitem__, show, several)


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
        '<p><picture><source type="image/avif" srcset="../../images/4.avif 15w, ../../images/5.avif 30w" '
        'sizes="bodyrem"><img alt="A" src="../../images/0123.jpg" width="30" height="20" loading="lazy" '
        'decoding="async" data-tone="#aabbcc"></picture></p>'
    )


def test_readers_of_feeds_get_one_file() -> None:
    page = finished("![A](a.jpg)", "https://site.test", several=False)
    assert re.findall("<(\\w+)", page) == ["p", "img"]


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
    assert finish(f"<p><code>{code}</code></p>", "..", ADDRESSES.__getitem__, show) == f"<p><code>{code}</code></p>"


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
