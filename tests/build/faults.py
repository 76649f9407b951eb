"""Builds that are made to die: started from a warm process, killed, looked at, and built again."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support import ROOT, add_tiny_articles, copy_site, edit, environment, files, own_theme, tiny_article

TINY = 70  # articles besides the site's own: enough for two batches of reading, and of rendering

# What forks the builds: everything is imported, nothing was built. `at` counts the calls of its first process that
# change the disk, as Python's audit events tell, from the event `after` on; before that call it gets `signal`.
SERVER = r'''
import atexit, gc, importlib, json, os, signal, sys
import newsroom.build.run
for name in """newsroom.plugin newsroom.session newsroom.commands babel.dates pelican.plugins._utils
    markdown.extensions.tables markdown.extensions.footnotes markdown.extensions.attr_list markdown.extensions.toc
    markdown.extensions.md_in_html markdown.extensions.sane_lists pymdownx.highlight pymdownx.superfences
    pymdownx.blocks.caption PIL.JpegImagePlugin PIL.PngImagePlugin""".split():
    importlib.import_module(name)
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "tempfile.mkstemp", "shutil.rmtree"}

def changes(event, arguments):
    if event == "sqlite3.connect":
        return True
    if event == "open":
        return isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    return event in CHANGES

def watch(at, number, count, after):
    process, seen = os.getpid(), 0
    def hook(event, arguments):
        nonlocal seen, after
        if os.getpid() != process:
            return
        if after:
            after = "" if event == after else after
        elif changes(event, arguments):
            seen += 1
            if count:
                os.pwrite(count, f"{seen:8}".encode(), 0)
            if seen == at:
                os.kill(process, number)
    sys.addaudithook(hook)

def begin(job):
    os.setsid()
    os.chdir(job["site"])
    os.environ.clear()
    os.environ.update(job["environment"])
    printed = os.open(job["printed"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if job["count"] or job["at"]:
        count = os.open(job["count"], os.O_RDWR | os.O_CREAT | os.O_TRUNC) if job["count"] else 0
        watch(job["at"], job["signal"], count, job["after"])
    status = newsroom.build.run.build(output=job["output"])
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(status)  # the end of an interpreter takes longer than many a build

gc.freeze()

signal.signal(signal.SIGINT, signal.SIG_IGN)
for line in sys.stdin:
    process = os.fork()
    if not process:
        begin(json.loads(line))
    print("began", process, flush=True)
    print("ended", os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
'''


@dataclass
class Running:
    """A build that was started: the leader of a process group of its own."""

    process: int
    printed: Path
    _server: subprocess.Popen[str]
    waited: bool = False

    def wait(self, patience: float = 120) -> tuple[int, str]:
        """The exit status, negative for a signal, and what was printed. One that hangs is killed after `patience`."""
        alarm = threading.Timer(patience, os.killpg, (self.process, signal.SIGKILL))
        alarm.start()
        try:
            status = _answer(self._server, "ended")
        finally:
            alarm.cancel()
        self.waited = True
        return status, self.printed.read_text(encoding="utf-8", errors="replace")

    def strike(self, target: str) -> None:
        """Kill the whole "group", its leader, the "parent", or a "worker", as soon as there is one."""
        if target != "worker":
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if target == "group" else os.kill)(self.process, signal.SIGKILL)
            return
        while self.process in (alive := group(self.process)):
            if workers := [each for each in alive if each != self.process]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(workers[0], signal.SIGKILL)
                return
            time.sleep(0.002)


def _answer(server: subprocess.Popen[str], expected: str) -> int:
    """The number in the server's next line, which must be of this kind: a status taken for a process kills others."""
    assert server.stdout is not None
    kind, number = server.stdout.readline().split()
    assert kind == expected
    return int(number)


class Nursery:
    """Starts builds of sites, one at a time, in processes forked from one that has imported everything."""

    def __init__(self, **more: str) -> None:
        self._environment = environment(NEWSROOM_WORKERS="2", **more)
        self._last: Running | None = None

    def __enter__(self) -> Self:
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=self._environment,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.communicate()

    def start(self, site: Path, **more: Any) -> Running:
        """Begin a build. `more`: output; at, after and signal (see SERVER); count (a file); environment."""
        printed = site.with_name(f"{site.name}.printed")
        job = {"output": None, "at": 0, "signal": signal.SIGKILL, "count": None, "after": "", **more}
        job |= {"site": str(site), "printed": str(printed)}
        job["environment"] = {**self._environment, **more.get("environment", {})}
        assert self._server.stdin is not None
        if self._last and not self._last.waited:  # a test that failed
            self._last.strike("group")
            self._last.wait()
        print(json.dumps(job), file=self._server.stdin, flush=True)
        self._last = Running(_answer(self._server, "began"), printed, self._server)
        return self._last

    def build(self, site: Path, **more: Any) -> tuple[int, str]:
        """A whole build: its exit status and what it printed."""
        return self.start(site, **more).wait()

    def steps(self, site: Path) -> int:
        """How many calls of a build's first process change the disk."""
        count = site.with_name(f"{site.name}.count")
        assert self.build(site, count=str(count))[0] == 0
        return int(count.read_text())


ARTICLES = "content/articles/2024"


def make_site(to: Path) -> Path:
    """A small site that is read and rendered in several batches, with a theme of its own."""
    add_tiny_articles(copy_site("minimal", to), TINY)
    own_theme(to)
    return to


def turn(site: Path) -> None:
    """Edit the site, or take the edit back: a text, a headline, an article less, and a style sheet, whose new name is
    on every page."""
    for path, old, new in (
        (f"{ARTICLES}/01/tiny-3.md", "Example text 3.", "Another text 3."),
        (f"{ARTICLES}/01/tiny-5.md", "Example headline number 5", "Another headline"),
        ("theme/static/css/components/byline.css", "var(--ink-soft)", "var(--ink-turned)"),
    ):
        text = (site / path).read_text(encoding="utf-8")
        there, other = (old, new) if old in text else (new, old)
        edit(site / path, there, other)
    gone = site / ARTICLES / "03" / "tiny-70.md"
    if gone.exists():
        gone.unlink()
    else:
        gone.write_text(tiny_article(70, when="2024-03-14"), encoding="utf-8")


def group(leader: int) -> list[int]:
    """The processes of a group that are alive."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, _, process_group = (each / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(process_group) == leader and state not in "ZX":
                found.append(int(each.name))
    return found


def all_end(leader: int, seconds: float) -> bool:
    """Whether every process of the group ends in so many seconds."""
    until = time.monotonic() + seconds
    while left := group(leader):
        if time.monotonic() > until:
            for each in left:
                os.kill(each, signal.SIGKILL)
            return False
        time.sleep(0.02)
    return True


def broken_pages(output: Path) -> Iterator[str]:
    """Pages that end too early, or whose style sheet is not there."""
    for name in files(output) if output.is_dir() else []:
        if name.endswith(".html"):
            text = (output / name).read_text(encoding="utf-8")
            if not text.endswith("</html>\n") and not text.endswith("</html>"):
                yield f"{name}: ends with {text[-20:]!r}"
            sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', text)
            if not sheets or not all((output / name).parent.joinpath(sheet).is_file() for sheet in sheets):
                yield f"{name}: its style sheet is not there ({sheets})"


def strange_files(output: Path, *outputs: Mapping[str, bytes]) -> list[str]:
    """Files that differ from those of that name in all of these outputs, hidden ones apart."""
    found = [name for name in (files(output) if output.is_dir() else []) if not Path(name).name.startswith(".")]
    return [name for name in found if all((output / name).read_bytes() != each.get(name) for each in outputs)]


def beside(site: Path) -> list[str]:
    """Staging folders that lie beside the output."""
    return [path.name for path in site.glob(".output*")]
