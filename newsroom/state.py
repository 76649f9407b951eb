"""One build: what was read, what is to be written, and what is remembered of both for the next one."""

from __future__ import annotations

import atexit
import gc
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment

from newsroom.articles.archive import Progress
from newsroom.build.cache import Cache
from newsroom.build.engine import Engine, read_snapshot
from newsroom.build.fingerprints import program
from newsroom.build.outputs import Snapshot
from newsroom.build.release import Changes, sweep
from newsroom.build.render import Renderer
from newsroom.build.summary import Summary
from newsroom.config import Config
from newsroom.errors import Problem
from newsroom.files import digest
from newsroom.fronts.addresses import root_of
from newsroom.fronts.relate import Found
from newsroom.fronts.templates import Templates
from newsroom.fronts.views import Output
from newsroom.site import Site, Sources

_SOURCES, _TEMPLATES = "sources", "templates"  # notes in the cache; for each output there are notes of its own
_MOST_TEMPLATES = 500  # how many texts of templates are spoken of


@dataclass
class State:
    """One build: the site as it was read, the engine that writes it, and where it is put together."""

    site: Site
    engine: Engine
    staging: Path
    progress: Progress
    base: bytes  # a digest of this program and the settings
    settings: frozenset[str]  # the names of what the settings hold
    alone: bool  # whether there is no other plugin, which could print what it likes
    templates: dict[str, str]  # what was found in the texts of templates, by their digest
    problem_of: Callable[[Exception], Problem]  # where a template fails
    environment: Environment | None = None  # in which all pages are rendered
    context: Mapping[str, Any] = field(default_factory=dict)  # Pelican's values for every page
    plan: Mapping[str, Output] = field(default_factory=dict)  # of what may have to be made; all of it, or some
    urls: Mapping[str, object] = field(default_factory=dict)  # every file of the output

    @cached_property
    def renderer(self) -> Renderer:
        """What renders the plan."""
        if self.environment is None:
            raise RuntimeError("nothing can be rendered before Pelican has made its environment")
        return Renderer(
            self.engine.found,
            self.engine.staging,
            _texts(self.environment),
            self.environment.get_template,
            self.context,
            lambda url: {"SITEURL": root_of(url), "output_file": url},
            self.problem_of,
            self.engine.whole,
            self.base,
            self.settings,
        )

    def decide(self) -> list[str]:
        """Plan no more than must be, and answer which files may have to be made."""
        engine, site = self.engine, self.site
        engine.look()
        rewritten = None if engine.missing() else engine.rewritten()
        if rewritten is not None and not (rewritten and (engine.open or engine.find_open(self.renderer))):
            self.plan, self.urls = site.rewritten(rewritten) if rewritten else {}, engine.before.made
            if self.plan.keys() <= self.urls.keys():
                return engine.outdated(self.plan)
        engine.open = engine.find_open(self.renderer)
        self.plan = self.urls = site.plan
        return engine.outdated(self.plan)

    def keep(self, related: bool) -> None:
        """Remember this build for the next one."""
        site, config, encode = self.site, self.site.config, msgspec.msgpack.encode
        notes = [(_SOURCES, encode(site.sources())), (_note("output", config), encode(self.engine.before))]
        if self.environment is not None:
            kept = {**self.templates, **_texts(self.environment).kept}
            notes.append((_TEMPLATES, encode(dict(list(kept.items())[-_MOST_TEMPLATES:]))))
        if related:
            notes.append((_note("related", config), encode((program(), site.relation.found))))
        site.cache.keep(notes)
        used = [each.version for each in site.archive.known.values()]
        used += site.library.used()
        site.cache.prune(used)
        site.cache.close()
        shutil.rmtree(self.staging, ignore_errors=True)
        atexit.unregister(shutil.rmtree)
        sweep(self.engine.output)

    def summary(self, changes: Changes, why: tuple[str, ...] = ()) -> Summary:
        """What the build did."""
        site, engine = self.site, self.engine
        read_files, rendered = site.archive.read, len(engine.results)
        return Summary(*self._counts, read_files, rendered, changes, engine.output, site.stages, why)

    @cached_property
    def _counts(self) -> tuple[int, int]:
        """Articles and pages, which a session's edits of texts do not change."""
        articles = sum(entry.kind == "articles" for entry in self.site.public.values())
        return articles, sum(name.endswith(".html") for name in self.engine.before.made)

    def warm(self) -> Iterator[None]:
        """Make what the next edit in this process needs, in small steps, while nobody waits for it. All that is in
        memory before and afterwards stays, and need not be looked through for garbage while somebody waits."""
        gc.freeze()
        for planned in self.site.relation.samples():
            self.renderer.rehearse(planned)
            yield
        self._counts, self.site.twins  # noqa: B018 - each looks at all files, and is kept
        yield from self.site.relation.warm()
        gc.freeze()


def _texts(environment: Environment) -> Templates:
    templates: Templates = environment.templates  # type: ignore[attr-defined]  # the fronts' adapter put it there
    return templates


def known_sources(cache: Cache) -> Sources:
    """What the last build knew of the source files."""
    return _decode(cache.note(_SOURCES), Sources) or Sources()


def known_templates(cache: Cache) -> dict[str, str]:
    """What the last builds found in the texts of templates."""
    return _decode(cache.note(_TEMPLATES), dict[str, str]) or {}


def known_output(cache: Cache, config: Config) -> Snapshot:
    """What the last build made of each file of this output."""
    return read_snapshot(cache.note(_note("output", config)))


def known_relation(cache: Cache, config: Config) -> Found | None:
    """What the last build found related, in the articles of then."""
    of, found = _decode(cache.note(_note("related", config)), tuple[bytes, Found]) or (b"", None)
    return found if of == program() else None


def _note(kind: str, config: Config) -> str:
    """The name of a note about this output; a preview's is another."""
    return f"{kind} {digest(str(config.output).encode())[:16]}"


def _decode(data: bytes | None, kind: type[Any]) -> Any:
    try:
        return msgspec.msgpack.decode(data, type=kind) if data else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
