"""Running a command: its seconds, its processor time, and the memory of its process tree. Linux only."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.05  # seconds between two looks at the memory


@dataclass(frozen=True)
class Run:
    """A command that ended well: seconds by the clock, seconds of processor (its children's too), what it said."""

    seconds: float
    processor: float
    said: str


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end. Raises RuntimeError with what it said when it fails."""
    os.sync()  # what the last command wrote is not this one's work
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        started = time.perf_counter()
        process = _start(command, folder, environment, said.fileno())
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} in {folder} ended with {process.returncode}:\n{text}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, text)


def peak(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> int:
    """Run a command to its end; the most bytes that its processes held at once, shared pages counted once (PSS)."""
    most = 0
    process = _start(command, folder, environment, subprocess.DEVNULL)
    while process.poll() is None:
        most = max(most, sum(_pss(each) for each in _session(process.pid)))
        time.sleep(INTERVAL)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} in {folder} ended with {process.returncode}")
    return most


def _start(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None, said: int
) -> subprocess.Popen[bytes]:
    """The command as the leader of a session of its own, by which its children are known."""
    whole = {**os.environ, **(environment or {})}
    return subprocess.Popen(
        command, cwd=folder, env=whole, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
    )


def _session(leader: int) -> Iterator[int]:
    """The processes of a session, also those whose parent has ended."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                yield int(stat.parent.name)


def _pss(process: int) -> int:
    """Bytes of a process, each shared page divided by the number that share it; 0 when it has just ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
