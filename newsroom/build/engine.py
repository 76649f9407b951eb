"""One build's files: which are out of date, their rendering on all cores, and what is remembered of them.

The first question is cheap: a file whose recipe is that of the last build, and that lies in the output as that build
left it, is not looked at. Only of the others are the values made, and only where these or the template differ is a
page rendered. Whatever cannot be trusted, a lost cache or a file that somebody edited, counts as out of date.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import msgspec

from newsroom.build.cache import Cache
from newsroom.build.outputs import Made, Planned, Snapshot, intact
from newsroom.build.release import Changes, are_inside, release
from newsroom.build.render import Rendered, Renderer
from newsroom.build.workers import Workers
from newsroom.errors import BuildFailed, Problem
from newsroom.files import settled, signature

_BATCH = 24  # files that are rendered together
_decode = msgspec.msgpack.Decoder(Snapshot)
Progress = Callable[[str, int, int], None]


@dataclass
class Engine:
    """The outputs of one build. `frame` is a digest of everything that the plan depends on besides the texts of
    articles, and `texts` stands for each of these; `ground` is a digest of what every page depends on."""

    output: Path
    staging: Path
    cache: Cache
    workers: Workers
    frame: bytes
    texts: tuple[bytes, ...]
    ground: bytes
    templates: Mapping[str, bytes]  # a digest of each of the theme's files
    before: Snapshot
    results: dict[str, Rendered] = field(default_factory=dict)
    found: dict[str, Made] = field(default_factory=dict)  # files of the last build that are as it left them
    open: frozenset[str] = frozenset()  # templates that may read anything: their pages depend on everything

    @cached_property
    def whole(self) -> bytes:
        """A digest of everything that the plan depends on."""
        return hashlib.blake2b(self.frame + b"".join(self.texts), digest_size=16).digest()

    def rewritten(self) -> list[int] | None:
        """The articles of which nothing but the text changed, by their places in `texts`; None where more changed."""
        known = self.before.texts
        if not self.frame or self.frame != self.before.frame or len(self.texts) != len(known):
            return None
        return [at for at, text in enumerate(self.texts) if text != known[at]]

    def look(self) -> None:
        """Find which files of the last build are still as it left them."""
        self.found.update(intact(self.output, self.before.made, self.before.made))

    def missing(self) -> list[str]:
        """Files of the last build that are gone, or that somebody edited."""
        return [url for url in self.before.made if url not in self.found]

    def find_open(self, renderer: Renderer) -> frozenset[str]:
        """The templates of pages that may read anything."""
        names = [Path(name) for name in self.templates if name.startswith("templates/")]
        pages = {path.stem for path in names if path.suffix == ".html" and len(path.parts) == 2}
        return frozenset(each for each in pages if renderer.is_open(each))

    def outdated(self, plan: Mapping[str, Planned]) -> list[str]:
        """Files of the plan that may have to be made, in its order."""
        return [
            url
            for url, planned in plan.items()
            if (known := self.found.get(url)) is None or known.recipe != self.recipe(planned)
        ]

    def recipe(self, planned: Planned) -> bytes:
        """What a file depends on; where its template may read anything, on everything."""
        if planned.template not in self.open:
            return planned.recipe
        return hashlib.blake2b(planned.recipe + self.whole, digest_size=16).digest()

    def render(self, renderer: Renderer, plan: Mapping[str, Planned], urls: list[str], progress: Progress) -> None:
        """Render these files of the plan, on all cores where they are many. Raises BuildFailed with every mistake of a
        template."""
        problems: list[Problem] = []
        done = 0
        batches = (urls[at : at + _BATCH] for at in range(0, len(urls), _BATCH))
        for batch in self.workers.near(partial(renderer.render_batch, plan), batches):
            for each in batch:
                if isinstance(each, Problem):
                    problems.append(each)
                else:
                    self.results[each.url] = each
            done += len(batch)
            progress("Writing", done, len(urls))
        if problems:
            raise BuildFailed(problems)

    def release(self, urls: Collection[str], fresh: bool) -> Changes:
        """Put what was rendered in its place, and leave in the output nothing but `urls` of what builds wrote."""
        files: dict[str, str] = {}
        for url in urls:
            result = self.results.get(url)
            files[url] = (result.digest if result else self.found[url].digest).hex()
        return release(self.staging, self.output, files, fresh)

    def remember(self, urls: Collection[str], plan: Mapping[str, Planned], notes: tuple[str, ...]) -> None:
        """Make this build the last one, of these files; those that are not in the plan have the last one's recipes."""
        shapes = {shape: n for n, shape in enumerate(self.before.shapes)}
        made: dict[str, Made] = {}
        now = time.time_ns()
        for url in urls:
            recipe = self.recipe(plan[url]) if url in plan else self.before.made[url].recipe
            result, known = self.results.get(url), self.found.get(url)
            if result is None and known is not None:
                made[url] = msgspec.structs.replace(known, signature=settled(known.signature, now))
            elif result is not None:
                shape = shapes.setdefault(result.shape, len(shapes))
                seen = known.signature if known and not result.written else self._signature(url)
                made[url] = Made(recipe, result.key, result.parts, shape, result.digest, settled(seen, now))
        opened, templates = tuple(sorted(self.open)), dict(self.templates)
        self.before = Snapshot(self.ground, opened, made, list(shapes), templates, notes, self.frame, self.texts)
        self.found.clear()
        self.found.update(made)

    def update(self, plan: Mapping[str, Planned], urls: Iterable[str]) -> None:
        """Remember only these files anew: the plan of the others is that of the last build."""
        shapes = {shape: n for n, shape in enumerate(self.before.shapes)}
        for url in urls:
            result = self.results[url]
            shape = shapes.setdefault(result.shape, len(shapes))
            seen = settled(self._signature(url), time.time_ns())
            made = Made(self.recipe(plan[url]), result.key, result.parts, shape, result.digest, seen)
            self.before.made[url] = self.found[url] = made
        self.before.shapes[:] = shapes

    def forget(self) -> None:
        """Let the next build plan everything anew: what was remembered of the sources is no longer so."""
        self.before.frame = b""

    def _signature(self, url: str) -> tuple[int, ...]:
        try:
            return signature((self.output / url).lstat())
        except OSError:
            return ()


def read_snapshot(data: bytes | None) -> Snapshot:
    """The snapshot that a note holds; an empty one where there is none."""
    try:
        snapshot = _decode.decode(data) if data else Snapshot()
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Snapshot()
    return snapshot if are_inside(snapshot.made) else Snapshot()
