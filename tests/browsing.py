"""A reader's browser for the tests: Chromium, one page of each kind, and a host that serves with a strict policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, Page, sync_playwright

from tests.hosting import serving
from tests.support import Built

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'self'; form-action 'none'"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING = "2026/11/everything.html"
SOURCE_ARTICLE = "2021/07/china-cambodia-reject-us-claims-of-chinese-cybertheft.html"


@pytest.fixture(scope="module")
def browser(requires_chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=requires_chromium, args=OPTIONS)
        yield launched
        launched.close()


def violations(page: Page) -> list[str]:
    """What axe finds, with every rule of WCAG 2.2 A and AA and its best practices."""
    page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    found: Any = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", RULES)
    return [
        f"{each['id']}: {each['help']} ({node['target']}: {node['failureSummary']})"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def kinds(site: Built) -> list[str]:
    """One page of each kind and language: pages whose path is the same but for names and numbers."""
    found: dict[str, str] = {}
    for path in sorted(site.output.rglob("*.html")):
        name = path.relative_to(site.output).as_posix()
        kind = re.sub(r"[^/]+(?=/index\.html$)|\d+|(?<=\d/)[^/]+\.html$", "*", name)
        found.setdefault(kind, name)
    return [*found.values(), *([EVERYTHING] if site.folder.name == "full" else [])]


def is_redirect(site: Built, name: str) -> bool:
    return 'http-equiv="refresh"' in site.text(name)


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, below: str, policy: str, **options: Any) -> None:
        self.below, self.policy = below, policy
        super().__init__(*arguments, **options)

    def translate_path(self, path: str) -> str:
        return super().translate_path("/" + path.removeprefix(self.below))

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        with suppress(ConnectionError):  # a page that was left before all of it came
            super().copyfile(source, outputfile)

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@contextmanager
def hosted(site: Built, policy: str = POLICY) -> Iterator[str]:
    """The site on a host of its own, below the path that it is published under, where pages may load nothing but what
    `policy` names; gives its address."""
    base = re.search(r'<base href="([^"]+)">', site.text("404.html"))
    assert base
    handler = partial(_Handler, directory=str(site.output), below=base[1], policy=policy)
    with serving(handler) as port:
        yield f"http://127.0.0.1:{port}{base[1]}"
