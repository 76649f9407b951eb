"""Builds at the same time: of one output they wait for each other, of several they share the cache."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build.faults import ARTICLES, turn
from tests.build.ordeal import Ordeal
from tests.support import difference, edit, environment, tree

WAITS = "Another build is running; waiting for it to end.\n"
BUILD = "import sys; from newsroom.build.run import build; sys.exit(build(output=sys.argv[1]))"
SESSION = """
import sys
from newsroom.session import Session
session = Session(output=sys.argv[1])
for line in sys.stdin:
    session.rebuild()
    print("built", flush=True)
"""


def start(site: Path, output: str, code: str = BUILD) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code, output]
    environ = environment(NEWSROOM_WORKERS="2")
    return subprocess.Popen(command, cwd=site, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def ends(*builds: subprocess.Popen[str]) -> list[str]:
    """What the builds said, once all of them succeeded."""
    said = [each.communicate(timeout=120) for each in builds]
    assert [each.returncode for each in builds] == [0] * len(builds), said
    assert not [printed for each in said for printed in each if "Traceback" in printed or "locked" in printed]
    return [error for _, error in said]


@pytest.mark.parametrize("kind", ["cold", "edited"])
def test_builds_of_one_output_wait_for_each_other_and_say_so(ordeal: Ordeal, kind: str) -> None:
    ordeal.begin(kind)
    said = ends(*(start(ordeal.site, "output") for _ in range(2)))
    assert sum(each.startswith(WAITS) for each in said) == 1
    assert difference(tree(ordeal.output), ordeal.outputs[0]) == []


def test_builds_of_several_outputs_share_the_cache(ordeal: Ordeal) -> None:
    """In folders of their own, so that none waits for another."""
    ordeal.begin("cold")
    outputs = [ordeal.site / name for name in ("output", "other/output")]
    said = ends(*(start(ordeal.site, str(output)) for output in outputs))
    assert not [each for each in said if WAITS in each]
    for output in outputs:
        assert difference(tree(output), ordeal.outputs[0]) == [], output.parent.name
    turn(ordeal.site)
    ends(*(start(ordeal.site, str(output)) for output in outputs))
    for output in outputs:
        assert difference(tree(output), ordeal.outputs[1]) == [], output.parent.name


def test_a_build_that_is_stopped_keeps_the_next_one_waiting_until_it_is_killed(ordeal: Ordeal) -> None:
    ordeal.begin("cold")
    first = ordeal.nursery.start(ordeal.site)
    while not list(ordeal.site.glob(".output.new-*")):
        time.sleep(0.002)
    os.killpg(first.process, signal.SIGSTOP)
    second = start(ordeal.site, "output")
    assert second.stderr is not None
    assert second.stderr.readline() == WAITS
    first.strike("group")
    first.wait()
    ends(second)
    assert difference(tree(ordeal.output), ordeal.outputs[0]) == []


@pytest.fixture
def session(ordeal: Ordeal) -> Iterator[subprocess.Popen[str]]:
    """A preview's session in another process: a line for it is a build, a line from it the end of one."""
    session = start(ordeal.site, ".cache/preview", SESSION)
    yield session
    session.communicate()


def rebuild(session: subprocess.Popen[str]) -> None:
    assert session.stdin is not None
    assert session.stdout is not None
    print(file=session.stdin, flush=True)
    assert session.stdout.readline() == "built\n", session.communicate()


def test_builds_during_a_previews_session_and_its_own_are_right(ordeal: Ordeal, session: subprocess.Popen[str]) -> None:
    preview = ordeal.site / ".cache" / "preview"
    for n in range(4):
        turn(ordeal.site)
        ordeal.outputs.reverse()
        if n % 2:  # one after the other
            ordeal.mend()
            rebuild(session)
        else:  # at once
            other = start(ordeal.site, "output")
            rebuild(session)
            ends(other)
        assert difference(tree(preview), ordeal.outputs[0]) == []
        assert difference(tree(ordeal.output), ordeal.outputs[0]) == []


def test_a_cache_that_another_program_holds_for_a_moment_is_waited_for(ordeal: Ordeal) -> None:
    code = (
        "import sqlite3, sys\nhandle = sqlite3.connect('.cache/build.sqlite')\nhandle.execute('BEGIN EXCLUSIVE')\n"
        "print(flush=True)\nsys.stdin.readline()"
    )
    edit(ordeal.site / ARTICLES / "01" / "tiny-7.md", "Example text", "Other text")
    other = start(ordeal.site, "", code)
    assert other.stdout is not None
    other.stdout.readline()
    running = ordeal.nursery.start(ordeal.site)
    time.sleep(1)
    other.communicate("\n")
    status, printed = running.wait()
    assert status == 0, printed
    assert "1 files written" in printed, "the cache was not used"
