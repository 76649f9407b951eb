"""What publishing a site would be told: it is built, a release is put together of it, and that is looked through."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support import environment

# Builds the site and puts its release together in the first of the folders that are named, and looks through them all.
_CHECK = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
from newsroom import publishing
from newsroom.build.run import run_pelican
from newsroom.config import STATE
from newsroom.publish.assemble import assemble
from newsroom.publish.targets.base import Release

def silent(*_):
    pass

state = run_pelican("pelicanconf.py", {}, None, False)[STATE]
site, output = state.site, state.engine.output
unsigned = SimpleNamespace(keys=None, genuine=None, sign=None)
steps = publishing._steps(site, unsigned, silent)
folders = [Path(each) for each in sys.argv[1:]]
if not folders[0].exists():
    built = {name: output / name for name in state.urls}
    assemble(folders[0], built, steps.more, None, publishing._facts(site), int(site.config.now.timestamp()))
found = []
for folder in folders:
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    release = Release(folder, SimpleNamespace(files=names))
    found.append([str(each) for each in steps.scan(release, None, ())])
print(json.dumps(found))
"""


def check(site: Path, release: Path) -> list[str]:
    """The problems of the site's release, which is put together in the folder unless that is there."""
    return checks(site, release)[0]


def checks(site: Path, *releases: Path) -> list[list[str]]:
    """The problems of each of these releases; the first is put together unless it is there."""
    command = [sys.executable, "-c", _CHECK, *map(str, releases)]
    done = subprocess.run(command, cwd=site, env=environment(), capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found
