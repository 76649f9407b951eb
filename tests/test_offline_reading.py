"""Pages that were read stay on the reader's device, where the site wants it, and go when it no longer does."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import browser
from tests.hosting import serving
from tests.support import Built, add_tiny_articles, build, copy_site, edit, invoke, make_picture, own_theme

__all__ = ["browser"]
MIRROR = "https://mirror.example/"
ONE, OTHER, THIRD = "2024/01/tiny-1.html", "2024/01/tiny-2.html", "2024/01/tiny-3.html"
KEPT_PAGES = 40
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; worker-src 'self'; "
    "base-uri 'self'; form-action 'none'; require-trusted-types-for 'script'; trusted-types site"
)


class Host(SimpleHTTPRequestHandler):
    """A host below a path, with a strict policy, that can be out of reach in several ways."""

    state: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        how = self.state.get("how")
        if how == "off":
            self.close_connection = True  # an answer of no byte
        elif how == "silent":
            self.state["over"].wait(30)
        elif how and self.path.endswith(self.state["page"]):
            self.send_error(how)
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/news"))

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture(scope="module")
def keeping(once: Callable[..., Built]) -> Built:
    def make(to: Path) -> Built:
        add_tiny_articles(copy_site("minimal", to), KEPT_PAGES + 5)
        make_picture(to / "content/articles/2024/01/photo.jpg", (900, 600))
        hero = "summary: Example summary number 1.\nhero: {image: photo.jpg, alt: Example, credit: Example}"
        edit(to / "content" / "articles" / "2024" / "01" / "tiny-1.md", "summary: Example summary number 1.", hero)
        more = f'NEWSROOM = {{\n    "offline_reading": True, "mirrors": ["{MIRROR}"],'
        edit(to / "pelicanconf.py", "NEWSROOM = {", more)
        return build(to)

    return once("keeping", make)


@pytest.fixture
def folder(keeping: Built, tmp_path: Path) -> Path:
    """The site as its host holds it."""
    shutil.copytree(keeping.output, tmp_path / "site")
    return tmp_path / "site"


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    Host.state.clear()
    with serving(partial(Host, directory=str(folder))) as port:
        yield f"http://127.0.0.1:{port}/news/"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 390, "height": 800}) as context:
        yield context.new_page()


def kept(page: Page, what: str) -> list[str]:
    """The names of what the device keeps."""
    script = "async ([scope, what]) => (await (await caches.open(`kept ${scope} ${what}`)).keys()).map(key => key.url)"
    scope = re.match(r"http://[^/]+/news/", page.url)
    assert scope
    found: list[str] = page.evaluate(script, [scope[0], what])
    return [each.removeprefix(scope[0]) for each in found]


def wait_for(page: Page, what: str, name: str) -> None:
    until = time.monotonic() + 20
    while name not in kept(page, what):
        assert time.monotonic() < until, f"{name} is not kept"
        page.wait_for_timeout(50)


def read_two(page: Page, address: str) -> list[str]:
    """A reader reads two pages; answers what the browser complains of."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for name in (ONE, OTHER):
        page.goto(address + name)
        wait_for(page, "pages", name)
    return said


def test_pages_that_were_read_open_without_the_site_and_others_lead_to_its_mirrors(page: Page, address: str) -> None:
    assert read_two(page, address) == []
    Host.state["how"] = "off"
    for name in (ONE, OTHER):
        page.goto(address + name)
        assert page.locator("h1").inner_text() == f"Example headline number {'1' if name == ONE else '2'}"
        assert page.evaluate("getComputedStyle(document.querySelector('.main')).paddingInlineStart") != "0px"
    page.goto(address + ONE)
    assert page.evaluate("[...document.images].every(each => each.complete && each.naturalWidth)")
    page.goto(address + THIRD)
    assert page.url == f"{address}blocked.html"
    assert page.get_by_role("link", name="mirror.example").get_attribute("href") == MIRROR
    Host.state.clear()
    page.goto(address + THIRD)
    assert page.locator("h1").inner_text() == "Example headline number 3"


def test_a_host_that_keeps_silent_is_not_waited_for_long(page: Page, address: str) -> None:
    read_two(page, address)
    Host.state |= {"how": "silent", "over": threading.Event()}
    began = time.monotonic()
    page.goto(address + ONE, wait_until="commit")
    assert 4 < time.monotonic() - began < 15
    Host.state["over"].set()


def test_what_is_new_comes_before_what_is_kept(page: Page, address: str, folder: Path) -> None:
    read_two(page, address)
    edit(folder / ONE, "Example text", "Another text")
    page.goto(address + ONE)
    assert "Another text" in page.locator(".prose").inner_text()
    Host.state["how"] = "off"
    page.goto(address + ONE)
    assert "Another text" in page.locator(".prose").inner_text()


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_was_taken_off_the_site_is_kept_no_longer(page: Page, address: str, status: int) -> None:
    read_two(page, address)
    Host.state |= {"how": status, "page": ONE}
    page.goto(address + ONE)
    Host.state["how"] = "off"
    page.goto(address + ONE)
    assert page.url == f"{address}blocked.html"


def test_a_host_that_fails_is_as_good_as_none(page: Page, address: str) -> None:
    read_two(page, address)
    Host.state |= {"how": 503, "page": ONE}
    page.goto(address + ONE)
    assert page.locator("h1").inner_text() == "Example headline number 1"


def test_only_so_many_pages_are_kept(page: Page, address: str, keeping: Built) -> None:
    read_two(page, address)
    names = sorted(each.relative_to(keeping.output).as_posix() for each in keeping.output.glob("2024/*/tiny-*.html"))
    assert len(names) > KEPT_PAGES
    for name in names:
        page.goto(address + name, wait_until="domcontentloaded")
    wait_for(page, "pages", names[-1])
    assert len(kept(page, "pages")) <= KEPT_PAGES
    assert names[0] not in kept(page, "pages")


def test_a_reader_has_it_forgotten(page: Page, address: str) -> None:
    read_two(page, address)
    page.goto(f"{address}blocked.html")
    page.get_by_role("button", name="Forget these pages").click()
    page.get_by_role("button", name="Forgotten").wait_for()
    assert ONE not in kept(page, "pages")
    Host.state["how"] = "off"
    page.goto(address + ONE)
    assert page.url == f"{address}blocked.html"


def workers(page: Page) -> tuple[int, list[str]]:
    """How many workers the site has in this browser, and what they keep things in."""
    found: list[Any] = page.evaluate(
        "async () => [(await navigator.serviceWorker.getRegistrations()).length, await caches.keys()]"
    )
    return found[0], found[1]


def test_a_site_that_no_longer_wants_it_ends_it(page: Page, address: str, folder: Path, minimal: Built) -> None:
    """Its pages no longer begin the worker, and sw.js is the one that ends it."""
    read_two(page, address)
    assert workers(page)[0] == 1
    for path in folder.rglob("*.html"):
        path.write_text(re.sub(r' data-worker="[^"]*"', "", path.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copy(minimal.output / "sw.js", folder / "sw.js")
    page.goto(address + THIRD)
    until = time.monotonic() + 20
    while workers(page) != (0, []):
        assert time.monotonic() < until, workers(page)
        page.wait_for_timeout(100)
    Host.state["how"] = "off"
    with pytest.raises(Exception, match="ERR_EMPTY_RESPONSE"):
        page.goto(address + ONE)


def test_the_worker_names_what_every_kept_page_needs(keeping: Built) -> None:
    text = keeping.text("sw.js")
    (shell,) = re.findall(r"^const SHELL = (\[.*?\]);", text, re.MULTILINE)
    assert all((keeping.output / name).is_file() for name in json.loads(shell))
    assert [re.sub(r"\.[0-9a-f]{8}\.", ".", name) for name in json.loads(shell)] == [
        "blocked.html",
        "theme/css/site.css",
        "theme/js/site.js",
    ]
    assert re.search(r'^const VERSION = "[0-9a-f]{8}";', text, re.MULTILINE)


def test_a_site_that_does_not_want_it_begins_none(minimal: Built) -> None:
    assert "unregister()" in minimal.text("sw.js")
    assert "data-worker" not in minimal.text("index.html")


def test_a_worker_without_a_line_to_fill_in_is_a_mistake_of_the_theme(minimal_copy: Path) -> None:
    edit(minimal_copy / "pelicanconf.py", "NEWSROOM = {", 'NEWSROOM = {\n    "offline_reading": True,')
    edit(own_theme(minimal_copy) / "worker" / "keep.js", "const SHELL = [];", "const SHELL = [1];")
    done = invoke(minimal_copy, "build")
    assert done.returncode == 1
    assert (
        "theme/worker/keep.js:1: the line 'const SHELL = [];' is not there; add it for the build to fill in"
        in done.stderr.splitlines()
    )
