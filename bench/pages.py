"""Measures pages as a reader's phone gets them: Lighthouse on a throttled phone, ours beside others'.

    python3 tasks.py build
    npm install --prefix .cache/lighthouse lighthouse
    python bench/pages.py --write --theme ../Flex --wordpress

`--theme` measures a further theme for Pelican from its folder, such as https://github.com/alexandrevicenzi/Flex;
`--wordpress` what bench/wordpress.py sets up, which says how to install it. Needs Node 18.20 or newer and
Chromium (CHROME_PATH). Pages are served compressed by brotli from this computer, and all show the article's picture.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache, partial
from http.server import BaseHTTPRequestHandler
from mimetypes import guess_type
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import brotli
import markdown
import yaml
from playwright.sync_api import sync_playwright
from wordpress import Text, wordpress

from tests.browsing import OPTIONS, violations
from tests.hosting import serving

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs/pages.md"
BEGIN, END = "<!-- figures: written by bench/pages.py -->", "<!-- end of figures -->"
ARTICLE = "2021/07/china-cambodia-reject-us-claims-of-chinese-cybertheft"
OURS = {
    "front": "index.html",
    "article": f"{ARTICLE}.html",
    "front, Khmer": "km/index.html",
    "article, Khmer": "km/2026/11/protecting-sources-in-files-and-photos.html",
}
PEERS = ("notmyidea", "simple")  # themes that Pelican brings along
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
WHOLE = (*CATEGORIES, "axe", "requests")
PEER_SETTINGS = """
PATH, OUTPUT_PATH, THEME = "content", "output", {theme!r}
SITENAME, SITEURL = "Example Newsroom", ""
RELATIVE_URLS, TIMEZONE, DEFAULT_LANG = True, "Asia/Phnom_Penh", "en"
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = None
"""


class Handler(BaseHTTPRequestHandler):
    """Serves a folder as a good static host does: compressed, with types, hashed names for a year."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, folder: Path) -> None:
        self.folder = folder
        super().__init__(*arguments)

    def do_GET(self) -> None:
        path = (self.folder / self.path.partition("?")[0].lstrip("/")).resolve()
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file() or not path.is_relative_to(self.folder):
            self.send_error(404)
            return
        kind = guess_type(path.name)[0] or "application/octet-stream"
        packed = kind.startswith("text/") or kind.endswith(("javascript", "xml", "json"))
        body = _packed(path) if packed else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if packed else kind)
        if packed:
            self.send_header("Content-Encoding", "br")
        self.send_header("Content-Length", str(len(body)))
        lasting = "no-cache" if kind == "text/html" else "max-age=31536000, immutable"
        self.send_header("Cache-Control", lasting)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        del format, arguments


@lru_cache
def _packed(path: Path) -> bytes:
    return brotli.compress(path.read_bytes())


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder on a host of its own; gives its address."""
    with serving(partial(Handler, folder=folder.resolve())) as port:
        yield f"http://127.0.0.1:{port}/"


def read_article() -> tuple[Text, str]:
    """The source article, and its text in Markdown."""
    path = PROJECT / "content/articles" / f"{ARTICLE}.md"
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = yaml.load(front, yaml.BaseLoader)
    hero = fields["hero"]
    text = Text(
        title=fields["title"],
        summary=" ".join(fields["summary"].split()),
        date=fields["date"],
        tags=tuple(fields["tags"]),
        html=markdown.markdown(body),
        picture=path.parent / hero["image"],
        alt=hero["alt"],
    )
    return text, body


def make_peer(theme: Path | str, folder: Path) -> Path:
    """The source article and its front by stock Pelican with one of its themes."""
    text, body = read_article()
    head = {"Title": text.title, "Date": text.date, "Category": "Politics", "Authors": "CambojA", "Slug": "article"}
    head |= {"Summary": text.summary, "Tags": ", ".join(text.tags)}
    (folder / "content").mkdir(parents=True)
    shutil.copy(text.picture, folder / "content")
    fields = "\n".join(f"{name}: {value}" for name, value in head.items())
    picture = f"![{text.alt}]({{static}}{text.picture.name})"
    (folder / "content/article.md").write_text(f"{fields}\n\n{picture}\n\n{body}", encoding="utf-8")
    (folder / "pelicanconf.py").write_text(PEER_SETTINGS.format(theme=str(theme)), encoding="utf-8")
    command = [sys.executable, "-m", "pelican", "content", "-s", "pelicanconf.py", "--quiet"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder / "output"


@contextmanager
def peer(theme: Path | str, folder: Path) -> Iterator[Mapping[str, str]]:
    """The addresses of a theme's front page and article."""
    with served(make_peer(theme, folder)) as address:
        yield {"front": f"{address}index.html", "article": f"{address}article.html"}


def measure(lighthouse: Path, address: str, repeats: int) -> dict[str, float]:
    """Medians of Lighthouse's scores (0 to 100), of bytes and requests; and how many faults axe finds in the page."""
    found: dict[str, list[float]] = {"axe": [_faults(address)]}
    for _ in range(repeats):
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            flags = "--headless=new --no-sandbox --disable-gpu --disable-quic"
            command = [str(lighthouse), address, "--quiet", f"--chrome-flags={flags}", "--output=json"]
            subprocess.run([*command, f"--output-path={report.name}"], check=True, env=_environment())
            result = json.loads(Path(report.name).read_text(encoding="utf-8"))
        values = {name: result["categories"][name]["score"] * 100 for name in CATEGORIES}
        audits = result["audits"]
        came = audits["network-requests"]["details"]["items"]
        values["KB"] = sum(each["transferSize"] for each in came) / 1000
        values["KB but pictures"] = values["KB"] - sum(
            each["transferSize"] / 1000 for each in came if each.get("resourceType") == "Image"
        )
        values["requests"] = len(came)
        values["first paint, s"] = audits["first-contentful-paint"]["numericValue"] / 1000
        values["largest paint, s"] = audits["largest-contentful-paint"]["numericValue"] / 1000
        for name, value in values.items():
            found.setdefault(name, []).append(value)
    medians = {name: median(values) for name, values in found.items()}
    print(address, medians, file=sys.stderr, flush=True)
    return medians


def _faults(address: str) -> int:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_environment()["CHROME_PATH"], args=OPTIONS)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(address)
        return len(violations(page))


def _environment() -> dict[str, str]:
    return {"CHROME_PATH": "/usr/bin/chromium", **os.environ}


def main() -> None:
    arguments = _arguments()
    lighthouse = arguments.lighthouse / "node_modules/.bin/lighthouse"
    if not lighthouse.exists():
        sys.exit(f"Lighthouse is not there: npm install --prefix {arguments.lighthouse} lighthouse")
    rows: dict[str, dict[str, float]] = {}
    with served(arguments.output) as address:
        for name, page in OURS.items():
            rows[f"ours, {name}"] = measure(lighthouse, address + page, arguments.repeats)
    with tempfile.TemporaryDirectory() as work:
        for called, host in _peers(arguments, Path(work)):
            with host as addresses:
                for name, address in addresses.items():
                    rows[f"{called}, {name}"] = measure(lighthouse, address, arguments.repeats)
    text = _table(rows, arguments.repeats)
    print(text)
    if arguments.write:
        before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _peers(
    arguments: argparse.Namespace, work: Path
) -> Iterator[tuple[str, AbstractContextManager[Mapping[str, str]]]]:
    """What is measured beside ours: what it is called, and its host."""
    for theme in PEERS:
        yield f"Pelican's {theme}", peer(theme, work / theme)
    for folder in arguments.theme:
        yield folder.resolve().name, peer(folder.resolve(), work / folder.resolve().name)
    if arguments.wordpress:
        yield "WordPress", wordpress(read_article()[0], work)


def _table(rows: dict[str, dict[str, float]], repeats: int) -> str:
    names = list(next(iter(rows.values())))
    lines = [f"| page, median of {repeats} | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for label, values in rows.items():
        shown = [f"{values[name]:.{0 if name in WHOLE else 1}f}" for name in names]
        lines.append(f"| {label} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=PROJECT / "output", help="the built site (output/)")
    parser.add_argument("--lighthouse", type=Path, default=PROJECT / ".cache/lighthouse", help="where npm put it")
    parser.add_argument("--theme", type=Path, action="append", default=[], help="another theme's folder")
    parser.add_argument("--wordpress", action="store_true", help="measure WordPress too")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each page (3)")
    parser.add_argument("--write", action="store_true", help="write the table into docs/pages.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
