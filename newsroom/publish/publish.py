"""Publishing: from a build to every place that readers get it from. Read this and you know the whole way.

lock → read what is live → put the release together → look through it → sign → put, place after place → remember.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from newsroom.errors import Problem
from newsroom.publish.assemble import FOLDER, Facts, Live, add_signature, assemble, read_live
from newsroom.publish.manifest import MANIFEST, SIGNATURE, Changes, File, Manifest, changes
from newsroom.publish.targets.base import KeepsReleases, Limits, Progress, PublishFailed, Release, Target
from newsroom.publish.targets.locking import hold


@dataclass(frozen=True)
class Steps:
    """What publishing asks of others, wired in newsroom/publishing.py.

    `more(folder, files)` makes files of the built ones, such as downloads; `scan(release, before, limits)` finds what
    must not leave; `genuine(manifest, signature)` says why a live release is not the newsroom's own, "" where it is;
    `sign(manifest)` answers a signature, None where the site signs nothing; `remember(manifest)` is told of
    each release that readers have.
    """

    more: Callable[[Path, Mapping[str, File]], Iterable[tuple[str, bytes | None]]]
    scan: Callable[[Release, Manifest | None, Sequence[Limits]], Iterable[Problem]]
    genuine: Callable[[bytes, bytes | None], str]
    sign: Callable[[bytes], bytes | None]
    remember: Callable[[Manifest], None]


@dataclass(frozen=True)
class Place:
    """A target that is locked, the release that it holds, and the highest version that its readers may have seen."""

    target: Target
    live: Live | None
    newest: int


def publish(
    targets: Sequence[Target],
    built: Mapping[str, Path],
    facts: Facts,
    steps: Steps,
    now: int,
    progress: Progress,
    dry_run: bool = False,
    folder: Path = FOLDER,
) -> int:
    """Publish the `built` files (name → where they lie) to all targets; answers the exit status: 0, or 1 where anything
    could not be done at one of them. `now` is in seconds since 1970."""
    with ExitStack() as locks:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            locks.enter_context(hold(folder.with_name(f"{folder.name}.lock"), str(folder), os.O_RDWR | os.O_CREAT))
            places = list(_places(targets, None if dry_run else locks, steps))
            if not places:
                return 1
            release = _prepare(places, built, facts, steps, now, folder)
        except PublishFailed as failed:
            return _fail(f"Nothing was published: {failed}")
        if release is None:
            return 1
        reached = [_put(place, release, progress, dry_run) for place in places]
        if any(reached) and not dry_run:
            steps.remember(release.manifest)
    return 0 if all(reached) and len(places) == len(targets) else 1


def _places(targets: Sequence[Target], locks: ExitStack | None, steps: Steps) -> Iterator[Place]:
    """The targets that can be reached and that nobody else publishes to. The others are told, and go without. A dry run
    locks nothing, for it must leave no trace."""
    for target in targets:
        try:
            if locks is not None:
                locks.enter_context(target.lock())
            live = read_live(target.read, steps.genuine)
            newest = max([0, *(target.releases() if isinstance(target, KeepsReleases) else ())])
        except PublishFailed as failed:
            _fail(str(failed))
            continue
        if isinstance(live, str):
            _fail(f"{target.name}: what it holds is not believed: {live}; this release replaces it")
            live = None
        yield Place(target, live, newest)


def _prepare(
    places: Sequence[Place], built: Mapping[str, Path], facts: Facts, steps: Steps, now: int, folder: Path
) -> Release | None:
    """The release, looked through and signed; None where a problem was found, which is told."""
    lives = [place.live for place in places if place.live]
    before = max(lives, key=lambda live: live.manifest.version, default=None)
    _warn_of_clock(before, now)
    release = assemble(folder, built, steps.more, before, facts, now, max(place.newest for place in places))
    problems = sorted(
        set(steps.scan(release, before.manifest if before else None, [place.target.limits for place in places]))
    )
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        _fail(f"\n{count}; nothing was published, readers have what they had.")
        return None
    if not (folder / SIGNATURE).exists() and (signature := steps.sign((folder / MANIFEST).read_bytes())):
        add_signature(release, signature)
    return release


def _warn_of_clock(before: Live | None, now: int) -> None:
    if before and before.manifest.time > now + 86_400:
        when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(before.manifest.time))
        _fail(f"note: the last release says it was made at {when} UTC, which is to come; set this computer's clock")


def _put(place: Place, release: Release, progress: Progress, dry_run: bool) -> bool:
    """Put the release to one place; answers whether readers have it there."""
    name, before = place.target.name, place.live.manifest if place.live else None
    planned = changes(release.manifest, before)
    if dry_run:
        print(f"{name}: would become release {release.manifest.version}: {_counted(planned)}.")
        print("".join(_listed(planned)), end="")
        return True
    try:
        said = place.target.put(release, before, progress)
    except PublishFailed as failed:
        _fail(str(failed))
        return False
    counted = _counted(planned) if planned or not before else "nothing has changed"
    print(f"Release {release.manifest.version} is at {name}: {counted} ({said}).")
    return True


def _counted(planned: Changes) -> str:
    new, changed, removed = map(len, (planned.new, planned.changed, planned.removed))
    return f"{new} new, {changed} changed, {removed} removed, {planned.kept} as before"


def _listed(planned: Changes) -> Iterator[str]:
    """Every name, for a dry run says exactly what would change."""
    for mark, names in (("+", planned.new), ("~", planned.changed), ("-", planned.removed)):
        yield from (f"  {mark} {name}\n" for name in names)


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
