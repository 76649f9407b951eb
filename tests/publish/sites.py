"""What publishing a site would be told: it is built, and its output looked through as a release."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support import environment

# Builds the site, and checks the files of its output, or those of other folders, as the release that comes next.
_CHECK = """
import json, sys
from pathlib import Path
from newsroom.build.run import run_pelican
from newsroom.config import STATE
from newsroom.publish.addresses import LEDGER, read_addresses, vanished
from newsroom.publish.scan import scan
from newsroom.unpublished import release_rules
site = run_pelican("pelicanconf.py", {}, None, False)[STATE].site
path = site.config.content / LEDGER
ledger = read_addresses(path.read_text(encoding="utf-8") if path.exists() else "")
rules = release_rules(site, (), ledger)
found = []
for folder in map(Path, sys.argv[1:]):
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    problems = [*scan(folder, rules, lambda *_: None), *vanished(ledger, f"content/{LEDGER}", (), names)]
    found.append(list(map(str, problems)))
print(json.dumps(found))
"""


def check(site: Path, *releases: Path) -> list[str]:
    """The problems of the site's own output, or of these releases together."""
    return [each for problems in checks(site, *(releases or (site / "output",))) for each in problems]


def checks(site: Path, *releases: Path) -> list[list[str]]:
    """The problems of each of these releases. A ledger of the build's own, which never leaves, is none of their
    files."""
    command = [sys.executable, "-c", _CHECK, *map(str, releases)]
    done = subprocess.run(command, cwd=site, env=environment(), capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return [[each for each in problems if not each.startswith(".ledger.json:")] for problems in found]
