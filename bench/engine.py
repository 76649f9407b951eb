"""Measures the engine beside Hugo and stock Pelican; the figures of docs/benchmarks.md.

    pip install --require-hashes -r bench/requirements.txt
    python bench/engine.py --articles 1000 10000 --repeats 5 --write

Linux only. Needs, for each 10,000 articles, about 3 GB of disk and one more for each repeat.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from builders import PROFILED, Ours, hugo_binary, make
from corpus import Corpus
from measure import Figures, Plan, measure
from report import report, write
from sites import PROJECT

PAGE = PROJECT / "docs/benchmarks.md"


def main() -> None:
    """Measure every size asked for, print the tables, write them with --write."""
    arguments = _arguments()
    if arguments.profile:
        _profile(arguments.articles[0], arguments.work)
        return
    hugo = _hugo_version()
    measured: dict[int, Figures] = {}
    for corpus in _corpora(arguments):
        pelicans = 2 if corpus.size <= 1000 else 1
        peers = corpus.size <= arguments.peers_most
        edits = arguments.edits if peers else arguments.edits // 3
        plan = Plan(arguments.repeats, edits, peers, pelicans)
        measured[corpus.size] = measure(corpus, arguments.work / f"{corpus.size}", plan, _say)
        if arguments.write:  # after every size: the next one takes long
            write(PAGE, report(measured, hugo))
    print(report(measured, hugo))
    if any(each.differences for each in measured.values()):
        sys.exit("The outputs of ours and Hugo's are not equal.")


def _corpora(arguments: argparse.Namespace) -> Iterator[Corpus]:
    if arguments.archive:
        from archive import Archive  # needs the tests' libraries

        yield Archive()
    yield from map(Corpus, sorted(arguments.articles))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="*", default=[1000], metavar="N", help="sizes of the archive")
    parser.add_argument("--archive", action="store_true", help="also the real archive beside the project")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each figure (5)")
    parser.add_argument("--edits", type=int, default=30, help="edits of each kind in the preview; 0: none (30)")
    parser.add_argument(
        "--peers-most",
        type=int,
        default=10_000,
        help="articles beyond which only ours is measured, its clean build once",
    )
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "newsroom-bench", help="a folder")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/benchmarks.md")
    parser.add_argument("--profile", action="store_true", help="only print where a clean build spends its time")
    return parser.parse_args()


def _profile(size: int, work: Path) -> None:
    """A clean build in one process, its 25 most costly functions by their own time."""
    site = Ours(make(Ours, Corpus(size), work / f"profile-{size}"), workers=1)
    environment = {**os.environ, **site.environment}
    subprocess.run([sys.executable, "-c", PROFILED], cwd=site.root, env=environment, check=True)


def _hugo_version() -> str:
    said = subprocess.run([str(hugo_binary()), "version"], check=True, capture_output=True, text=True).stdout
    return " ".join(said.split("-")[0].split()[:2]).capitalize()


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
