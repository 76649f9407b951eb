"""The W3C's Nu HTML checker over every page."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.support import Built


def test_the_nu_checker_finds_no_error_and_no_warning_in_any_page(
    requires_vnu: list[str], real: Built, full: Built, minimal: Built, tmp_path: Path
) -> None:
    """One run, for its start takes longest; a page with a mistake shows that it looks and would tell."""
    (tmp_path / "wrong.html").write_text("<!doctype html><html lang=en><title>x</title><p><div></p>")
    outputs = [str(folder) for folder in (real.output, full.output, minimal.output, tmp_path)]
    command = [*requires_vnu, "--format", "json", "--skip-non-html", "--exit-zero-always", *outputs]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
    found = json.loads(done.stderr)["messages"]
    wrong = [each for each in found if each["url"].endswith("/wrong.html")]
    assert wrong
    # It takes 'self' for no file of a disk, and JSON-LD for a script. What the policy blocks, Chromium tells
    # (tests/publish/test_headers.py, tests/test_browser.py).
    rest = [each for each in found if each not in wrong and "Content Security Policy (meta tag)" not in each["message"]]
    assert [f"{each['url']}:{each.get('lastLine')}: {each['message']}" for each in rest] == []
