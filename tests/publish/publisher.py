"""A program that publishes to a host again and again, each time in a process group of its own that may be killed:
reads lines of an address and a release's folder; for each it says `pid N`, `putting` and `done STATUS`."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from newsroom.publish.manifest import MANIFEST, decode
from newsroom.publish.targets.base import PublishFailed
from newsroom.publish.targets.ssh import SshTarget
from tests.publish.hosts import load

STALE = 5


def publish(address: str, folder: Path) -> None:
    """Publish once the lock is free: what held it is dead, or will soon be known to be."""
    release, target = load(folder), SshTarget(address)
    for _ in range(100):
        with suppress(PublishFailed), target.lock():
            before = decode(target.read(MANIFEST) or b"")
            say("putting")
            if release.manifest.previous != before.version:
                os._exit(STALE)  # what a killed one had sent to the host was done after the release was made
            target.put(release, before, lambda *done: None)
            os._exit(0)
        time.sleep(0.05)
    os._exit(3)


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def main() -> None:
    for line in sys.stdin:
        address, folder = line.rstrip("\n").split("\t")
        if not (child := os.fork()):
            os.setpgid(0, 0)
            try:
                publish(address, Path(folder))
            finally:
                os._exit(4)
        say(f"pid {child}")
        say(f"done {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}")


if __name__ == "__main__":
    main()
