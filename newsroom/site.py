"""One build of the site, from its sources to the plan of its output: the wiring of the rooms, without Pelican.

Nothing that an earlier build found out is found out again: files whose signature is known are not read, readings and
pictures are recalled from the cache, and where all of it is as it was, the site is neither checked nor related.
"""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, field
from functools import cached_property, lru_cache, partial
from itertools import islice
from typing import TypeVar

import msgspec

from newsroom.articles.archive import Archive, Known, Memory, Progress, is_due, read_archive
from newsroom.articles.fieldtypes import Facts
from newsroom.articles.latin import latin_language
from newsroom.articles.links import finish
from newsroom.articles.markdown import polish_text
from newsroom.articles.reader import LARGEST, Layout, read
from newsroom.articles.rules import check_archive, told_by_pictures
from newsroom.articles.schema import AnyDocument, Entry, Picture
from newsroom.articles.stored import Light, decode_document, decode_light, read_batch, recalled
from newsroom.articles.twins import Twins
from newsroom.build.cache import Cache
from newsroom.build.fingerprints import program
from newsroom.build.summary import Stages
from newsroom.build.workers import Workers
from newsroom.config import Config
from newsroom.errors import BuildFailed, Problem
from newsroom.files import digest, settled, signature, version_of
from newsroom.fronts.cards import digest_of, years_since
from newsroom.fronts.clashes import find_clashes
from newsroom.fronts.edition import Edition
from newsroom.fronts.relate import Found, Handed, Relation, make_editions, relate
from newsroom.fronts.scripts import bundle_scripts
from newsroom.fronts.sitemapfiles import NEWS_AGE
from newsroom.fronts.stylesheet import bundle
from newsroom.fronts.views import Output
from newsroom.images.library import KnownPicture, Library, PictureMemory
from newsroom.images.plan import MEDIA_TYPES, Order
from newsroom.images.render import measure
from newsroom.images.slots import read_slots
from newsroom.images.socialcard import design_faults
from newsroom.pictures import social_cards, wanted_pictures
from newsroom.publish.addresses import LEDGER, read_addresses

Kept = TypeVar("Kept", Known, KnownPicture)
_MOST_NOTES = 20  # of what pictures say themselves
_AT_HAND = 256  # documents that are kept in memory with their texts


class Sources(msgspec.Struct, array_like=True):
    """What is known of source files; `salt` stands for what reads them."""

    salt: bytes = b""
    articles: dict[str, Known] = msgspec.field(default_factory=dict)
    pictures: dict[str, KnownPicture] = msgspec.field(default_factory=dict)


@dataclass
class Site:
    """What was read, and the plan of what is to be written."""

    config: Config
    facts: Facts
    layout: Layout
    salt: bytes
    ground: bytes
    cache: Cache
    stages: Stages
    archive: Archive
    library: Library
    public: dict[str, Entry]
    retracted: list[Entry]
    promised: tuple[str, ...]  # addresses that readers know
    workers: Workers
    before: Callable[[], Found | None] = lambda: None  # answers what the last build found related
    notes: list[str] = field(default_factory=list)

    @cached_property
    def frame(self) -> bytes:
        """A digest of everything that the plan depends on besides the texts of public articles: while it stays, so does
        what the checks find, and the plan of whatever prints no text."""
        bare = {each.source: msgspec.structs.replace(each, version=b"") for each in self._texts}
        entries = sorted({**self.archive.entries, **bare}.values(), key=lambda each: each.source)
        unread = [(source, known.version) for source, known in self.archive.known.items() if known.light.entry is None]
        return digest_of(self._around, entries, sorted(unread))

    @cached_property
    def texts(self) -> tuple[bytes, ...]:
        """What changes with the text of each public article, and with its age in years."""
        now = self.config.now.timestamp()
        return tuple(each.version + bytes([years_since(each.date, now) % 256]) for each in self._texts)

    @cached_property
    def _texts(self) -> list[Entry]:
        articles = (each for each in self.public.values() if each.kind == "articles")
        return sorted(articles, key=lambda each: each.source)

    @cached_property
    def _around(self) -> bytes:
        """A digest of what the plan depends on besides the documents."""
        now, archive = self.config.now.timestamp(), self.archive
        recent = [entry.url for entry in self.public.values() if entry.date >= now - NEWS_AGE.total_seconds()]
        due = [source for source, entry in self.public.items() if is_due(entry, now)]
        found = [str(problem) for problem in archive.problems]
        used = sorted({each for entry in archive.entries.values() for each in entry.images if each in archive.files})
        pictures = [(source, self.library.version(source)) for source in used]
        kept = [*self.promised, *(each.source for each in self.retracted)]
        return digest_of(self.ground, sorted(archive.files), pictures, sorted(self.public), kept, due, recent, found)

    def load(self, entry: Entry) -> AnyDocument:
        """The whole document of an entry; the last ones that were asked for stay at hand."""
        return self._at_hand(entry.source, entry.version)

    @cached_property
    def _at_hand(self) -> Callable[[str, bytes], AnyDocument]:
        return lru_cache(_AT_HAND)(self._load)

    def _load(self, source: str, version: bytes) -> AnyDocument:
        if row := self.cache.recall(version):
            with contextlib.suppress(msgspec.MsgspecError, ValueError, KeyError, TypeError, RecursionError):  # no row
                return decode_document(row, self.layout, self.facts)
        try:
            data = (self.config.content / source).read_bytes()
        except OSError:
            data = b""
        document = read(data, source, self.facts, self.layout).document
        if document is None or version_of(self.salt, source, data) != version:
            raise BuildFailed([_changed_meanwhile(f"{self.layout.folder}/{source}")])
        return document

    def rewritten(self, places: Iterable[int]) -> dict[str, Output]:
        """The plan of what prints the texts of these articles, by their places in `texts`."""
        with self.stages("relate"):
            return {output.url: output for output in self.relation.printing([self._texts[at] for at in places])}

    def reprint(self, source: str) -> list[Output] | None:
        """Read one article again; if no more than headline, summary and text changed, plan what prints them, which may
        be as it was. None where more changed."""
        known = self.archive.known.get(source)
        entry = known.light.entry if known else None
        path = self.config.content / source
        try:
            seen, data = settled(signature(path.stat()), time.time_ns()), path.read_bytes()
            twin = self.twins.follow(source, path)
        except OSError:
            return None
        if entry is None or entry.kind != "articles" or known is None or len(data) > LARGEST or twin:
            return None
        relation, version = self.relation, version_of(self.salt, source, data)  # related as it was before this edit
        light = recalled(self.cache.recall(version), source)
        if light is None:
            (row,) = read_batch([(source, version, data)], self.facts, self.layout)
            self.cache.store([(version, row)])
            light = decode_light(row)
        new = light.entry
        if new is None:
            return None
        if msgspec.structs.replace(new, version=entry.version, title=entry.title, summary=entry.summary) != entry:
            return None
        named = (new.title, new.summary) != (entry.title, entry.summary)
        for name in ("version", "title", "summary"):  # every list holds this one entry, and knows what changes of it
            msgspec.structs.force_setattr(entry, name, getattr(new, name))
        self.archive.files[source] = seen
        self.archive.known[source] = Known(seen, version, Light(entry, light.problems, light.draft))
        if source not in self.public:
            return []
        return list(relation.naming(entry) if named else relation.printing([entry]))

    @cached_property
    def twins(self) -> Twins:
        """The sources that are one file on the disk."""
        return Twins(self.archive.files)

    def check(self, every_note: bool = False) -> list[Problem]:
        """Every problem that stops a build: those that reading found, and those that no file shows by itself. What else
        there is to say becomes notes; of what pictures say themselves the first ones, unless `every_note` is wanted."""
        config, archive = self.config, self.archive
        drafts = config.newsroom.drafts
        problems = list(archive.problems)
        fault, words = self.library.fault, self.library.words
        problems += check_archive(archive, config.now, drafts, fault, words, self.load)
        problems += find_clashes(archive.entries.values(), self.editions, config, self.load)
        blocking = [each for each in problems if drafts or each.path not in archive.drafts]
        self.notes = [f"note: {each}" for each in problems if not drafts and each.path in archive.drafts]
        told = told_by_pictures(self.public.values(), words, self.load)
        self.notes += [f"note: {each}" for each in (told if every_note else islice(told, _MOST_NOTES))]
        if next(told, None):
            self.notes.append("note: more pictures say something of themselves; 'python3 tasks.py check' names them")
        if config.newsroom.production:
            self.notes += [
                f"warning: {each} is still an example; set it in pelicanconf.py" for each in config.examples()
            ]
        return blocking

    @cached_property
    def wanted(self) -> dict[str, set[Order]]:
        """What pages will ask of the pictures that documents show."""
        return wanted_pictures(self.archive, self.public, self.library.slots)

    def make_pictures(self, progress: Progress) -> None:
        """Make what pages will ask for, once the check found nothing wrong."""
        with self.stages("pictures"):
            self.library.prepare(self.wanted, progress)
        changed = [source for source, orders in self.wanted.items() if orders and self.library.fault(source)]
        if changed:
            folder = self.config.content.name
            raise BuildFailed([_changed_meanwhile(f"{folder}/{source}") for source in changed])

    @cached_property
    def editions(self) -> dict[str, Edition]:
        """The public documents by language."""
        return make_editions(self.public.values(), self.retracted, self.config)

    @cached_property
    def plan(self) -> dict[str, Output]:
        """Every file of the output."""
        with self.stages("relate"), _uncollected():
            files = self._theme_files[0]
            plan = self.relation.plan()  # asks for the pictures that pages show
            return plan | {output.url: output for output in (*files, *self._pictures())}

    @cached_property
    def relation(self) -> Relation:
        """What the plan is made with, for the whole site or for what prints some articles."""
        with self.stages("relate"), _uncollected():
            _, stylesheet, script, verifier, logo = self._theme_files
            library, run = self.library, self.workers.near
            handed = Handed(
                self.load,
                partial(finish, latin=latin_language(self.config.languages)),
                polish_text,
                library.picture,
                library.words,
                social_cards(self.config, self.cache),
                run,
                logo,
                stylesheet,
                script,
                verifier,
                self.ground,
            )
            public, editions = self.public.values(), self.editions
            return relate(public, self.retracted, self.promised, editions, self.config, handed, self.before())

    @cached_property
    def _theme_files(self) -> tuple[list[Output], str, str, str, Picture]:
        return _theme_files(self.config)

    def _pictures(self) -> Iterator[Output]:
        for url, version, make in self.library.published():
            yield Output(url, "", version, make)

    def sources(self) -> Sources:
        """What to remember of the source files."""
        seen = self.archive.seen
        articles = {name: _settled(each, seen) for name, each in self.archive.known.items()}
        return Sources(self.salt, articles, {name: _settled(each, seen) for name, each in self.library.kept().items()})


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """What is made meanwhile stays: to look through it for garbage again and again takes a third of the time at 100,000
    articles."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _settled(known: Kept, seen: int) -> Kept:
    """What is known of a file, without a signature that it could share with its next version."""
    return known if settled(known.signature, seen) else msgspec.structs.replace(known, signature=())


def read_site(
    config: Config,
    ground: bytes,
    cache: Cache,
    known: Sources,
    workers: Workers,
    progress: Progress,
    stages: Stages,
) -> Site:
    """Read whatever of the sources is not `known`, and look at the pictures; none is made yet."""
    default = config.languages[0]
    sections = {names[default]: key for key, names in config.newsroom.sections.items()}
    facts = Facts(config.timezone, config.languages, sections)
    layout = Layout(config.content.name, config.article_url, config.page_url)
    salt = digest_of(program(), str(config.timezone), config.languages, sections, astuple(layout))
    if known.salt != salt:
        known = Sources(salt)
    with stages("read"), _uncollected():
        memory = Memory(salt, known.articles, cache.recall, cache.store, workers.run)
        archive = read_archive(config.content, facts, layout, memory, progress)
    remembered = PictureMemory(known.pictures, cache.recall, cache.store, workers.run)
    library = Library(config.content, archive.files, read_slots(config.theme), remembered)
    public = archive.public(config.now, config.newsroom.drafts)
    retracted, promised = archive.retracted(config.now), _promised(config)
    site = Site(
        config, facts, layout, salt, ground, cache, stages, archive, library, public, retracted, promised, workers
    )
    with stages("pictures"):
        library.look(site.wanted, progress)
    return site


def _changed_meanwhile(path: str) -> Problem:
    return Problem(path, 1, "was changed while the site was built", "build again")


def _promised(config: Config) -> tuple[str, ...]:
    """The addresses of the ledger, in order."""
    try:
        return tuple(sorted(read_addresses((config.content / LEDGER).read_text(encoding="utf-8"))))
    except (OSError, ValueError):
        return ()


def theme_problems(config: Config) -> Iterator[Problem]:
    """Files that every theme must have and this one has not, or which cannot be used."""
    theme = config.theme
    for name in ("static/css/main.css", f"static/{config.newsroom.logo}", f"static/{config.newsroom.icon}"):
        if not (theme / name).is_file():
            message = "the theme's file is missing"
            yield Problem(f"{theme.name}/{name}", 1, message, "add it, or correct the setting")
    for name, message in design_faults(theme) if config.newsroom.social_cards else ():
        yield Problem(f"{theme.name}/{name}", 1, message, "see the newsroom's own theme")


def _theme_files(config: Config) -> tuple[list[Output], str, str, str, Picture]:
    """The theme's files in the output; the names of the style sheet, of the script and of that which checks a copy; the
    logo as it is published."""
    checking = bundle_scripts(config.theme, "verify", "verify", apart=False)
    reading = bundle_scripts(config.theme)
    found = bundle(config.theme), reading[:2], checking[:2] if config.newsroom.root_key else ("", b"")
    made = [(f"{config.static}/{name}" if name else "", data) for name, data in found]
    files = {name: data for name, data in made if name}
    parts = reading[2] | checking[2]
    static = config.theme / "static"
    for path in sorted(static.rglob("*")):
        if path.is_file() and path.suffix != ".css" and path not in parts:
            files[f"{config.static}/{path.relative_to(static).as_posix()}"] = path.read_bytes()
    logo = f"{config.static}/{config.newsroom.logo}"
    try:
        (width, height), form = measure(files[logo])
    except ValueError as error:
        message, _, remedy = str(error).partition("; ")
        raise BuildFailed([Problem(f"{config.theme.name}/static/{config.newsroom.logo}", 1, message, remedy)]) from None
    outputs = [Output(url, "", bytes.fromhex(digest(data)), partial(bytes, data)) for url, data in files.items()]
    (stylesheet, _), (script, _), (verifier, _) = made
    return outputs, stylesheet, script, verifier, Picture(logo, width, height, MEDIA_TYPES[form][0])
