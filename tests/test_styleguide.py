"""The style guide: every component, with texts that break what is not careful, in previews only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from newsroom.fronts.styleguide import ADDRESS, TEXTS
from tests.browsing import browser
from tests.pages import Page
from tests.support import ROOT, Built, copy_site, environment

__all__ = ["browser"]
PAGES = [ADDRESS, f"km/{ADDRESS}"]
COMPONENTS = sorted(path.stem for path in (ROOT / "theme/templates/components").glob("*.html"))


@pytest.fixture(scope="module")
def preview(once: Callable[..., Built]) -> Built:
    """The full site as serve builds it."""

    def make(to: Path) -> Built:
        site = copy_site("full", to)
        code = "import sys; from newsroom.build.run import build; sys.exit(build(drafts=True))"
        subprocess.run([sys.executable, "-c", code], cwd=site, env=environment(), check=True, capture_output=True)
        return Built(site, site / "output", "")

    return once("styleguide", make)


def test_it_is_in_previews_only(preview: Built, full: Built) -> None:
    assert [(preview.output / name).is_file() for name in PAGES] == [True, True]
    assert not (full.output / "-").exists()
    assert "noindex" in preview.text(ADDRESS)
    assert not any("style-guide" in path.read_text(encoding="utf-8") for path in preview.output.glob("sitemap*.xml"))


def test_it_shows_every_component(preview: Built) -> None:
    template = (ROOT / "theme/templates/style_guide.html").read_text(encoding="utf-8")
    base = (ROOT / "theme/templates/base.html").read_text(encoding="utf-8")
    assert [name for name in COMPONENTS if f'"components/{name}.html"' not in template + base] == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_is_shown_as_it_is(preview: Built, name: str, text: str) -> None:
    page = Page(preview.output, name)
    shown = " ".join(page.tree.text_content().split())
    assert shown.count(" ".join(TEXTS[text].split())) > 40
    assert not page.tree.xpath("//script[contains(., 'alert')] | //main//b[text()='bold']")
    attributes = [unescape(value) for value in page.tree.xpath("//main//img/@alt")]
    assert TEXTS[text] in attributes


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_no_component_is_wider_than_the_screen(browser: Browser, preview: Built, name: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((preview.output / name).as_uri())
    wide: list[str] = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(each => each.getBoundingClientRect().right > innerWidth + 1)"
        ".map(each => each.className || each.tagName)"
    )
    over: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.close()
    assert (over, wide) == (0, [])


def test_its_html_is_valid(preview: Built, requires_vnu: list[str]) -> None:
    files = [str(preview.output / name) for name in PAGES]
    command = [*requires_vnu, "--errors-only", "--format", "text", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
