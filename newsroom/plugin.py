"""The wiring: what happens in a build, in order. Read this and you know the whole program."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.generators import ArticlesGenerator, Generator, PagesGenerator
from pelican.readers import Readers

from newsroom.articles.khmer import breakable
from newsroom.articles.latin import latin_language
from newsroom.articles.plugin import Lookup, contents, install_reader
from newsroom.articles.schema import AnyDocument
from newsroom.build.cache import Cache
from newsroom.build.engine import Engine
from newsroom.build.explain import reasons
from newsroom.build.fingerprints import program, settings_digest, theme_digests
from newsroom.build.log import ErrorLog
from newsroom.build.release import lock, stage, unlock
from newsroom.build.summary import Found, Stages
from newsroom.build.workers import Workers, make_workers
from newsroom.build.writer import make_writer
from newsroom.config import CACHE, CHECK, EXPLAIN, FRESH, PROGRESS, STATE, SUMMARY, Config, read_config
from newsroom.errors import BuildFailed
from newsroom.fronts.cards import digest_of
from newsroom.fronts.plugin import (
    JINJA_ENVIRONMENT,
    PlanGenerator,
    prepare_environment,
    rendering_problem,
    template_problems,
)
from newsroom.site import Site, read_site, theme_problems
from newsroom.state import State, known_output, known_relation, known_sources, known_templates

# Pelican's own listings scan lists, its feeds know no authors' pages, its static files keep photos' GPS, and its
# translations vanish from listings: our rooms do these, so Pelican's parts that would are off. Its generators would
# read every source at every build: they get no paths, and lists that are filled when somebody looks.
OWNED: dict[str, Any] = {
    "JINJA_ENVIRONMENT": JINJA_ENVIRONMENT,
    "DIRECT_TEMPLATES": [],
    "ARTICLE_TRANSLATION_ID": None,
    "PAGE_TRANSLATION_ID": None,
    "RELATIVE_URLS": True,
    "TYPOGRIFY": False,
    "CACHE_CONTENT": False,
    "LOAD_CONTENT_CACHE": False,
    "WITH_FUTURE_DATES": True,
    "DELETE_OUTPUT_DIRECTORY": False,
    "OUTPUT_SOURCES": False,
    "STATIC_PATHS": [],
    "THEME_STATIC_PATHS": [],
    "ARTICLE_PATHS": [],
    "PAGE_PATHS": [],
    **{f"{name}_SAVE_AS": "" for name in ("AUTHOR", "CATEGORY", "TAG", "YEAR_ARCHIVE", "MONTH_ARCHIVE", "DAY_ARCHIVE")},
    **{
        f"{name}_{form}": None
        for name in ("FEED", "FEED_ALL", "CATEGORY_FEED", "AUTHOR_FEED", "TAG_FEED", "TRANSLATION_FEED")
        for form in ("ATOM", "RSS")
    },
}

logger = logging.getLogger(__name__)
errors = ErrorLog()
errors.attach()  # on import: a plugin that fails to load is logged before any signal is sent

CACHE_FILE = ".cache/build.sqlite"  # beside the content folder
_remembers = False


def register() -> None:
    """Connect the rooms to Pelican. Safe to call again: a receiver is connected once."""
    remember()  # the engine: only what changed, on all cores. Without this line builds are clean, with the same bytes
    signals.initialized.connect(prepare)  # read and check: all problems, before anything is written
    signals.readers_init.connect(read)  # Pelican gets our documents, and no other reader's
    signals.generator_init.connect(prepare_templates)  # strict templates from our theme only
    signals.article_generator_finalized.connect(show_articles)  # Pelican's lists, filled when somebody looks
    signals.page_generator_finalized.connect(show_pages)
    signals.get_generators.connect(front)  # one generator has every file of the plan written
    signals.get_writer.connect(write)  # what is out of date is rendered
    signals.finalized.connect(publish)  # the finished build takes the last one's place


def remember() -> None:
    """Let builds keep and use a cache, and work in several processes."""
    global _remembers
    _remembers = True


def prepare(pelican: Pelican) -> None:
    """Read everything, and stop with every problem there is."""
    settings = pelican.settings
    settings.update(OWNED)
    pelican.delete_outputdir = False
    config = read_config(settings, os.environ)
    shown = partial(breakable, latin=latin_language(config.languages))
    settings["JINJA_FILTERS"] = {**settings.get("JINJA_FILTERS", {}), "breakable": shown}
    workers = make_workers(os.environ) if _remembers else Workers(1)
    lock(config.output.parent)
    staging = stage(config.output)
    atexit.register(shutil.rmtree, staging, ignore_errors=True)  # whatever stops the build
    cached = _remembers and settings.get(CACHE, True)
    cache = Cache(config.content.parent / CACHE_FILE if cached else staging / "cache.sqlite")
    settings["OUTPUT_PATH"] = pelican.output_path = str(staging / "files")
    over = True  # unless a build goes on from here
    try:
        settings[STATE] = _begin(config, settings, workers, cache, staging)
        over = CHECK in settings
    finally:
        if over:
            cache.close()
            unlock(config.output.parent)


def _begin(config: Config, settings: dict[str, Any], workers: Workers, cache: Cache, staging: Path) -> State:
    """Read the site and check what changed of it. Raises BuildFailed with every problem of every file."""
    theme = theme_digests(config.theme)
    before = known_output(cache, config)
    base = digest_of(program(), settings_digest(settings, config.content.parent))
    ground = digest_of(base, list(theme.items()))
    found: Found | None = settings.get(CHECK)  # the site is looked at, all of it, and nothing is made
    problems = errors.take()
    if ground != before.ground:
        problems += [*theme_problems(config), *template_problems(config.theme, settings)]
    if problems and found is None:
        raise BuildFailed(problems)
    stages, progress = Stages(), settings.get(PROGRESS, _silent)
    site = read_site(config, ground, cache, known_sources(cache), workers, progress, stages)
    files = staging / "files"
    engine = Engine(config.output, files, cache, workers, site.frame, site.texts, ground, theme, before)
    if before.ground == ground:
        engine.open = frozenset(before.open)
    if found is None and engine.rewritten() is not None:
        site.notes = list(before.notes)
    else:
        with stages("check"):
            problems += site.check(every_note=found is not None)
    if found is not None:
        found.articles, found.notes = site.archive.counted("articles"), site.notes
    if problems:
        raise BuildFailed(problems)
    if found is None:
        site.make_pictures(progress)
    site.before = partial(known_relation, cache, config)
    alone = len(settings["PLUGINS"]) == 1
    templates, problem_of = known_templates(cache), partial(rendering_problem, theme=config.theme)
    return State(site, engine, staging, progress, base, frozenset(settings), alone, templates, problem_of)


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total


def prepare_templates(generator: Generator) -> None:
    """Every generator's environment; what was found in templates' texts is remembered."""
    prepare_environment(generator, generator.settings[STATE].templates)


def read(readers: Readers) -> None:
    """Hand Pelican's generators the documents that are public, finished."""
    install_reader(readers, _lookup(readers.settings[STATE].site))


def _lookup(site: Site) -> Lookup:
    def lookup(path: str) -> tuple[AnyDocument, str, list[str]] | None:
        entry = site.public.get(Path(path).relative_to(site.config.content).as_posix())
        if entry is None:
            return None
        made = site.plan[entry.url].make()
        if isinstance(made, bytes):
            raise TypeError(f"{entry.url} is no page")
        view = made["article" if entry.kind == "articles" else "page"]
        return site.load(entry), str(view.body), [name.name for name in getattr(view, "authors", ())]

    return lookup


def show_articles(generator: ArticlesGenerator) -> None:
    """Pelican's article generator has all public articles, newest first, for other plugins."""
    site: Site = generator.settings[STATE].site
    newest = [each.source for each in reversed(site.archive.articles()) if each.source in site.public]
    generator.articles = generator.context["articles"] = contents(generator, newest, "article")


def show_pages(generator: PagesGenerator) -> None:
    """The same of its page generator."""
    site: Site = generator.settings[STATE].site
    sources = sorted(source for source, entry in site.public.items() if entry.kind == "pages")
    generator.pages = generator.context["pages"] = contents(generator, sources, "page")


def front(pelican: Pelican) -> type[Generator]:
    """The generator that has every file written."""
    del pelican
    return PlanGenerator


def write(pelican: Pelican) -> type[Any]:
    """The writer that renders what is out of date, and tells Pelican of every page as if it had written it."""
    state: State = pelican.settings[STATE]
    return make_writer(partial(_render, state), state.problem_of)


def _render(state: State, generator: Generator) -> Iterator[tuple[str, str]]:
    """Render what is out of date; yields every file with the path where it lies."""
    site, engine = state.site, state.engine
    state.environment, state.context = generator.env, generator.context
    with site.stages("compare"):
        urls = state.decide()
    if urls:
        with site.stages("write"):
            engine.render(state.renderer, state.plan, urls, state.progress)
    state.progress("Writing", len(urls), len(urls))
    staging, output = str(engine.staging), str(engine.output)
    for url in state.urls:
        result = engine.results.get(url)
        yield url, f"{staging if result and result.written else output}/{url}"


def publish(pelican: Pelican) -> None:
    """Put the finished build in the place of the last one, if Pelican logged no error on the way."""
    settings = pelican.settings
    state: State = settings[STATE]
    site, engine = state.site, state.engine
    if problems := errors.take():
        raise BuildFailed(problems)
    with site.stages("release"):
        changes = engine.release(state.urls, bool(settings.get(FRESH)))
    try:
        with site.stages("keep"):
            why = tuple(reasons(engine, state.urls, settings.get(EXPLAIN)))
            engine.remember(state.urls, state.plan, tuple(site.notes))
            state.keep(related=state.urls is state.plan)
        settings[SUMMARY] = state.summary(changes, why)
        unlock(engine.output.parent)
        for note in site.notes:
            logger.warning(note)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("the output is new") from None
