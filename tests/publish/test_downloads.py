"""What readers keep for when the site is blocked: it opens from a disk, holds everything, and asks nobody."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Collection, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from lxml import html
from playwright.sync_api import Browser

from newsroom.publish.downloads import WHOLE, Read, months, write_zip
from tests.browsing import browser, violations
from tests.hosting import serving
from tests.pages import broken, pages
from tests.support import Built, files, tree

__all__ = ["browser"]
SITES = {"real": "https://newsroom.example", "full": "https://full.example/news"}


@pytest.fixture(scope="module", params=["real", "full"])
def site(request: pytest.FixtureRequest) -> Built:
    built: Built = request.getfixturevalue(request.param)
    return built


@pytest.fixture(scope="module")
def kept(site: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the site's months."""
    folder = tmp_path_factory.mktemp("kept")
    for name, data in made(site).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def names(site: Built) -> list[str]:
    return [name for name in files(site.output) if name != ".ledger.json"]


def made(site: Built) -> dict[str, bytes]:
    return dict(months(reader(site), names(site), SITES[site.folder.name]))


def reader(site: Built) -> Read:
    return lambda name: (site.output / name).read_bytes()


def zipped(read: Read, held: Collection[str], address: str) -> bytes:
    file = io.BytesIO()
    write_zip(file, read, held, address)
    return file.getvalue()


def small(texts: Mapping[str, str]) -> dict[str, str]:
    """The months of a site of these articles, by the names of their files."""
    front = '<html lang="en"><title>x</title><p>'
    held = {"index.html": front, **{name: _article(text) for name, text in texts.items()}}
    found = months(lambda name: held[name].encode(), held, "https://news.example")
    return {name: data.decode() for name, data in found}


def _article(text: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta property="og:type" content="article">'
        '<meta property="article:published_time" content="2026-03-01T09:00:00+07:00">'
        f"<main><article><h1>Headline</h1>{text}</article></main>"
    )


def body(month: str) -> str:
    """What comes after a month's contents."""
    return month.partition("</nav>\n")[2]


def test_the_page_for_when_the_site_is_blocked_names_every_file_that_is_made(site: Built) -> None:
    linked: set[str] = set()
    for name in ("blocked.html", "km/blocked.html"):
        if (site.output / name).exists():
            found = pages(site.output)[name].tree.xpath("//a[@download]/@href")
            linked |= {re.sub(r"^(\.\.?/)+", "", each) for each in found}
    assert linked == {WHOLE, *made(site)}


def test_a_month_holds_every_article_of_its_month(site: Built, kept: Path) -> None:
    articles = [page for page in pages(site.output).values() if page.meta("og:type") == ["article"]]
    assert articles
    for page in articles:
        prefix = "km/" if page.name.startswith("km/") else ""
        (published,) = page.meta("article:published_time")
        month = pages(kept)[f"{prefix}months/{published[:7]}.html"]
        (listed,) = [each for each in month.tree.xpath("//nav//a") if each.text_content() == page.text("//article//h1")]
        (article,) = month.tree.xpath("//*[@id=$id]", id=listed.get("href").removeprefix("#"))
        text = " ".join(article.text_content().split())
        for paragraph in page.texts("//div[@class='prose']/p"):
            assert paragraph in text, page.name


def test_a_month_asks_nobody_and_its_links_lead_somewhere(site: Built, kept: Path) -> None:
    address = SITES[site.folder.name]
    for name, page in pages(kept).items():
        assert len(page.tree.xpath("//@id")) == len(set(page.tree.xpath("//@id"))), name
        assert page.tree.xpath("//script | //link | //iframe | //source | //@srcset | //form") == []
        assert all(each.startswith("data:image/") for each in page.tree.xpath("//@src")), name
        assert all(each.get("alt") for each in page.tree.xpath("//img")), name
        for href in page.tree.xpath("//@href"):
            if href.startswith("#"):
                assert href[1:] in page.ids, name
            else:
                assert re.match(r"(https?|mailto|tel):", href), (name, href)
            if href.startswith(f"{address}/"):
                file = href.removeprefix(f"{address}/").partition("#")[0]
                assert f"{file}index.html" if file.endswith("/") or not file else file in files(site.output)


def test_a_month_opens_from_a_disk_as_it_would_from_the_site(browser: Browser, kept: Path) -> None:
    """With nothing asked for, each picture shown, and no mistake that hinders somebody."""
    asked: list[str] = []
    for width in (320, 1280):
        with browser.new_context(viewport={"width": width, "height": 800}) as context:
            page = context.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.on("console", lambda message: asked.append(message.text))
            for name in files(kept):
                asked.clear()
                page.goto((kept / name).as_uri())
                assert [each for each in asked if not each.startswith("data:")] == [(kept / name).as_uri()]
                assert page.evaluate("[...document.images].every(each => each.complete && each.naturalWidth)")
                assert page.evaluate("getComputedStyle(document.querySelector('main')).paddingInlineStart") != "0px"
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wide <= 0, f"{name} is {wide} pixels too wide"
                assert violations(page) == [], name


def test_the_nu_checker_finds_no_error_and_no_warning_in_a_month(requires_vnu: list[str], kept: Path) -> None:
    """But for the style sheet, parts of which are newer than what it knows, and for a policy that allows pictures as
    `data:`, which it takes for one that does not; the browser knows better."""
    command = [*requires_vnu, "--format", "json", "--exit-zero-always", str(kept)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
    found = [each["message"] for each in json.loads(done.stderr)["messages"]]
    assert [each for each in found if not each.startswith(("CSS:", "Resource violates Content Security Policy"))] == []


def test_the_same_site_makes_the_same_files(site: Built) -> None:
    read, held, address = reader(site), names(site), SITES[site.folder.name]
    assert list(months(read, held, address)) == list(months(read, held[::-1], address))
    assert zipped(read, held, address) == zipped(read, held[::-1], address)


def test_the_zip_opens_from_a_disk_and_every_link_of_it_works(site: Built, tmp_path: Path) -> None:
    address = SITES[site.folder.name]
    with zipfile.ZipFile(io.BytesIO(zipped(reader(site), names(site), address))) as archive:
        archive.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    assert folder.name == address.removeprefix("https://").partition("/")[0]
    page = pages(folder)["blocked.html"]
    assert f"{address}/{WHOLE}" in page.tree.xpath("//a/@href")
    assert page.tree.xpath("//a[@download]") == []
    made_elsewhere = [f"{address}/{name}" for name in (WHOLE, *made(site))]
    assert [each for each in broken(folder, address) if not any(f"'{one}'" in each for one in made_elsewhere)] == []
    same = {name: data for name, data in tree(folder).items() if not name.endswith("blocked.html")}
    assert same == {name: reader(site)(name) for name in names(site) if not name.endswith("blocked.html")}


def test_the_zip_works_below_another_path_of_a_host(browser: Browser, full: Built, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(reader(full), names(full), SITES["full"]))) as archive:
        archive.extractall(tmp_path / "copies")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            del format, args

    failed: list[str] = []
    with serving(partial(Quiet, directory=str(tmp_path))) as port:
        page = browser.new_page()
        page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
        page.goto(f"http://127.0.0.1:{port}/copies/full.example/index.html")
        page.get_by_role("link", name="If this site is blocked").click()
        page.get_by_role("link", name="ខ្មែរ").click()
        page.locator(".masthead-home").click()
        page.locator(".lead-story a").first.click()
        assert page.url.startswith(f"http://127.0.0.1:{port}/copies/full.example/km/")
        assert page.title()
        page.close()
    assert failed == []


def test_links_between_articles_of_a_month_stay_in_its_file() -> None:
    found = small(
        {
            "2026/03/one.html": '<a href="../03/two.html">2</a><a href="two.html#part">part</a><a href="#here">h</a>',
            "2026/03/two.html": '<h2 id="part">x</h2><a href="../02/old.html#x">y</a><a href="../../index.html">z</a>',
        }
    )
    text = body(found["months/2026-03.html"])
    assert '<a href="#2026-03-two">2</a><a href="#2026-03-two.part">part</a><a href="#2026-03-one.here">h</a>' in text
    assert '<h3 id="2026-03-two.part">x</h3>' in text
    assert '<a href="https://news.example/2026/02/old.html#x">y</a><a href="https://news.example/">z</a>' in text


def test_what_only_a_page_of_the_site_needs_is_left_out() -> None:
    text = body(
        small(
            {
                "2026/03/one.html": ' <p>Kept</p><section class="share">1</section><p hidden>2</p><script>3</script>'
                '<nav class="topics">4</nav><!-- 5 --><details class="cite">6</details>'
            }
        )["months/2026-03.html"]
    )
    assert html.fromstring(text).text_content().split() == ["Headline", "Kept"]


def test_texts_keep_their_signs_and_lines() -> None:
    written = '<p title="a &quot;b&quot; &lt;c&gt;">1 &lt; 2 &amp;amp; <br>x</p><pre>\n\n  code\n</pre>'
    (text,) = [small({"2026/03/one.html": written})["months/2026-03.html"]]
    assert '<p title="a &quot;b&quot; &lt;c&gt;">1 &lt; 2 &amp;amp; <br>x</p><pre>\n\n  code\n</pre>' in text


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ("small.webp 400w, middle.webp 760w, large.webp 1600w", "middle"),
        ("small.webp 200w, middle.webp 416w", "middle"),
    ],
)
def test_a_picture_is_the_narrowest_that_is_wide_enough(offered: str, chosen: str) -> None:
    picture = (
        '<picture><source type="image/avif" srcset="a.avif 400w">'
        f'<source type="image/webp" srcset="{offered}" sizes="9px">'
        '<img src="plain.jpg" alt="words" width="4" height="3" loading="lazy"></picture>'
    )
    held = {"index.html": '<html lang="en">', "a/x.html": _article(picture), f"a/{chosen}.webp": chosen}
    found = dict(months(lambda name: held[name].encode(), held, "https://news.example"))
    assert b'alt="words" width="4" height="3">' in found["months/2026-03.html"]
    assert b"<picture" not in found["months/2026-03.html"]
    assert b"data:image/webp;base64," in found["months/2026-03.html"]
