"""The pages as a reader's browser has them: opened from disk, without JavaScript, on small and large screens."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import browser, is_redirect, kinds
from tests.support import Built, edit
from tests.test_preview import start

__all__ = ["browser"]
WIDTHS = [320, 390, 768, 1280]
LEFT = "net::ERR_ABORTED: "  # the icon of a page that was left before it came


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_screen_or_asks_for_what_is_not_there(
    browser: Browser, any_site: Built, width: int, scheme: str
) -> None:
    said: list[str] = []
    with browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
        java_script_enabled=False,
    ) as context:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("requestfailed", lambda request: said.append(f"{request.failure}: {request.url}"))
        page.on("request", lambda request: said.append(request.url) if not request.url.startswith("file:") else None)
        for name in kinds(any_site):
            if name.endswith("404.html") or is_redirect(any_site, name):
                continue  # the first's links start from the site's root (docs/decisions/006), the others lead away
            page.goto((any_site.output / name).as_uri())
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{name} is {wide} pixels too wide"
    assert [each for each in said if not each.startswith(LEFT)] == []


def test_a_reader_gets_from_the_front_to_the_other_language_by_clicks_alone(browser: Browser, real: Built) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((real.output / "index.html").as_uri())
        page.get_by_role("link", name="Protecting sources in files and photos").first.click()
        assert page.locator("html").get_attribute("lang") == "en"
        page.get_by_role("link", name="ខ្មែរ").first.click()
        assert page.locator("html").get_attribute("lang") == "km"
        assert page.url.endswith("/km/2026/11/protecting-sources-in-files-and-photos.html")


def test_the_skip_link_is_first_and_leads_to_the_text(browser: Browser, real: Built) -> None:
    page = browser.new_page()
    page.goto((real.output / "about.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#page_content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "page_content"
    page.close()


def khmer_line_height(page: Page) -> float:
    return float(
        page.evaluate(
            "(() => { const style = getComputedStyle(document.querySelector('main p:lang(km)'));"
            " return parseFloat(style.lineHeight) / parseFloat(style.fontSize) })()"
        )
    )


def test_khmer_has_room_above_and_below_its_letters(browser: Browser, real: Built) -> None:
    page = browser.new_page()
    page.goto((real.output / "km/2026/11/when-the-site-is-blocked.html").as_uri())
    assert khmer_line_height(page) >= 1.85
    page.close()


def test_the_browser_follows_an_edit_by_itself(browser: Browser, full_copy: Path) -> None:
    served = start(full_copy)
    try:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{served.port}/2026/11/opinion.html")
        edit(full_copy / "content/articles/2026/11/opinion.md", "Text of opinion.", "A sentence just written.")
        page.get_by_text("A sentence just written").wait_for(timeout=60_000)
        page.close()
    finally:
        served.process.kill()
        served.process.communicate()
