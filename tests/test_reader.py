"""What readers are promised, seen in their browser: access for everyone, own files only, few bytes, no surprise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import brotli
import pytest
from playwright.sync_api import Browser, Response, Route, ViewportSize

from tests.browsing import EVERYTHING, POLICY, SOURCE_ARTICLE, browser, hosted, is_redirect, kinds, violations
from tests.support import Built, build, copy_site

__all__ = ["browser"]
ARTICLE_BYTES, FRONT_BYTES, SCRIPT_BYTES, REQUESTS = 14_000, 20_000, 5_000, 6
UNUSED = 0.15  # of the style sheet
TARGET = 44  # pixels


@pytest.fixture(scope="module", params=["real", "full"])
def host(request: pytest.FixtureRequest) -> Iterator[tuple[Built, str]]:
    """A site, and the address where it is served with a strict policy."""
    site: Built = request.getfixturevalue(request.param)
    with hosted(site) as address:
        yield site, address


@pytest.fixture(scope="module")
def real_host(real: Built) -> Iterator[str]:
    with hosted(real) as address:
        yield address


@pytest.fixture(scope="module")
def full_host(full: Built) -> Iterator[str]:
    with hosted(full) as address:
        yield address


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize(("width", "scheme"), [*product([320, 390, 768, 1280], ["light", "dark"])])
def test_axe_finds_nothing_and_no_page_breaks_the_policy_or_asks_others(
    browser: Browser, host: tuple[Built, str], width: int, scheme: str, scripts: bool
) -> None:
    site, address = host
    said: list[str] = []
    size: Any = {"width": width, "height": 800}
    with browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=False) as context:  # type: ignore[arg-type]
        page = context.new_page()
        if not scripts:
            page.route("**/*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: said.append(request.url) if not request.url.startswith(address) else None)
        for name in kinds(site):
            if is_redirect(site, name):
                continue
            page.goto(address + name)
            assert violations(page) == [], name
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{name} is {wide} pixels too wide"
            assert said == [], name


class Visit:
    """A first visit of a page: what came, by kind, with its bytes as brotli sends them."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.answers: list[Response] = []
        with browser.new_context(viewport={"width": 390, "height": 800}, device_scale_factor=2) as context:
            page = context.new_page()
            page.on("response", lambda answer: self.answers.append(answer))
            page.add_init_script(
                "window.shifts = 0; new PerformanceObserver(list => { for (const each of list.getEntries())"
                " window.shifts += each.value }).observe({type: 'layout-shift', buffered: true})"
            )
            page.goto(address, wait_until="networkidle")
            self.shifts: float = page.evaluate("window.shifts")
            self.bytes = {
                kind: sum(len(brotli.compress(each.body())) for each in self.answers if self._kind(each) == kind)
                for kind in ("document", "stylesheet", "script")
            }
        self.requests = len(self.answers)
        self.hosts = {urlsplit(each.url).netloc for each in self.answers}

    @staticmethod
    def _kind(answer: Response) -> str:
        return answer.request.resource_type


def test_the_source_article_costs_few_bytes_and_requests_and_nothing_moves(browser: Browser, real_host: str) -> None:
    visit = Visit(browser, real_host + SOURCE_ARTICLE)
    assert sum(visit.bytes.values()) <= ARTICLE_BYTES
    assert visit.bytes["script"] <= SCRIPT_BYTES
    assert visit.requests <= REQUESTS, [each.url for each in visit.answers]
    assert visit.hosts == {urlsplit(real_host).netloc}
    assert visit.shifts == 0


@pytest.mark.parametrize("name", ["index.html", "km/index.html"])
def test_the_front_costs_few_bytes_and_nothing_moves(browser: Browser, real_host: str, name: str) -> None:
    visit = Visit(browser, real_host + name)
    assert sum(visit.bytes.values()) <= FRONT_BYTES
    assert visit.hosts == {urlsplit(real_host).netloc}
    assert visit.shifts == 0


def test_every_page_is_read_without_its_script(browser: Browser, full_host: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(full_host + EVERYTHING)
        assert page.locator(".share-link:visible").count() == 5
        assert page.locator("button:visible").count() == 0
        assert page.locator(".offline").is_hidden()
        page.locator(".cite-heading").click()
        assert page.locator(".cite-address").is_visible()


def test_few_rules_of_the_style_sheet_are_never_used(browser: Browser, full: Built, full_host: str) -> None:
    """Over all kinds of pages, wide, narrow and printed. Chromium tells which rules were used, by their places."""
    (sheet,) = full.output.rglob("site.*.css")
    text = sheet.read_text(encoding="utf-8")
    rules = [match.span() for match in re.finditer(r"[^{}]*\{[^{}]*\}", text)]
    used: set[tuple[int, int]] = set()
    page = browser.new_page()
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    for name in kinds(full):
        if is_redirect(full, name):
            continue
        for width, media in ((390, "screen"), (1280, "screen"), (1280, "print")):
            session.send("CSS.startRuleUsageTracking")
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(media=media)  # type: ignore[arg-type]
            page.goto(full_host + name)
            found = session.send("CSS.stopRuleUsageTracking")["ruleUsage"]
            used |= {(int(each["startOffset"]), int(each["endOffset"])) for each in found if each["used"]}
    page.close()
    assert used
    never = [span for span in rules if not any(start < span[1] and span[0] < end for start, end in used)]
    told = [" ".join(text[start:end].split("{")[0].split()) for start, end in never]
    assert sum(end - start for start, end in never) <= UNUSED * len(text), told


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(browser: Browser, full_host: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    page.goto(full_host + EVERYTHING)
    wanted: list[int] = page.evaluate(
        "[...document.querySelectorAll('a[href], button, summary, [tabindex=\"0\"]')]"
        ".map((each, n) => [each, n]).filter(([each]) => each.checkVisibility())"
        ".map(([each, n]) => (each.dataset.order = n, n))"
    )
    reached = []
    for _ in wanted:
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "(() => { const each = document.activeElement, style = getComputedStyle(each);"
                " const box = each.getBoundingClientRect(), width = parseFloat(style.outlineWidth);"
                " return [Number(each.dataset.order), style.outlineStyle !== 'none' && width >= 2,"
                " box.bottom > 0 && box.top < innerHeight] })()"
            )
        )
    page.close()
    assert reached == [[n, True, True] for n in wanted], "order, a visible focus, in sight"


# How far up and down, left and right of its middle a link takes the finger; not of links in running text.
REACH = """
[...document.querySelectorAll('a[href], button, summary')]
  .filter(each => each.checkVisibility() && !each.closest('.prose, .skip-link'))
  .filter(each => ![...each.parentElement.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .map(each => {
    each.scrollIntoView({block: 'center', behavior: 'instant'});
    const box = each.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
    const taken = (dx, dy) => each.contains(document.elementFromPoint(x + dx, y + dy));
    const way = (dx, dy) => { let n = 0; while (n < 44 && taken(n * dx, n * dy)) n++; return n };
    return [each.textContent.trim(), way(-1, 0) + way(1, 0), way(0, -1) + way(0, 1)];
  })
"""


def test_targets_are_large_enough_for_fingers(browser: Browser, host: tuple[Built, str]) -> None:
    site, address = host
    page = browser.new_page(viewport={"width": 390, "height": 800})
    small = []
    for name in kinds(site):
        if not is_redirect(site, name):
            page.goto(address + name)
            small += [(name, *each) for each in page.evaluate(REACH) if min(each[1:]) < TARGET]
    page.close()
    assert small == []


def test_a_printed_article_holds_its_address_credits_and_footnotes_and_no_menu(
    browser: Browser, full_host: str
) -> None:
    page = browser.new_page()
    page.goto(full_host + EVERYTHING)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator(".footer-address").is_visible()
    assert page.locator(".figure-credit").first.is_visible()
    for left_out in (".menu", ".share", ".cite", ".footer-nav", ".article-nav", ".topics"):
        assert not any(each.is_visible() for each in page.locator(left_out).all()), left_out
    colour = page.evaluate("getComputedStyle(document.body).color")
    assert re.findall(r"\d+", colour)[:3] == ["0", "0", "0"]
    assert page.pdf().startswith(b"%PDF-")
    page.close()


def test_a_page_that_a_phone_has_saved_is_whole_without_a_network(
    browser: Browser, real_host: str, tmp_path: Path
) -> None:
    """Phones save the page, and what it shows, as one file of MHTML."""
    looks = (
        "[getComputedStyle(document.body).backgroundColor, document.querySelector('h1').textContent,"
        " [...document.images].every(each => each.naturalWidth > 0)]"
    )
    page = browser.new_page()
    page.goto(real_host + SOURCE_ARTICLE, wait_until="networkidle")
    seen = page.evaluate(looks)
    saved = page.context.new_cdp_session(page).send("Page.captureSnapshot")["data"]
    (tmp_path / "saved.mhtml").write_text(saved, encoding="utf-8", newline="")
    page.close()
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto((tmp_path / "saved.mhtml").as_uri())
        assert page.evaluate(looks) == seen
        assert seen[2]


def test_text_of_twice_the_size_fits_a_phone(browser: Browser, host: tuple[Built, str]) -> None:
    site, address = host
    page = browser.new_page(viewport={"width": 390, "height": 800})
    wide = []
    for name in kinds(site):
        if not is_redirect(site, name):
            page.goto(address + name)
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wide.append(name)
    page.close()
    assert wide == []


# What shows nothing where the system sets all colours: buttons and links in a text without a line or an edge, drawings
# in the colour of the paper, and a current item of a menu that looks like its neighbours.
LOST = """
[...document.querySelectorAll('button, .prose a[href], svg, li [aria-current]')]
  .filter(each => each.checkVisibility())
  .filter(each => {
    const style = getComputedStyle(each), paper = getComputedStyle(document.body).backgroundColor;
    if (each.matches('svg')) return [style.fill, style.stroke].every(one => ['none', paper].includes(one));
    if (each.matches('[aria-current]')) {
      const others = [...each.closest('ul').querySelectorAll('a:not([aria-current])')].map(a => getComputedStyle(a));
      const marked = one => [one.borderBottomColor, one.fontWeight, one.textDecorationLine, one.color].join();
      return others.some(other => marked(other) === marked(style));
    }
    if (parseFloat(style.borderTopWidth) && style.borderTopColor !== paper) return false;
    return !style.textDecorationLine.includes('underline') && !each.querySelector('img');
  })
  .map(each => each.outerHTML.slice(0, 80))
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_lost_where_the_system_sets_the_colours(
    browser: Browser, host: tuple[Built, str], scheme: Literal["light", "dark"]
) -> None:
    site, address = host
    size: ViewportSize = {"width": 390, "height": 800}
    lost = []
    with browser.new_context(viewport=size, forced_colors="active", color_scheme=scheme) as context:
        page = context.new_page()
        for name in kinds(site):
            if not is_redirect(site, name):
                page.goto(address + name)
                lost += [(name, *each) for each in (page.evaluate(LOST), violations(page)) if each]
    assert lost == []


def test_a_choice_of_colours_is_kept_from_page_to_page(browser: Browser, real_host: str) -> None:
    with browser.new_context(color_scheme="light") as context:
        page = context.new_page()
        page.goto(real_host)
        page.get_by_role("button", name="Dark colours").click()
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.goto(real_host + SOURCE_ARTICLE)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
        page.get_by_role("button", name="Light colours").click()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark


def test_the_link_of_an_article_is_copied(browser: Browser, real_host: str) -> None:
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(real_host + SOURCE_ARTICLE)
        page.get_by_role("button", name="Copy the link").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").endswith(SOURCE_ARTICLE)


def test_a_page_says_when_there_is_no_network(browser: Browser, real_host: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(real_host)
        assert page.locator(".offline").is_hidden()
        context.set_offline(True)
        page.get_by_text("You are offline").wait_for()
        context.set_offline(False)
        page.get_by_text("You are offline").wait_for(state="hidden")


def test_a_copied_khmer_sentence_is_what_its_author_typed(browser: Browser, real_host: str, real: Built) -> None:
    page = browser.new_page()
    page.goto(real_host + "km/2026/11/protecting-sources-in-files-and-photos.html")
    paragraph = page.locator(".prose > p").first
    text: str = paragraph.evaluate(
        "each => { getSelection().selectAllChildren(each); return getSelection().toString() }"
    )
    page.close()
    source = (real.folder / "content/articles/2026/11/protecting-sources-in-files-and-photos.km.md").read_text("utf-8")
    assert text in source
    assert "\u200b" not in text


VIDEO = "https://www.youtube.com/watch?v=abcdefghijk"
PLAYER = "https://www.youtube-nocookie.com/"


@pytest.fixture(scope="module")
def video(once: Callable[..., Built]) -> Built:
    """A site with an article that shows a video."""

    def make(to: Path) -> Built:
        path = copy_site("minimal", to) / "content/articles/2026/01/headline-one.md"
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n/// video | Example video\n{VIDEO}\n///\n")
        return build(to)

    return once("video", make)


@pytest.mark.parametrize("allowed", [True, False], ids=["player allowed", "player refused"])
def test_a_video_is_asked_for_by_a_click_only_and_is_seen_whatever_the_host_allows(
    browser: Browser, video: Built, allowed: bool
) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(content_type="text/html", body="<p>The video.")

    with hosted(video, f"{POLICY}; frame-src {PLAYER}" if allowed else POLICY) as address:
        page = browser.new_page()
        page.route(re.compile(f"^(?!{address})"), answer)
        page.goto(f"{address}2026/01/headline-one.html")
        assert asked == []
        page.get_by_role("link", name="Example video").click()
        if allowed:
            page.frame_locator(".video-frame").get_by_text("The video.").wait_for()
            assert asked == [f"{PLAYER}embed/abcdefghijk?autoplay=1"]
            assert page.get_by_role("link", name="Example video").get_attribute("href") == VIDEO
        else:
            page.get_by_text("The video.").wait_for()
            assert page.url == VIDEO
        page.close()
