"""Publishing: the copy of a built site at the host that NEWSROOM["publish_to"] names."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from newsroom.errors import BuildFailed

_REMOTE = re.compile(r"(?:[\w.-]+@)?[\w.-]+:.+")  # user@host:/path; a Windows drive is one letter


class Changes(Protocol):
    """What a release did, as files."""

    @property
    def written(self) -> tuple[str, ...]: ...

    @property
    def removed(self) -> tuple[str, ...]: ...


Release = Callable[[Path, Path], Changes]  # moves the files of a folder into another, and removes leftovers


def copy_site(output: Path, files: Iterable[str], target: str, release: Release) -> int:
    """Copy the built `files` of `output`, and nothing else that may lie there, to `target`, a folder or
    user@host:/path; answers the exit status."""
    if not target:
        print(
            f"The site is ready in {output.name}/, but NEWSROOM['publish_to'] in pelicanconf.py is empty; set it to a "
            "folder or to user@host:/path, or copy the folder to your host yourself.",
            file=sys.stderr,
        )
        return 1
    with tempfile.TemporaryDirectory() as staging:
        site = Path(staging) / "site"
        try:
            for name in files:
                (site / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(output / name, site / name)
        except OSError as error:
            print(f"{output.name}/ could not be read ({error}); publish again", file=sys.stderr)
            return 1
        if _REMOTE.fullmatch(target) and not re.match(r"[A-Za-z]:", target):
            return _to_host(site, target)
        return _to_folder(site, Path(target).expanduser(), release)


def _to_folder(site: Path, target: Path, release: Release) -> int:
    """Move into a folder of this computer, such as a web server's or a stick: pages last, leftovers removed."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        changes = release(site, target)
    except (OSError, BuildFailed) as error:
        print(f"{target}: the site could not be copied ({error}); mend that and publish again", file=sys.stderr)
        return 1
    print(f"Published to {target}: {len(changes.written)} files written, {len(changes.removed)} removed.")
    return 0


def _to_host(site: Path, target: str) -> int:
    """Copy over ssh with rsync: everything that pages need first, then the pages, then what must go."""
    if not shutil.which("rsync"):
        print("rsync is not installed; install it, or copy output/ to your host yourself.", file=sys.stderr)
        return 1
    common = ["rsync", "--recursive", "--checksum", "--compress", "--perms", "--chmod=D755,F644"]
    source, target = f"{site}/", f"{target.rstrip('/')}/"
    steps = [
        [*common, "--exclude=*.html", "--exclude=*.xml", source, target],
        [*common, "--delete-after", source, target],
    ]
    for step in steps:
        if status := subprocess.call(step):
            print(f"rsync to {target} failed (status {status}); mend that and publish again", file=sys.stderr)
            return 1
    print(f"Published to {target}")
    return 0
