"""Builds in new processes, without the second that starting Python costs: a builder has imported everything and built
nothing, and is copied (fork) for each build. Linux and macOS only.

`python -m tests.build.builders` answers requests, one line of JSON each, until its input ends.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from babel.dates import format_date

from tests.support import ROOT, environment, problems

_NEEDED = (
    "newsroom.plugin newsroom.session newsroom.build.run markdown.extensions.tables markdown.extensions.footnotes "
    "markdown.extensions.attr_list markdown.extensions.md_in_html markdown.extensions.toc "
    "markdown.extensions.sane_lists pymdownx.highlight pymdownx.superfences pymdownx.blocks.caption "
    "PIL.JpegImagePlugin PIL.PngImagePlugin pelican.plugins._utils"
).split()


class Outcome(NamedTuple):
    """What a build said of itself. `rendered` counts pages and files that were looked at."""

    status: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    written: tuple[str, ...]
    removed: tuple[str, ...]
    rendered: int
    printed: str


class Builder:
    """A process that is copied for each build. `start` a build, then `wait` for what came of it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.build.builders"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, site: Path, kind: str = "build", umask: int = 0o022, **more: Any) -> None:
        """Begin a build of the site: `kind` is a function of this module, `more` its arguments, of which those in
        capitals are variables of its environment."""
        env = environment(**{name: str(value) for name, value in more.items() if name.isupper()})
        arguments = {name: value for name, value in more.items() if not name.isupper()}
        self.ask({"site": str(site), "kind": kind, "umask": umask, "env": env, "more": arguments})

    def ask(self, request: Mapping[str, Any]) -> None:
        assert self._process.stdin
        print(json.dumps(request), file=self._process.stdin, flush=True)

    def wait(self) -> Outcome:
        """What came of the build that was started."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the builder ended"
        answer = json.loads(line)
        return _outcome(answer["status"], answer["printed"])

    def build(self, site: Path, **more: Any) -> Outcome:
        self.start(site, **more)
        return self.wait()

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)
        assert self._process.stdout
        self._process.stdout.close()


def _outcome(status: int, printed: str) -> Outcome:
    lines = printed.splitlines()
    counted = re.search(r"(?m)^  write .* (\d+) pages and files$", printed)
    return Outcome(
        status,
        tuple(sorted(problems(printed))) if status else (),
        tuple(sorted(line for line in lines if line.startswith(("note:", "warning:")))),
        tuple(sorted(line[4:] for line in lines if line.startswith("  + "))),
        tuple(sorted(line[4:] for line in lines if line.startswith("  - "))),
        int(counted[1]) if counted else 0,
        printed,
    )


def build(**arguments: Any) -> int:
    """The build command."""
    from newsroom.build.run import build as build_site

    return build_site(verbose=True, **arguments)


def pelican(output: str = "output") -> int:
    """Pelican's own command."""
    from pelican import main as run_pelican

    sys.argv[0] = "pelican"
    run_pelican(["content", "-s", "pelicanconf.py", "-o", output])
    return 0


def process(**arguments: Any) -> int:
    """The build command in a process that really is a new one."""
    code = f"import sys; from newsroom.build.run import build; sys.exit(build(verbose=True, **{arguments!r}))"
    return subprocess.run([sys.executable, "-c", code], check=False).returncode


def session(**arguments: Any) -> int:
    """Builds in this one process, for one request after another, until one says that it is over."""
    from newsroom.errors import BuildFailed
    from newsroom.session import Session, failed

    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr, force=True)
    held = Session(**arguments)
    request: dict[str, Any] = {"changed": None}
    for n in count():
        with _Printed() as printed:
            try:
                changed = request["changed"]
                summary = held.rebuild(None if changed is None else [Path(each) for each in changed])
                print(summary.details(0.0))
                status = 0
            except BuildFailed as error:
                print(failed(error))
                status = 1
        _answer(status, printed.text)
        while n % 2 and held.warm():  # as `serve` does while nobody edits
            pass
        request = json.loads(_line() or '{"over": true}')
        if request.get("over"):
            held.flush()
            return 0


class _Printed:
    """Catches what this process and those that it starts print."""

    def __enter__(self) -> _Printed:
        self._file = tempfile.TemporaryFile()
        self._before = [os.dup(1), os.dup(2)]
        for target in (1, 2):
            os.dup2(self._file.fileno(), target)
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        for target, before in zip((1, 2), self._before, strict=True):
            os.dup2(before, target)
            os.close(before)
        self._file.seek(0)
        self.text = self._file.read().decode()
        self._file.close()


def _line() -> str:
    """The next request; a byte at a time, for a copy of this process may read the one after it."""
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(0, 1)):
        line += byte
    return line.decode()


def _answer(status: int, printed: str) -> None:
    os.write(1, (json.dumps({"status": status, "printed": printed}) + "\n").encode())


def _serve(request: dict[str, Any]) -> None:
    """In a copy of the builder: do what is asked for, and end."""
    os.chdir(request["site"])
    os.environ.clear()
    os.environ.update(request["env"])
    os.umask(request["umask"])
    kind: Callable[..., int] = globals()[request["kind"]]
    if kind is session:
        session(**request["more"])
        os._exit(0)
    with _Printed() as printed:
        try:
            status = kind(**request["more"])
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
            if isinstance(end.code, str):
                print(end.code)
    _answer(status, printed.text)
    os._exit(0)


def main() -> None:
    """Import what builds need, and answer requests. No build may run in this very process."""
    for name in _NEEDED:
        importlib.import_module(name)
    for lang in ("en", "km"):
        format_date(date(2000, 1, 1), locale=lang)  # reads the language's data
    while line := _line():
        if os.fork() == 0:
            _serve(json.loads(line))
        os.wait()


if __name__ == "__main__":
    main()
