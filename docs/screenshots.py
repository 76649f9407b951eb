"""Takes the README's pictures: the source article on a phone and on a desktop, from output/ as it lies on disk.

Run `python3 tasks.py build` and `python3 tasks.py test` first (the latter installs playwright), then
`NEWSROOM_CHROMIUM=/usr/bin/chromium .venv/bin/python docs/screenshots.py`.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
ARTICLE = ROOT / "output/2021/07/china-cambodia-reject-us-claims-of-chinese-cybertheft.html"
VIEWS = {"phone": (390, 844), "desktop": (1280, 900)}
OPTIONS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking".split()


def main() -> None:
    """Write docs/screenshots/article-*.png, with few colours to be small."""
    with sync_playwright() as playwright:
        chromium = os.environ.get("NEWSROOM_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        for name, (width, height) in VIEWS.items():
            page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=1)
            page.goto(ARTICLE.as_uri())
            picture = Image.open(io.BytesIO(page.screenshot()))
            picture.quantize(128).save(ROOT / f"docs/screenshots/article-{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
