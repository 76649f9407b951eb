"""All figures of one size of archive, measured in turns so that a busy minute of the machine hits each alike."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from builders import Builder, Edits, Hugo, Ours, StockPelican, files_written, make
from corpus import Corpus
from equality import Weight, differences, weigh
from latency import latencies
from process import Run
from sites import BENCH


@dataclass
class Figures:
    """What was measured: `runs` and `peaks` (bytes) by name, such as "ours clean"."""

    name: str
    size: int
    ours: Weight
    hugo: Weight | None = None
    differences: list[str] = field(default_factory=list)
    runs: dict[str, list[Run]] = field(default_factory=lambda: defaultdict(list))
    peaks: dict[str, int] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    waits: dict[str, list[float]] = field(default_factory=dict)  # seconds in the preview, by kind of edit
    floor: tuple[float, float] = (0.0, 0.0)  # seconds: hash the sources, write the output


@dataclass(frozen=True)
class Plan:
    """What to measure: `repeats` of each, `edits` in the preview; peers and numbers of workers, or neither."""

    repeats: int
    edits: int
    peers: bool
    pelicans: int  # builds of stock Pelican, which is slow


@dataclass(frozen=True)
class Sites:
    """The copies of the corpus: one built without a cache, one edited, and the peers'."""

    clean: Path
    edited: Ours
    hugo: Hugo
    hugo_edited: Hugo
    pelican: StockPelican


def measure(corpus: Corpus, folder: Path, plan: Plan, say: Callable[[str], None]) -> Figures:
    """Make the sites below `folder`, check that outputs are equal, measure."""
    say(f"{corpus.name}: writing the sites")
    sites = _sites(corpus, folder, plan.peers)
    figures = _weigh(corpus, sites, plan.peers)
    if figures.differences:
        return figures
    say(f"{corpus.name}: first build with a cache")
    figures.runs["ours first"].append(sites.edited.clean_build())
    edits = Edits(corpus, sites.edited.root)
    for turn in range(plan.repeats):
        say(f"{corpus.name}: turn {turn + 1} of {plan.repeats}")
        if plan.peers:
            figures.runs["ours clean"].append(Ours(sites.clean, cache=False).clean_build())
            _peers(figures, sites, corpus, turn, plan)
        _edits(figures, sites.edited, edits, turn)
    say(f"{corpus.name}: memory")
    _peaks(figures, sites, plan)
    say(f"{corpus.name}: the preview")
    for kind in ("body", "title") if plan.edits else ():
        figures.waits[kind] = latencies(edits, kind, plan.edits)
    say(f"{corpus.name}: the floor")
    figures.floor = _floor(sites.clean)
    shutil.rmtree(folder / "aside", ignore_errors=True)
    return figures


def _sites(corpus: Corpus, folder: Path, peers: bool) -> Sites:
    shutil.rmtree(folder, ignore_errors=True)
    roots: dict[str, Path] = {name: folder / name for name in ("clean", "edited", "hugo", "hugo-edited", "pelican")}
    kinds: dict[str, type[Builder]] = {"hugo": Hugo, "hugo-edited": Hugo, "pelican": StockPelican}
    for name, root in roots.items():
        if peers or name not in kinds:
            make(kinds.get(name, Ours), corpus, root)
    return Sites(
        clean=roots["clean"],
        edited=Ours(roots["edited"]),
        hugo=Hugo(roots["hugo"]),
        hugo_edited=Hugo(roots["hugo-edited"]),
        pelican=StockPelican(roots["pelican"]),
    )


def _weigh(corpus: Corpus, sites: Sites, peers: bool) -> Figures:
    """Build once, and compare what came out; the time counts where that is the only clean build."""
    ours = Ours(sites.clean, cache=False)
    built = ours.clean_build()
    figures = Figures(corpus.name, corpus.size, weigh(ours.root / ours.output))
    if peers:
        sites.hugo.clean_build()
        sites.hugo_edited.clean_build()
        figures.hugo = weigh(sites.hugo.root / sites.hugo.output)
        figures.differences = differences(figures.ours, figures.hugo)
    else:
        figures.runs["ours clean"].append(built)
    return figures


def _peers(figures: Figures, sites: Sites, corpus: Corpus, turn: int, plan: Plan) -> None:
    """The peers' builds, and ours with one worker and with two."""
    runs = figures.runs
    runs["hugo clean"].append(sites.hugo.clean_build())
    runs["ours one worker"].append(Ours(sites.clean, cache=False, workers=1).clean_build())
    runs["ours two workers"].append(Ours(sites.clean, cache=False, workers=2).clean_build())
    if turn < plan.pelicans:
        runs["pelican clean"].append(sites.pelican.clean_build())
    Edits(corpus, sites.hugo_edited.root).body(corpus.size // 2 + turn, turn)
    runs["hugo body"].append(sites.hugo_edited.build())


def _edits(figures: Figures, site: Ours, edits: Edits, turn: int) -> None:
    """Our builds after each kind of change, each of another article in each turn."""
    middle = figures.size // 2 + turn
    changes: dict[str, Callable[[], None]] = {
        "nothing": lambda: None,
        "body": lambda: edits.body(middle, turn),
        "title": lambda: edits.title(middle + figures.size // 4, turn),
        "new": edits.add,
    }
    for name, change in changes.items():
        change()
        built = site.build()
        figures.runs[f"ours {name}"].append(built)
        figures.written[name] = max(files_written(built), figures.written.get(name, 0))


def _peaks(figures: Figures, sites: Sites, plan: Plan) -> None:
    builders: dict[str, Builder] = {"ours": Ours(sites.clean, cache=False)}
    if plan.peers:
        builders |= {"hugo": sites.hugo, "pelican": sites.pelican}
    for name, builder in builders.items():
        figures.peaks[name] = builder.clean_peak()


def _floor(root: Path) -> tuple[float, float]:
    command = [sys.executable, str(BENCH / "floor.py"), str(root / "content"), str(root / "output")]
    hashed, written = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(hashed), float(written)
