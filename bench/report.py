"""The tables: what was measured, and each target of the engine with its verdict."""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from measure import Figures

BEGIN, END = "<!-- figures: written by bench/engine.py -->", "<!-- end of figures -->"
MEGABYTE = 1024 * 1024
ROWS = {
    "clean build, no cache": "clean",
    "first build, filling the cache": "first",
    "clean build, one worker": "one worker",
    "clean build, two workers": "two workers",
    "nothing changed": "nothing",
    "one body edited": "body",
    "one headline edited": "title",
    "one article added": "new",
}


def report(measured: Mapping[int, Figures], hugo: str) -> str:
    """Everything as Markdown; ratios only between outputs that are equal."""
    parts = [_machine(hugo)]
    for figures in measured.values():
        parts += [f"### {figures.name[0].upper()}{figures.name[1:]}", _weights(figures)]
        if figures.differences:
            parts.append(f"The outputs are not equal, so nothing is compared: {'; '.join(figures.differences)}.")
        else:
            parts += [_table(figures), _notes(figures)]
    parts += ["### Targets", _targets({size: each for size, each in measured.items() if not each.differences})]
    return "\n\n".join(parts)


def write(path: Path, text: str) -> None:
    """Put the report between the two markers of the page. Raises SystemExit when they are not there."""
    page = path.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path.name} does not hold the markers {BEGIN} and {END}")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def _machine(hugo: str) -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    model = found[1] if found else platform.machine()
    return f"{os.cpu_count()} × {model}, Python {platform.python_version()}, {hugo}."


def _weights(figures: Figures) -> str:
    ours, hugo = figures.ours, figures.hugo
    lines = [
        "| output | files | pages | cards | bytes of pages | bytes of feeds and sitemaps |",
        "|---|---|---|---|---|---|",
    ]
    for name, weight in (("ours", ours), ("Hugo", hugo)):
        if weight:
            numbers = (weight.files, weight.pages, weight.cards, weight.page_bytes, weight.feed_bytes)
            lines.append(f"| {name} | {' | '.join(f'{number:,}' for number in numbers)} |")
    if hugo:
        ratios = (ours.cards / hugo.cards, ours.page_bytes / hugo.page_bytes, ours.feed_bytes / hugo.feed_bytes)
        lines.append(f"| ours ÷ Hugo | 1 | 1 | {' | '.join(f'{ratio:.3f}' for ratio in ratios)} |")
    return "\n".join(lines)


def _table(figures: Figures) -> str:
    lines = [
        "| median seconds by the clock (of processor) | ours | Hugo | stock Pelican | ours ÷ Hugo's clean build |",
        "|---|---|---|---|---|",
    ]
    for label, name in ROWS.items():
        cells = [_cell(figures, f"{who} {name}") for who in ("ours", "hugo", "pelican")]
        ratio = _ratio(seconds(figures, f"ours {name}"), seconds(figures, "hugo clean"))
        lines.append(f"| {label} | {' | '.join(cells)} | {_number(ratio)} |")
    peaks = [f"{figures.peaks[who] / MEGABYTE:.0f}" if who in figures.peaks else "" for who in _WHO]
    ratio = _ratio(figures.peaks.get("ours"), figures.peaks.get("hugo"))
    lines.append(f"| most memory (PSS) of a clean build, MB | {' | '.join(peaks)} | {_number(ratio)} |")
    return "\n".join(lines)


_WHO = ("ours", "hugo", "pelican")


def _notes(figures: Figures) -> str:
    repeats, clean = len(figures.runs["ours body"]), len(figures.runs["ours clean"])
    hashed, written = figures.floor
    names = {"nothing": "nothing changed", "body": "a body", "title": "a headline", "new": "a new article"}
    counts = ", ".join(f"{label} {figures.written[name]}" for name, label in names.items())
    lines = [
        f"- Medians of {repeats}{'' if clean == repeats else f', of {clean} for clean builds'}; shortest to longest "
        f"clean build: {_span(figures, 'ours clean')} s ours, {_span(figures, 'hugo clean')} s Hugo.",
        f"- Files written, at most: {counts}.",
        f"- Floor, one process: {hashed:.2f} s to look at and hash every source, "
        f"{written:.2f} s to write every file of the output.",
    ]
    for kind, waits in figures.waits.items():
        lines.append(
            f"- Preview, {len(waits)} edits of a {kind}: half on disk within {percentile(waits, 50) * 1000:.0f} ms, "
            f"95 % within {percentile(waits, 95) * 1000:.0f} ms."
        )
    return "\n".join(lines)


def _targets(measured: Mapping[int, Figures]) -> str:
    lines = ["| target | at most | measured | |", "|---|---|---|---|"]
    for label, limit, value, unit in _limits(measured):
        verdict = "not measured" if value is None else "met" if value <= limit else "**not met**"
        shown = "" if value is None else f"{_number(value)}{unit}"
        lines.append(f"| {label} | {limit:.3g}{unit} | {shown} | {verdict} |")
    return "\n".join(lines)


def _limits(measured: Mapping[int, Figures]) -> Iterator[tuple[str, float, float | None, str]]:
    """(target, limit, what was measured or None, unit), as the issue of the engine lists them."""
    ten, hundred = measured.get(10_000), measured.get(100_000)
    hugo = seconds(ten, "hugo clean")
    yield "clean build ÷ Hugo's, 10,000", 2.5, _ratio(seconds(ten, "ours clean"), hugo), "×"
    yield "one body edited ÷ Hugo's build, 10,000", 0.2, _ratio(seconds(ten, "ours body"), hugo), "×"
    yield "nothing changed ÷ Hugo's build, 10,000", 0.15, _ratio(seconds(ten, "ours nothing"), hugo), "×"
    yield "edit to pages on disk in serve, 10,000, p95", 100, _wait(ten), " ms"
    yield "edit to pages on disk in serve, 100,000, p95", 250, _wait(hundred), " ms"
    yield "most memory ÷ Hugo's, 10,000", 0.3, _ratio(_peak(ten, "ours"), _peak(ten, "hugo")), "×"
    clean, edit = (_ratio(seconds(hundred, name), seconds(ten, name)) for name in ("ours clean", "ours body"))
    yield "growth of the clean build, 10,000 to 100,000", 11, clean, "×"
    yield "growth of one edit, 10,000 to 100,000", 8, edit, "×"
    yield "growth of memory, 10,000 to 100,000", 8, _ratio(_peak(hundred, "ours"), _peak(ten, "ours")), "×"
    two = _ratio(seconds(ten, "ours two workers"), seconds(ten, "ours one worker"))
    yield "clean build with a second core ÷ with one worker, 10,000 (1.7× faster)", 1 / 1.7, two, "×"
    yield "files that a new article writes, 10,000", 60, ten.written.get("new") if ten else None, ""
    yield "files that a second build writes, 10,000", 0, ten.written.get("nothing") if ten else None, ""


def _wait(figures: Figures | None) -> float | None:
    """Milliseconds, of body edits."""
    return percentile(figures.waits["body"], 95) * 1000 if figures and figures.waits else None


def _peak(figures: Figures | None, who: str) -> float | None:
    return figures.peaks.get(who) if figures else None


def seconds(figures: Figures | None, name: str) -> float | None:
    """The median by the clock; None where it was not measured."""
    runs = figures.runs.get(name) if figures else None
    return median(run.seconds for run in runs) if runs else None


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that `share` percent of all do not exceed."""
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def _cell(figures: Figures, name: str) -> str:
    runs = figures.runs.get(name)
    return f"{seconds(figures, name):.2f} ({median(run.processor for run in runs):.2f})" if runs else ""


def _span(figures: Figures, name: str) -> str:
    times = [run.seconds for run in figures.runs.get(name, ())]
    return f"{min(times):.2f} to {max(times):.2f}" if times else "–"
