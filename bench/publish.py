"""Measures publishing to a bucket: a thousand files to moto's server, ours beside rclone and Amazon's own program.

    pip install 'moto[s3,server]' awscli
    python bench/publish.py --moto moto_server --rclone rclone --aws aws

Prints a table: seconds of the clock, seconds of processor (the client's alone), and requests, each the median of the
turns. All run in turns against the same server, which is what limits them; take the ratios. The peers compare files by
size and time or, with --checksum, by MD5, as ours does; they lock nothing and list nothing after they have sent it.
"""

from __future__ import annotations

import argparse
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from process import Run, run

from newsroom.files import digest
from newsroom.publish.manifest import File, Manifest
from newsroom.publish.targets.base import Release
from tests.publish.buckets import ANY_KEY, KEYS, Host, free_port, write

ROOT = Path(__file__).resolve().parents[1]
FILES = {"2026/{}.html": (400, 30_000), "images/{}.jpg": (500, 60_000), "data/{}.json": (98, 8_000)}
STEPS = ("first", "one page edited", "nothing changed")
OURS = "import sys; from tests.publish.buckets import publish_in_child; publish_in_child(*sys.argv[1:])"


@dataclass
class Figures:
    """What was measured of one program, by step."""

    runs: dict[str, list[Run]] = field(default_factory=lambda: {step: [] for step in STEPS})
    requests: dict[str, list[int]] = field(default_factory=lambda: {step: [] for step in STEPS})


@contextmanager
def moto(program: str, log: Path) -> Iterator[int]:
    """moto's server, which notes each request as a line of `log`; gives its port."""
    port = free_port()
    with log.open("w") as noted:
        command = [program, "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=noted)
        try:
            while socket.socket().connect_ex(("127.0.0.1", port)):
                time.sleep(0.05)
            yield port
        finally:
            process.kill()
            process.wait()


def releases(folder: Path) -> tuple[Release, Release]:
    """A release of 1,000 files with its proofs, and the next, in which one page differs."""
    chosen = random.Random(1)
    files = {
        name.format(number): chosen.randbytes(size) for name, (count, size) in FILES.items() for number in range(count)
    }
    first = write(folder / "1", files, _manifest(files, None))
    edited = {**files, "2026/7.html": chosen.randbytes(30_000)}
    return first, write(folder / "2", edited, _manifest(edited, first.manifest))


def _manifest(files: Mapping[str, bytes], before: Manifest | None) -> Manifest:
    version = before.version + 1 if before else 1
    listed = {name: File(len(data), digest(data), 1) for name, data in files.items()}
    return Manifest("https://site.example", version, version, version + 10, listed)


def commands(name: str, port: int, bucket: str, arguments: argparse.Namespace) -> Sequence[str]:
    """The command of a program that puts a folder, whose name is to be added, into the bucket."""
    endpoint = f"http://127.0.0.1:{port}"
    if name == "ours":
        return [sys.executable, "-c", OURS, f"s3://{bucket}?endpoint={endpoint}&region=us-east-1"]
    if name == "aws s3 sync":
        return [arguments.aws, "s3", "sync", "--delete", "--endpoint-url", endpoint, f"s3://{bucket}"]
    remote = f':s3,provider=Other,env_auth,endpoint="{endpoint}",region=us-east-1:{bucket}'
    return [arguments.rclone, "sync", "--checksum", "--transfers=16", "--checkers=16", "--config=", remote]


def measure(
    name: str, port: int, log: Path, made: tuple[Release, Release], arguments: argparse.Namespace
) -> Iterator[tuple[str, Run, int]]:
    """Put the first release, the second, and the second again into a new bucket; yields step, run and requests."""
    bucket = f"b-{name.replace(' ', '-')}-{random.randrange(10**6)}"
    Host(port, bucket, ANY_KEY).make()
    command = list(commands(name, port, bucket, arguments))
    for step, release in zip(STEPS, (made[0], made[1], made[1]), strict=True):
        folder = str(release.folder)
        before = _lines(log)
        whole = [*command, folder] if name == "ours" else [*command[:-1], folder, command[-1]]
        done = run(whole, ROOT, {**KEYS, "PYTHONPATH": str(ROOT), "AWS_CA_BUNDLE": ""})  # rclone takes none
        yield step, done, _lines(log) - before


def _lines(log: Path) -> int:
    return log.read_bytes().count(b" HTTP/1.1")


def table(all_figures: Mapping[str, Figures]) -> str:
    rows = ["| | " + " | ".join(STEPS) + " |", "|---|" + "---|" * len(STEPS)]
    ours = all_figures["ours"]
    for name, figures in all_figures.items():
        cells = []
        for step in STEPS:
            seconds, base = (median(each.seconds for each in of.runs[step]) for of in (figures, ours))
            processor, requests = median(each.processor for each in figures.runs[step]), median(figures.requests[step])
            cells.append(
                f"{seconds:.1f} s ({seconds / base:.1f}×), {processor:.1f} s processor, {requests:.0f} requests"
            )
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moto", required=True, help="the path of moto_server")
    parser.add_argument("--rclone", help="the path of rclone")
    parser.add_argument("--aws", help="the path of Amazon's program")
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    names = ["ours", *(["rclone"] if arguments.rclone else []), *(["aws s3 sync"] if arguments.aws else [])]
    figures = {name: Figures() for name in names}
    with tempfile.TemporaryDirectory() as folder:
        made = releases(Path(folder))
        for turn in range(arguments.turns):
            for name in names:
                log = Path(folder) / "log"
                with moto(arguments.moto, log) as port:
                    for step, done, requests in measure(name, port, log, made, arguments):
                        figures[name].runs[step].append(done)
                        figures[name].requests[step].append(requests)
                        print(f"turn {turn + 1}: {name}, {step}: {done.seconds:.1f} s", file=sys.stderr)
    print(table(figures))


if __name__ == "__main__":
    main()
