"""A host's shell, over the system's ssh: its address, its commands, and a session that lasts as long as it is held.

What the reporter's own ssh configuration and agent say counts. RSYNC_RSH names another ssh, or options for it, as it
does for rsync itself: `RSYNC_RSH="ssh -F my.config"`.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

_BEAT = 15  # seconds between signs of life
_LONGEST = 80  # characters of a folder in which ssh can make a socket, whose path may have 104
_OPTIONS = {
    "ConnectTimeout": "30",  # Tor is slow
    "ServerAliveInterval": "15",
    "ServerAliveCountMax": "4",
    "LogLevel": "ERROR",
    "RemoteCommand": "none",
    "RequestTTY": "no",
}
_URL = re.compile(r"ssh://(?:([^@/:]+)@)?(\[[^]]+\]|[^@/:]+)(?::(\d{1,5}))?(/.+)")
_SHORT = re.compile(r"(?:([^@/:]+)@)?(\[[^]]+\]|[^@/:]{2,})():(?!//)(.+)")  # a Windows drive is one letter
_WORD = re.compile(r"[A-Za-z0-9_:][\w.:%+-]*", re.ASCII)  # nothing that ssh takes for an option or a command

_SUMMARY = ("rsync error:", "rsync warning:", "rsync: connection unexpectedly closed", "rsync: [sender] write error")


@dataclass(frozen=True)
class Address:
    """A host, and a folder there: absolute, or from the user's home."""

    user: str
    host: str
    port: str
    path: str


def parse_address(written: str) -> Address | None:
    """The address that `ssh://[user@]host[:port]/path` or rsync's `[user@]host:path` names; None where it is neither.
    Below the user's home: `ssh://host/~/path`, `host:path`."""
    found = _URL.fullmatch(written) or _SHORT.fullmatch(written)
    if not found:
        return None
    user, host, port, path = (part or "" for part in found.groups())
    path = re.sub(r"^/?~/", "", path).rstrip("/")
    host = host.strip("[]")
    usable = _WORD.fullmatch(host) and (not user or _WORD.fullmatch(user)) and path and path.isprintable()
    return Address(user, host, port, path) if usable else None


class Shell:
    """The shell of a host. Where a session is held, all commands use its one connection."""

    def __init__(self, address: Address) -> None:
        self._destination = f"{address.user}@{address.host}" if address.user else address.host
        self._far = f"{address.user}@[{address.host}]" if ":" in address.host else self._destination
        options = {**_OPTIONS} if sys.stdin.isatty() else {**_OPTIONS, "BatchMode": "yes"}  # else nobody can answer
        self.program, *own = shlex.split(os.environ.get("RSYNC_RSH", "")) or ["ssh"]
        self._ssh = [
            self.program,
            *own,
            *(["-p", address.port] if address.port else []),
            *(f"-o{name}={value}" for name, value in options.items()),
        ]
        self._shared: list[str] = []

    def run(self, script: str, *arguments: str) -> tuple[int, bytes, str]:
        """Run a POSIX script: its status (255 where the host cannot be reached), what it printed, and the line that
        says most of its complaints."""
        command = [*self._ssh, *self._shared, "--", self._destination, _quoted(script, *arguments)]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        except FileNotFoundError:
            return 255, b"", f"{self.program} is not installed on this computer"
        return done.returncode, done.stdout, _telling(done.stderr)

    def rsync(
        self, start: str, arguments: tuple[str, ...], options: tuple[str, ...], said: Callable[[str], None]
    ) -> tuple[int, str]:
        """Run rsync towards the folder to which the script `start` goes there, which uses up its arguments: rsync's
        status, and the line that says most of its complaints. `said` gets each line that it prints."""
        far = _quoted(f'{start}; exec rsync "$@"', *arguments)  # to which rsync adds the arguments of its far end
        shell = shlex.join([*self._ssh, *self._shared])
        command = ["rsync", f"--rsh={shell}", f"--rsync-path={far}", *options, f"{self._far}:."]
        with tempfile.TemporaryFile() as complaints:
            with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints) as run:
                for line in run.stdout or ():
                    said(line.decode(errors="replace").rstrip("\n"))
            complaints.seek(0)
            return run.returncode, _telling(complaints.read())

    @contextmanager
    def held(self, script: str, *arguments: str, until: str) -> Iterator[tuple[int, bytes, str]]:
        """Run a script that prints the line `until` and then reads standard input as long as something comes. Gives
        what it printed, with status 0 once it has printed that line, else its status; ends it after that. If this
        process dies, or the network does, nothing comes any more."""
        with tempfile.TemporaryDirectory(prefix="newsroom-", ignore_cleanup_errors=True) as folder:
            path = f"{folder}/ssh" if len(folder) < _LONGEST else "none"
            shared = ["-o", f"ControlPath={path}"]
            command = [*self._ssh, *shared, "-o", "ControlMaster=yes", "-o", "ControlPersist=no", "--"]
            with subprocess.Popen(
                [*command, self._destination, _quoted(script, *arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
            ) as session:
                printed = _printed(session.stdout or (), until)
                if not printed.endswith(f"{until}\n".encode()):
                    complaint = _telling(session.stderr.read() if session.stderr else b"")
                    yield session.wait() or 1, printed, complaint
                    return
                self._shared = [*shared, "-o", "ControlMaster=no"]
                with _heart(session.stdin):
                    try:
                        yield 0, printed, ""
                    finally:
                        self._shared = []


def _printed(stream: Iterable[bytes], until: str) -> bytes:
    """All lines up to one."""
    printed = b""
    for line in stream:
        printed += line
        if line == f"{until}\n".encode():
            break
    return printed


@contextmanager
def _heart(stream: IO[bytes] | None) -> Iterator[None]:
    """Send a sign of life now and then, and close the stream at the end."""
    stop = threading.Event()

    def beat() -> None:
        with suppress(OSError):  # the other end is gone, which the next command finds out
            while stream and not stop.wait(_BEAT):
                stream.write(b".")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        if stream:
            stream.close()


def _quoted(script: str, *arguments: str) -> str:
    """A command line that gives a script to sh, whatever shell the user has at the host."""
    return shlex.join(["sh", "-c", script, "sh", *arguments])


def _telling(complaints: bytes) -> str:
    """The line that says most: the first of rsync's that names a cause, else the last."""
    lines = [line.strip() for line in complaints.decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(_SUMMARY)] or lines or ["nothing was said"]
    return next((line for line in telling if line.startswith("rsync: ")), telling[-1])
