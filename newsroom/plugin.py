"""The wiring: what happens in a build, in order. Read this and you know the whole program."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.generators import Generator
from pelican.readers import Readers

from newsroom.articles.archive import Archive, Progress, read_archive
from newsroom.articles.body import locate
from newsroom.articles.fieldtypes import Facts
from newsroom.articles.links import finish
from newsroom.articles.markdown import polish_text
from newsroom.articles.plugin import install_reader
from newsroom.articles.reader import Layout
from newsroom.articles.rules import check_archive, pictures
from newsroom.articles.schema import AnyDocument, ArticleFields, Picture
from newsroom.build.log import ErrorLog
from newsroom.build.release import release, stage
from newsroom.build.summary import Summary
from newsroom.build.writer import make_writer
from newsroom.config import FRESH, PROGRESS, STATE, SUMMARY, Config, read_config
from newsroom.errors import BuildFailed, Problem
from newsroom.fronts.clashes import find_clashes
from newsroom.fronts.plugin import (
    JINJA_ENVIRONMENT,
    make_generator,
    prepare_environment,
    rendering_problem,
    template_problems,
)
from newsroom.fronts.relate import Handed, Plan, make_editions, relate
from newsroom.fronts.stylesheet import bundle
from newsroom.images.library import Library
from newsroom.images.plan import MEDIA_TYPES
from newsroom.images.render import measure

# Pelican's own listings scan lists, its feeds know no authors' pages, its static files keep photos' GPS, and its
# translations vanish from listings: our rooms do these, so Pelican's parts that would are off.
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
    "ARTICLE_PATHS": ["articles"],
    "PAGE_PATHS": ["pages"],
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


@dataclass
class State:
    """One build: what was read, what will be written, and where it is put together."""

    config: Config
    public: Archive
    plan: Plan
    files: dict[str, bytes]
    progress: Progress
    notes: list[str]


def register() -> None:
    """Connect the rooms to Pelican. Safe to call again: a receiver is connected once."""
    signals.initialized.connect(prepare)  # read, check and relate: all problems, before anything is written
    signals.readers_init.connect(read)  # Pelican gets our documents, and no other reader's
    signals.generator_init.connect(prepare_environment)  # strict templates from our theme only
    signals.article_generator_finalized.connect(drop_listings)  # Pelican's, which scan lists for every member
    signals.get_generators.connect(front)  # listings, feeds, sitemaps, pictures, style sheet
    signals.get_writer.connect(write)  # every page is rendered with the values planned for it
    signals.finalized.connect(publish)  # the finished build takes the last one's place


def prepare(pelican: Pelican) -> None:
    """Read everything, and stop with every problem there is."""
    settings = pelican.settings
    settings.update(OWNED)
    pelican.delete_outputdir = False
    config = read_config(settings, os.environ)
    problems = [*errors.take(), *_theme_problems(config)]
    if problems:
        raise BuildFailed(problems)
    state = _plan(config, settings.get(PROGRESS, lambda *_: None))
    settings[STATE] = state
    staging = str(stage(config.output))
    settings["OUTPUT_PATH"] = pelican.output_path = staging
    atexit.register(shutil.rmtree, staging, ignore_errors=True)  # whatever stops the build


def _plan(config: Config, progress: Progress) -> State:
    """Read, check and relate. Raises BuildFailed with every problem of every file."""
    default = config.languages[0]
    sections = {names[default]: key for key, names in config.newsroom.sections.items()}
    facts = Facts(config.timezone, config.languages, sections)
    layout = Layout(config.content.name, config.article_url, config.page_url)
    archive = read_archive(config.content, facts, layout, progress)
    drafts = config.newsroom.drafts
    public = archive.public(config.now, drafts)
    documents = public.documents.values()
    library = Library(config.content)
    editions = make_editions(documents, config)
    archive.problems += check_archive(archive, default, config.now, drafts, library.fault)
    archive.problems += find_clashes(archive.documents.values(), editions, config)
    blocking = [each for each in archive.problems if drafts or each.path not in archive.drafts]
    if blocking:
        raise BuildFailed(blocking)
    files, handed = _theme_files(config, library)
    plan = relate(documents, editions, config, handed)
    for source in sorted({each.target for document in documents for each in pictures(document)}):
        files[library.picture(source).url] = library.rendition(source)
    notes = [f"note: {each}" for each in archive.problems]
    if config.newsroom.production:
        notes += [f"warning: {each} is still an example; set it in pelicanconf.py" for each in config.examples()]
    return State(config, public, plan, {**plan.files, **files}, progress, notes)


def _theme_files(config: Config, library: Library) -> tuple[dict[str, bytes], Handed]:
    """The theme's files in the output, and what the fronts room needs of the other rooms."""
    name, css = bundle(config.theme)
    files = {f"{config.static}/{name}": css}
    static = config.theme / "static"
    for path in sorted(static.rglob("*")):
        if path.is_file() and path.suffix != ".css":
            files[f"{config.static}/{path.relative_to(static).as_posix()}"] = path.read_bytes()
    logo = f"{config.static}/{config.newsroom.logo}"
    try:
        (width, height), form = measure(files[logo])
    except ValueError as error:
        message, _, remedy = str(error).partition("; ")
        raise BuildFailed([Problem(f"{config.theme.name}/static/{config.newsroom.logo}", 1, message, remedy)]) from None
    shown = Picture(logo, width, height, MEDIA_TYPES[form][0])
    return files, Handed(finish, locate, polish_text, library.picture, shown, f"{config.static}/{name}")


def _theme_problems(config: Config) -> list[Problem]:
    wanted = ["static/css/main.css", f"static/{config.newsroom.logo}", f"static/{config.newsroom.icon}"]
    theme = config.theme
    missing = [
        Problem(f"{theme.name}/{name}", 1, "the theme's file is missing", "add it, or correct the setting")
        for name in wanted
        if not (theme / name).is_file()
    ]
    return [*missing, *template_problems(theme)]


def read(readers: Readers) -> None:
    """Hand Pelican's generators the documents that are public, finished."""
    state: State = readers.settings[STATE]

    def lookup(path: str) -> tuple[AnyDocument, str, list[str]] | None:
        source = Path(path).relative_to(state.config.content).as_posix()
        document = state.public.documents.get(source)
        if document is None:
            return None
        values = state.plan.pages[document.url].values
        view = values["article" if isinstance(document.fields, ArticleFields) else "page"]
        return document, str(view.body), [name.name for name in getattr(view, "authors", ())]

    install_reader(readers, lookup)


def drop_listings(generator: Generator) -> None:
    """Our fronts list articles; Pelican's settings can stop it writing its lists, but not computing them."""
    generator.tags, generator.categories, generator.authors = {}, [], []


def front(pelican: Pelican) -> type[Generator]:
    """What Pelican's own generators for articles and pages do not write."""
    state: State = pelican.settings[STATE]
    own = {document.url for document in state.public.documents.values()}
    pages = [(url, page.template) for url, page in state.plan.pages.items() if url not in own]
    return make_generator(pages, state.files.items())


def write(pelican: Pelican) -> type[Any]:
    """Pages get the values planned for them, whoever has them written."""
    state: State = pelican.settings[STATE]
    written: set[str] = set()

    def values(url: str) -> Mapping[str, Any]:
        return state.plan.pages[url].values

    def told(url: str) -> None:
        written.add(url)
        state.progress("Writing", len(written), len(state.plan.pages))

    return make_writer(values, told, lambda error: rendering_problem(error, state.config.theme))


def publish(pelican: Pelican) -> None:
    """Put the finished build in the place of the last one, if Pelican logged no error on the way."""
    state: State = pelican.settings[STATE]
    if problems := errors.take():
        raise BuildFailed(problems)
    changes = release(Path(pelican.output_path), state.config.output, bool(pelican.settings.get(FRESH)))
    articles, pages = len(state.public.articles()), len(state.plan.pages)
    pelican.settings[SUMMARY] = Summary(articles, pages, changes, state.config.output)
    shutil.rmtree(pelican.output_path, ignore_errors=True)
    for note in state.notes:
        logger.warning(note)
