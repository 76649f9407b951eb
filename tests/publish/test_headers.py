"""What hosts say with each file: the definition, and what real servers make of what they are told."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page

from newsroom.publish.headers import (
    HTML,
    Kind,
    Site,
    cache_control,
    content_type,
    headers,
    kind,
    meta_policy,
    onion_location,
    policy,
)
from newsroom.publish.servers import render
from tests.browsing import browser, is_redirect, kinds
from tests.publish.hosts import Answer, Reader, caddy, nginx
from tests.support import ROOT, Built, files

__all__ = ["browser"]
CLEAR = Site("https://site.example", "http://abcdefghijklmnop.onion/")
PLAIN = Site("http://site.example")
YEAR = "public, max-age=31536000, immutable"
REDIRECTS = {"old/index.html": "about.html", "2020/old.html": "2021/new/index.html"}
GONE = ["2020/gone.html", "gone/index.html", "2020/nothing.html"]
HOSTS: dict[str, Callable[[Path, Path, str], AbstractContextManager[int]]] = {"nginx": nginx, "caddy": caddy}


@pytest.mark.parametrize(
    ("name", "of", "said", "caching"),
    [
        ("index.html", Kind.PAGE, HTML, "no-cache"),
        ("topics/", Kind.PAGE, HTML, "no-cache"),
        ("", Kind.PAGE, HTML, "no-cache"),
        ("topics", Kind.PAGE, "application/octet-stream", "no-cache"),
        ("km/verify.html", Kind.VERIFY, HTML, "no-cache"),
        ("theme/css/site.1f2e3d4c.css", Kind.HASHED, "text/css; charset=utf-8", YEAR),
        ("theme/js/site.1f2e3d4c.js", Kind.HASHED, "text/javascript; charset=utf-8", YEAR),
        ("theme/css/site.css", Kind.ASSET, "text/css; charset=utf-8", "no-cache"),
        ("a.1f2e3d4c.html", Kind.PAGE, HTML, "no-cache"),
        (
            "images/0123456789abcdef.webp",
            Kind.PICTURE,
            "image/webp",
            "public, max-age=31536000, s-maxage=3600, immutable",
        ),
        ("images/cards/2021/07/a.png", Kind.MEDIA, "image/png", "no-cache"),
        ("theme/images/logo.svg", Kind.MEDIA, "image/svg+xml; charset=utf-8", "no-cache"),
        ("feeds/all.atom.xml", Kind.FEED, "application/atom+xml; charset=utf-8", "no-cache"),
        ("feeds/topics/a.rss.xml", Kind.FEED, "application/rss+xml; charset=utf-8", "no-cache"),
        ("sitemap.xml", Kind.FEED, "application/xml; charset=utf-8", "no-cache"),
        ("robots.txt", Kind.FEED, "text/plain; charset=utf-8", "no-cache"),
        ("release.json", Kind.PROOF, "application/json", "no-cache"),
        ("release.previous.json", Kind.PROOF, "application/json", "no-cache"),
        ("keys.json.minisig", Kind.PROOF, "text/plain; charset=utf-8", "no-cache"),
        ("site.zip", Kind.DOWNLOAD, "application/zip", "no-cache"),
        ("km/months/2021-07.html", Kind.DOWNLOAD, HTML, "no-cache"),
        ("sw.js", Kind.WORKER, "text/javascript; charset=utf-8", "no-store"),
        ("theme/sw.js", Kind.ASSET, "text/javascript; charset=utf-8", "no-cache"),
        ("interview.DOCX", Kind.PAGE, "application/octet-stream", "no-cache"),
    ],
)
def test_each_file_has_its_kind_its_type_and_its_time_in_caches(name: str, of: Kind, said: str, caching: str) -> None:
    assert (kind(name), content_type(name), cache_control(name)) == (of, said, caching)


def test_whatever_the_site_has_names_its_type(any_site: Built) -> None:
    unknown = {name for name in files(any_site.output) if content_type(name) == "application/octet-stream"}
    assert unknown == set()


def test_pages_load_nothing_but_the_sites_own_files() -> None:
    assert policy(Kind.PAGE, CLEAR) == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'none'; "
        "frame-ancestors 'none'; upgrade-insecure-requests; require-trusted-types-for 'script'; trusted-types site"
    )
    for of in Kind:
        assert policy(of, CLEAR).startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy(of, CLEAR)
        assert "'unsafe-inline'" not in policy(of, CLEAR) or of is Kind.DOWNLOAD


def test_an_onion_address_is_not_told_to_use_https_and_names_itself_nowhere() -> None:
    onion = Site(CLEAR.url, CLEAR.onion, at_onion=True)
    for of in Kind:
        assert headers(of, CLEAR)["Strict-Transport-Security"] == "max-age=63072000"
        assert "Strict-Transport-Security" not in headers(of, onion)
        assert "upgrade-insecure-requests" not in policy(of, onion)
        assert onion_location(of, onion) == ""
    assert onion_location(Kind.PAGE, CLEAR) == "http://abcdefghijklmnop.onion"
    assert onion_location(Kind.FEED, CLEAR) == ""


def test_only_what_others_may_show_is_theirs_to_show() -> None:
    theirs = {of for of in Kind if headers(of, CLEAR)["Cross-Origin-Resource-Policy"] == "cross-origin"}
    assert theirs == {Kind.PICTURE, Kind.MEDIA, Kind.FEED, Kind.PROOF, Kind.DOWNLOAD}


@pytest.fixture(params=HOSTS)
def server(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def site(minimal: Built, tmp_path: Path) -> Path:
    """A site with a file of each kind."""
    folder = tmp_path / "releases/1"
    shutil.copytree(minimal.output, folder, ignore=shutil.ignore_patterns(".*"))
    more = (
        "keys.json release.json release.json.minisig site.zip months/2021-07.html sw.js verify.html theme/a.css a.json"
    )
    for name in f"{more} images/0123456789abcdef.webp 2020/gone.html gone/index.html old/index.html".split():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name} " * 200)
    (tmp_path / "current").symlink_to("releases/1")
    return tmp_path / "current"


@pytest.fixture
def reader(server: str, site: Path, tmp_path: Path) -> Iterator[Reader]:
    """A reader of that site, at the server that was told what is printed for it."""
    with HOSTS[server](tmp_path / server, site, render(server, CLEAR, REDIRECTS, GONE)) as port:
        found = Reader(port)
        yield found
        found.close()


def said(answer: Answer, of: Kind, path: str) -> list[str]:
    """Where an answer differs from what is defined for a kind."""
    wanted = {name.lower(): value for name, value in headers(of, CLEAR).items()}
    if onion := onion_location(of, CLEAR):
        wanted["onion-location"] = onion + path
    own = {"server", "date", "connection", "content-length", "content-type", "etag", "last-modified", "accept-ranges"}
    more = {"transfer-encoding", "vary", "location", "content-encoding", "keep-alive"}
    got = {name: value for name, value in answer.headers.items() if name not in own | more}
    return sorted(f"{name}: {got.get(name)!r}" for name in wanted.keys() | got if got.get(name) != wanted.get(name))


def test_every_kind_of_file_comes_with_its_headers_at_first_and_again(reader: Reader, site: Path) -> None:
    for name in files(site):
        if name in GONE or name in REDIRECTS:
            continue
        answer = reader.get(f"/{name}")
        assert (answer.status, answer.headers["content-type"]) == (200, content_type(name)), name
        assert said(answer, kind(name), f"/{name}") == [], name
        again = reader.get(f"/{name}", If_None_Match=answer.headers["etag"])
        assert again.status == 304
        assert said(again, kind(name), f"/{name}") == [], name


def test_a_folders_address_leads_to_its_page(reader: Reader, site: Path) -> None:
    for path in ("/", "/archive/"):
        answer = reader.get(path)
        assert (answer.status, answer.headers["content-type"]) == (200, HTML)
        assert answer.body == (site / path[1:] / "index.html").read_bytes()
        assert said(answer, Kind.PAGE, path) == []
    moved = reader.get("/archive")
    assert (moved.status, moved.headers["location"]) == (301, "/archive/")
    assert said(moved, Kind.PAGE, "/archive") == []


@pytest.mark.parametrize("path", ["/nothing", "/nothing.html", "/images/no.png", "/no.zip", "/images/", "/feeds/x.xml"])
def test_what_is_not_there_is_answered_with_the_sites_own_page(reader: Reader, site: Path, path: str) -> None:
    answer = reader.get(path)
    assert (answer.status, answer.headers["content-type"]) == (404, HTML)
    assert answer.body == (site / "404.html").read_bytes()
    assert said(answer, Kind.PAGE, path) == []


@pytest.mark.parametrize(
    ("path", "to"),
    [("/old/", "/about.html"), ("/old/index.html", "/about.html"), ("/2020/old.html", "/2021/new/index.html")],
)
def test_an_old_address_leads_on(reader: Reader, path: str, to: str) -> None:
    answer = reader.get(path)
    assert (answer.status, answer.headers["location"]) == (301, to)
    assert said(answer, Kind.PAGE, path) == []


@pytest.mark.parametrize(
    ("path", "notice"),
    [
        ("/2020/gone.html", "2020/gone.html"),
        ("/gone/index.html", "gone/index.html"),
        ("/gone/", "gone/index.html"),
        ("/2020/nothing.html", "404.html"),
    ],
)
def test_what_was_taken_down_is_gone_and_its_notice_says_why(
    reader: Reader, site: Path, path: str, notice: str
) -> None:
    answer = reader.get(path)
    assert (answer.status, answer.headers["content-type"]) == (410, HTML)
    assert answer.body == (site / notice).read_bytes()
    assert said(answer, Kind.PAGE, path) == []
    assert reader.get(path, If_None_Match="*").status == 410


def test_texts_are_compressed(reader: Reader, site: Path) -> None:
    for name in ("index.html", "theme/a.css", "feeds/all.atom.xml", "release.json"):
        answer = reader.get(f"/{name}", Accept_Encoding="gzip")
        assert answer.headers["content-encoding"] == "gzip", name
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert reader.get(f"/{name}", Accept_Encoding="gzip", If_None_Match=answer.headers["etag"]).status == 304
        assert len(answer.body) < len((site / name).read_bytes())


@pytest.mark.parametrize("below", ["", "/news"])
def test_a_site_below_a_path_says_the_same(minimal: Built, tmp_path: Path, server: str, below: str) -> None:
    root = tmp_path / f"www{below}"
    shutil.copytree(minimal.output, root)
    told = render(server, Site(f"https://site.example{below}"), {"old.html": "about.html"}, ["gone.html"])
    with HOSTS[server](tmp_path / server, tmp_path / "www", told) as port:
        reader = Reader(port)
        found = {
            path: reader.get(f"{below}/{path}") for path in ("index.html", "feeds/all.atom.xml", "no", "gone.html")
        }
        moved = reader.get(f"{below}/old.html")
        reader.close()
    assert [(answer.status, answer.headers["content-type"]) for answer in found.values()] == [
        (200, HTML),
        (200, "application/atom+xml; charset=utf-8"),
        (404, HTML),
        (410, HTML),
    ]
    assert moved.headers["location"] == f"{below}/about.html"
    assert found["no"].body == found["gone.html"].body == (root / "404.html").read_bytes()


def console(page: Page) -> list[str]:
    """What a page says, from now on."""
    heard: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        heard.append(f"{page.url}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(f"{page.url}: {error}"))
    return heard


def test_a_browser_refuses_nothing_on_any_kind_of_page(
    browser: Browser, full: Built, server: str, tmp_path: Path
) -> None:
    root = tmp_path / "www/news"
    root.parent.mkdir()
    root.symlink_to(full.output)
    with (
        HOSTS[server](tmp_path / server, tmp_path / "www", render(server, Site("http://full.example/news"))) as port,
        browser.new_context(permissions=["clipboard-write"]) as context,
    ):
        page = context.new_page()
        heard = console(page)
        for name in kinds(full):
            if not is_redirect(full, name):
                page.goto(f"http://127.0.0.1:{port}/news/{name}", wait_until="load")
        assert heard == []
        front = f"http://127.0.0.1:{port}/news/index.html"
        page.goto(front)
        use_scripts(page)
        assert heard == []
        page.goto(front)
        assert page.evaluate("document.documentElement.dataset.scheme") in ("dark", "light")  # remembered
        with pytest.raises(Error, match="This document requires 'TrustedScript' assignment"):
            page.evaluate("document.createElement('script').textContent = '1'")


def use_scripts(page: Page) -> None:
    """The reader's choice of colours, and the hint that the network is gone."""
    page.locator("[data-scheme-switch]").click()
    page.context.set_offline(True)
    page.locator("[data-offline]").wait_for(state="visible")
    page.context.set_offline(False)


def test_pages_carry_their_own_policy_and_open_from_a_disk_by_it(browser: Browser, full: Built) -> None:
    for of, template in ((Kind.PAGE, "base.html"), (Kind.VERIFY, "verify.html")):
        line = f'<meta http-equiv="Content-Security-Policy" content="{meta_policy(of)}">\n'
        assert line in (ROOT / "theme/templates" / template).read_text(encoding="utf-8")
    page = browser.new_page()
    heard = console(page)
    for name in kinds(full):
        if not is_redirect(full, name) and not name.endswith("404.html"):  # whose links start from the site's root
            page.goto((full.output / name).as_uri())
            assert page.evaluate("getComputedStyle(document.body).fontFamily") != "serif"
    assert heard == []
    page.goto((full.output / "index.html").as_uri())
    page.locator("[data-scheme-switch]").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.scheme") in ("dark", "light")
    refused = "const image = new Image(); image.src = 'https://tracker.example/x.png'; document.body.append(image)"
    page.evaluate(refused)
    page.wait_for_timeout(200)
    assert any("tracker.example" in each and "img-src" in each for each in heard)
    page.close()


@pytest.mark.parametrize(
    ("told", "line"), [("netlify", "/old/ /about.html 301!"), ("cloudflare", "/old/ /about.html 301")]
)
def test_hosts_that_read_two_files_say_nothing_twice(told: str, line: str) -> None:
    """Netlify and Cloudflare differ in what they make of a header that two rules name."""
    said, _, moved = render(told, CLEAR, REDIRECTS).partition("\n\n")
    rules = [rule.splitlines() for rule in re.split(r"\n(?=/)", said)[1:]]
    everywhere = {header.partition(":")[0].strip() for header in rules[0][1:]}
    assert rules[0][0] == "/*"
    assert {"Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options"} <= everywhere
    for path, *more in rules[1:]:
        assert not everywhere & {header.partition(":")[0].strip() for header in more}, path
    assert "/theme/css/*\n  Cache-Control: public, max-age=31536000, immutable" in said
    assert len(rules) < 100
    assert max(map(len, said.splitlines())) < 2000
    assert line in moved.splitlines()


def test_cloudflare_is_told_no_more_redirects_than_it_takes() -> None:
    many = {f"{n}/index.html": "about.html" for n in range(3000)}
    assert len(re.findall("^/.* 301$", render("cloudflare", CLEAR, many), re.MULTILINE)) == 2000
