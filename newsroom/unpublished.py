"""What of a site is not public, and what of it is: the wiring of the scan with what was read, without Pelican."""

from __future__ import annotations

import getpass
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from newsroom.articles.schema import AnyDocument, Entry
from newsroom.config import Config
from newsroom.fronts.addresses import places
from newsroom.fronts.interface import month_name
from newsroom.images.library import Library
from newsroom.images.plan import name as rendition_name
from newsroom.publish.addresses import addresses
from newsroom.publish.canaries import Secret
from newsroom.publish.scan import Rules
from newsroom.publish.targets.base import Limits
from newsroom.site import Site

# Fields that hold no words of a reporter's own: choices, addresses, names of files and ids.
_NO_WORDS = frozenset(
    "slug lang status type kind category template aliases save_as image focus licence url author authors blocks lead "
    "related retraction".split()
)
_SOURCE = re.compile(r'\{(?:filename|static)\}[^"]*')
_PROGRAM = Path(__file__).parent
_THEME_TEXTS = (".html", ".po", ".css", ".js", ".svg", ".toml", ".txt")


def release_rules(site: Site, limits: Iterable[Limits] = (), published: Iterable[str] = ()) -> Rules:
    """What a release of the site is looked through for; `published` are addresses that readers know already."""
    public = site.archive.public(site.config.now, drafts=False)
    known = frozenset((*addresses(published), *gone(site)))
    secrets = [*_secrets(site, public, known), *_unread(site)]
    return Rules(
        site=site.config.url,
        secrets=tuple(secrets),
        public=lambda: _public_texts(site, public),
        published=known,
        private=tuple(_private(site.config)),
        limits=tuple(limits),
    )


def gone(site: Site) -> list[str]:
    """The pages that only tell of a retraction: servers that can say so answer them with the status 410."""
    return sorted(place for entry in site.retracted for place in places(entry.url, entry.aliases))


def _secrets(site: Site, public: Mapping[str, Entry], published: frozenset[str]) -> Iterator[Secret]:
    known = {each for entry in public.values() for each in _names(entry, site.library)}
    told = known | {part for address in published for part in address.split("/")}
    topics = {slug for entry in public.values() for slug, _ in _lists(entry)}
    for entry in site.archive.entries.values():
        if entry.source in public:
            continue
        document = site.load(entry)
        called = [entry.title, *(name for slug, name in _lists(entry) if slug not in topics)]
        names = {*_names(entry, site.library), *(slug for slug, _ in _lists(entry) if slug not in topics)}
        names -= known if entry.status == "retracted" else told
        names = {each for each in names if _is_telling(each)}
        body = _SOURCE.sub("", document.body.html)  # public files are no secret for being linked from one
        texts = (body, *written_texts(document))  # a retraction's notice is not among them
        yield Secret(document.path, texts, tuple(filter(None, called)), tuple(sorted(names)))


def _is_telling(name: str) -> bool:
    """Whether a name is more than one word, which any text may hold: `flood-report`, `flood.html`, but not `flood`."""
    return any(not letter.isalpha() for letter in name) and len(name) > 4


def _unread(site: Site) -> Iterator[Secret]:
    """Drafts that cannot be read yet: all that stands in their files is theirs."""
    folder = site.config.content
    for source in sorted(site.archive.unread):
        text = (folder / source).read_bytes().decode("utf-8", "replace")
        yield Secret(f"{folder.name}/{source}", (text,), names=(posixpath.basename(source),))


def _names(entry: Entry, library: Library) -> Iterator[str]:
    """Names by which a document could be known in the output: of its file, its pages and its pictures."""
    yield from (entry.slug, f"{entry.slug}.html", f"{entry.slug}.png", posixpath.basename(entry.source))
    for address in (entry.url, *entry.aliases):
        yield from (part for part in address.split("/")[-1:] if part != "index.html")
    for source in entry.images:
        yield posixpath.basename(source)
        known = library.known.get(source)
        for _, files in known.made if known else ():
            yield from (posixpath.basename(rendition_name(each.digest.hex(), each.form)) for each in files)


def _lists(entry: Entry) -> list[tuple[str, str]]:
    """The topics and the series of an article, each by its slug."""
    return [*entry.topics, *([(entry.series.slug, entry.series.name)] if entry.series else [])]


def written_texts(document: AnyDocument) -> Iterator[str]:
    """Every text of the front matter that a reporter wrote in words."""
    return _texts(document.fields.model_dump(exclude_none=True))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in _NO_WORDS:
                yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _public_texts(site: Site, public: Mapping[str, Entry]) -> Iterator[str]:
    """All texts whose words anybody may read: the theme's and the program's own, the settings, public documents."""
    config, theme = site.config, site.config.theme
    yield " ".join(path.name for path in sorted(theme.rglob("*")))
    for path in (*sorted(theme.rglob("*")), *sorted(_PROGRAM.rglob("*.py"))):
        if path.suffix in (*_THEME_TEXTS, ".py") and path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")
    yield from _texts([config.name, config.url, *config.newsroom.model_dump().values()])
    yield from (entry.retraction[1] for entry in site.retracted if entry.retraction)
    yield from (month_name(2000, month, lang) for lang in config.languages for month in range(1, 13))
    for entry in public.values():
        document = site.load(entry)
        yield document.body.html
        yield from written_texts(document)


def _private(config: Config) -> Iterator[str]:
    """What only this computer knows: where the project and its user's files lie."""
    yield str(config.content.parent.resolve())
    calls: tuple[Callable[[], object], ...] = (Path.home, getpass.getuser)
    home, user = map(_answer, calls)
    if len(home) > 1:
        yield f"{home}/"
    if user:
        yield from (f"/home/{user}/", f"/Users/{user}/", f"\\Users\\{user}\\")


def _answer(call: Callable[[], object]) -> str:
    try:
        return str(call())
    except (OSError, RuntimeError, KeyError):  # a computer without users, as containers may be
        return ""
