"""Relating: from the entries of the archive to the plan of every file of the output.

Nothing is made here: the plan says of each file what it depends on, and holds what will make it. All of it is linear
in the number of entries, so that it can be done again after every edit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import msgspec

from newsroom.articles.schema import AnyDocument, Entry, Picture
from newsroom.config import Config
from newsroom.fronts import addresses
from newsroom.fronts.blocked import blocked_page
from newsroom.fronts.cards import Tools, Views
from newsroom.fronts.documentpages import (
    article_page,
    document_pages,
    neighbours,
    not_found_page,
    redirect_page,
    retraction_pages,
    social_card,
)
from newsroom.fronts.edition import Edition, make_edition
from newsroom.fronts.feeds import FORMS, content, make_feed
from newsroom.fronts.feeds import Entry as FeedEntry
from newsroom.fronts.interface import Words, read_catalog
from newsroom.fronts.listpages import list_pages
from newsroom.fronts.offline import worker_file
from newsroom.fronts.promised import vanished_lists
from newsroom.fronts.related import Index, Related, Run, Subject
from newsroom.fronts.related import relate as relate_subjects
from newsroom.fronts.shared import Shared
from newsroom.fronts.sitemapfiles import news_file, sitemap_files
from newsroom.fronts.styleguide import style_guide
from newsroom.fronts.verifypage import verify_page
from newsroom.fronts.views import Output

Said = tuple[str, str, str, str]
Show = Callable[[str, str], tuple[Picture, Said]]
Finish = Callable[[str, str, str, Callable[[str], str], Show, str, bool], str]


@dataclass(frozen=True)
class Handed:
    """What the other rooms hand to this one, wired in newsroom/plugin.py.

    `load(entry)` reads a whole document, `finish(html, lang, root, address, show, licence, several)` resolves a body,
    `polish(text, lang)` sets the quotation marks of a text, `picture(source, slot, focus)` is how a picture is
    published, `words(source, lang)` what it says of itself, `social_card` as fronts/cards.py's, `run(function,
    batches)` answers each batch's result; `ground` is a digest of settings, theme and program.
    """

    load: Callable[[Entry], AnyDocument]
    finish: Finish
    polish: Callable[[str, str], str]
    picture: Callable[[str, str, str], Picture]
    words: Callable[[str, str], Said]
    social_card: Callable[[str, str, str, str], tuple[bytes, Callable[[], bytes]]] | None
    run: Run
    logo: Picture
    stylesheet: str
    script: str
    verifier: str
    ground: bytes


class Found(msgspec.Struct, frozen=True, array_like=True):
    """What relating found for the articles of each language, to be handed to the next."""

    subjects: dict[str, dict[str, Subject]]  # language → address → what the article was related by
    related: dict[str, Related]


@dataclass(frozen=True)
class Relation:
    """What relating found, and what plans files from it."""

    public: Collection[Entry]
    retracted: Collection[Entry]
    promised: Collection[str]
    config: Config
    ground: bytes
    found: Found
    shared: Mapping[str, Shared]
    indexes: dict[str, Index] = field(default_factory=dict)

    def plan(self) -> dict[str, Output]:
        """Every file that is made of documents; no two of them clash (fronts/clashes.py)."""
        plan: dict[str, Output] = {}
        for each in self.shared.values():
            own = (*verify_page(each), *blocked_page(each))
            planned = (*list_pages(each), *document_pages(each), *own, *_feeds(each), *style_guide(each))
            plan |= {output.url: output for output in planned}
        for entry in self.public:
            plan |= {output.url: output for output in _redirects(self.shared[entry.lang], entry)}
        for entry in self.retracted:
            plan |= {output.url: output for output in retraction_pages(self.shared[entry.lang], entry)}
        plan |= {output.url: output for output in vanished_lists(self.promised, plan, self.shared)}
        sitemaps = sitemap_files(plan.values(), self.shared, self.config, self.ground)
        return plan | {output.url: output for output in (*sitemaps, *worker_file(self.shared))}

    def printing(self, entries: Collection[Entry]) -> Iterator[Output]:
        """Plan what prints the texts of these articles."""
        for entry in entries:
            yield article_page(self.shared[entry.lang], entry)
        for shared in self.shared.values():
            yield from _feeds(shared, entries)

    def naming(self, entry: Entry) -> Iterator[Output]:
        """Plan again what prints an article's headline, summary or text, after nothing else of it has changed."""
        shared = self.shared[entry.lang]
        shared.views.forget(entry)
        for each in self._related_to(entry):
            yield article_page(shared, each)
        yield from self._showing(entry)

    def samples(self) -> Iterator[Output]:
        """Of each language and template one file that an edited article may stand in."""
        for shared in self.shared.values():
            for newest in shared.edition.articles[-1:]:
                yield from {output.template: output for output in self._showing(newest)}.values()

    def _showing(self, entry: Entry) -> Iterator[Output]:
        """Plan what shows an article, besides those that it is related to."""
        shared = self.shared[entry.lang]
        for each in (entry, *neighbours(shared.edition.articles, entry)):
            if each is not None:
                yield article_page(shared, each)
        yield from social_card(shared, entry)
        yield from list_pages(shared, entry)
        yield not_found_page(shared)
        yield from _redirects(shared, entry)
        yield from _feeds(shared, [entry])
        yield news_file(shared)

    def _related_to(self, entry: Entry) -> list[Entry]:
        """The articles under which this one stands, or which stand under others since its words changed."""
        subjects, related = self.found.subjects[entry.lang], self.found.related[entry.lang]
        subject = msgspec.structs.replace(subjects[entry.url], text=_words(entry))
        subjects[entry.url] = subject
        changed = {url: new for url, new in self.index(entry.lang).rewrite(subject).items() if related[url] != new}
        related.update(changed)
        by_url = self.shared[entry.lang].views.by_url
        return [by_url[url] for url, others in related.items() if url in changed or entry.url in others]

    def warm(self) -> Iterator[None]:
        """Make what `naming` needs, in small steps."""
        for lang in self.shared:
            yield from self.index(lang).warm()

    def index(self, lang: str) -> Index:
        """What related articles of a language are found in; made once."""
        if lang not in self.indexes:
            self.indexes[lang] = Index(self.found.subjects[lang].values())
        return self.indexes[lang]


def relate(
    public: Collection[Entry],
    retracted: Collection[Entry],
    promised: Collection[str],
    editions: Mapping[str, Edition],
    config: Config,
    handed: Handed,
    before: Found | None,
) -> Relation:
    """Relate the documents that readers may see; of those that were `retracted`, only a notice is left. `promised` are
    addresses that readers know."""
    found = find_related(editions, before, handed.run)
    return Relation(
        public, retracted, promised, config, handed.ground, found, _shared(public, editions, config, handed, found)
    )


def find_related(editions: Mapping[str, Edition], before: Found | None, run: Run) -> Found:
    """What readers may also like; what was found `before` holds wherever nothing nearby has changed."""
    subjects: dict[str, dict[str, Subject]] = {}
    related: dict[str, Related] = {}
    for lang, edition in editions.items():
        urls = {article.slug: article.url for article in edition.articles}
        made = {article.url: _subject(article, urls) for article in edition.articles}
        known = before.subjects.get(lang) if before else None
        if known is not None and before and known == made:
            related[lang] = before.related[lang]
        else:
            found = before.related[lang] if known and before else None
            related[lang] = relate_subjects(made.values(), known, found, run)
        subjects[lang] = made
    return Found(subjects, related)


def _subject(article: Entry, urls: Mapping[str, str]) -> Subject:
    return Subject(
        article.url,
        article.date,
        tuple(slug for slug, _ in article.topics),
        article.series.slug if article.series else "",
        article.section,
        _words(article),
        tuple(urls[slug] for slug in article.related if slug in urls),
    )


def _words(article: Entry) -> str:
    return f"{article.title} {article.summary}"


def make_editions(public: Collection[Entry], retracted: Collection[Entry], config: Config) -> dict[str, Edition]:
    """The editions by language, the default one first; a language in which nothing was ever written has none."""
    articles = sorted((each for each in public if each.kind == "articles"), key=lambda each: (each.date, each.url))
    pages = sorted((each for each in public if each.kind == "pages"), key=lambda each: (each.position, each.url))
    authors = [each for each in public if each.kind == "authors"]
    spoken = {each.lang for each in (*articles, *pages, *retracted)} | {config.languages[0]}
    editions = {
        lang: make_edition(lang, articles, pages, authors, config) for lang in config.languages if lang in spoken
    }
    for each in public:
        if each.kind == "fronts" and each.lang in editions:
            editions[each.lang].fronts[each.key.removeprefix("fronts/")] = each
    return editions


def _shared(
    public: Collection[Entry], editions: Mapping[str, Edition], config: Config, handed: Handed, found: Found
) -> dict[str, Shared]:
    translations: dict[str, dict[str, Entry]] = defaultdict(dict)
    urls: dict[str, str] = {}
    for entry in sorted(public, key=lambda each: config.languages.index(each.lang)):
        translations[entry.key][entry.lang] = entry
        prefix = editions[entry.lang].prefix if entry.lang in editions else ""
        urls[entry.source] = entry.url or prefix + addresses.listing(entry.key)
    words = {lang: read_catalog(config.theme, lang, config.digits(lang)) for lang in editions}
    several = {key: versions for key, versions in translations.items() if len(versions) > 1}
    tools = Tools(
        load=handed.load,
        picture=handed.picture,
        words=handed.words,
        finish=partial(_finish, handed, words, urls.__getitem__),
        address=lambda source: urls.get(source, ""),
        polish=handed.polish,
        social_card=handed.social_card,
    )
    return {
        lang: Shared(
            Views(edition, config, tools, several, {each.url: each for each in edition.articles}, found.related[lang]),
            editions,
            words[lang],
            handed.logo,
            handed.stylesheet,
            handed.script,
            handed.verifier,
            handed.ground,
        )
        for lang, edition in editions.items()
    }


def _finish(
    handed: Handed, words: Mapping[str, Words], address: Callable[[str], str], document: AnyDocument, root: str
) -> str:
    """A document's body with its addresses; from a whole one, for feeds, whose readers know no <picture>."""
    lang = document.lang
    licence = (words.get(lang) or next(iter(words.values()))).say("Licence")

    def show(source: str, slot: str) -> tuple[Picture, Said]:
        return handed.picture(source, slot, ""), handed.words(source, lang)

    return handed.finish(document.body.html, lang, root, address, show, licence, "://" not in root)


def _redirects(shared: Shared, entry: Entry) -> Iterator[Output]:
    for alias in entry.aliases:
        url = addresses.redirect(alias)
        yield redirect_page(shared, url, entry.title, entry.url)


def _feeds(shared: Shared, of: Collection[Entry] | None = None) -> Iterator[Output]:
    """Every feed of the edition, or those that hold any of these articles."""
    sources = None if of is None else {each.source for each in of}
    edition, config = shared.edition, shared.views.config
    scopes = [("all", "", "", edition.articles)]
    for key, articles in edition.sections.items():
        scopes.append((f"sections/{key}", shared.views.section(key).text, addresses.section(key), articles))
    for key, articles in edition.authors.items():
        scopes.append((f"authors/{key}", edition.profiles[key].title, addresses.author(key), articles))
    entries: dict[str, FeedEntry] = {}  # made by the first feed that holds the article
    for scope, name, base, articles in scopes:
        newest = articles[: -config.feed_size - 1 : -1]
        if sources is not None and sources.isdisjoint(each.source for each in newest):
            continue
        parts = (name, [(shared.views.whole_digest(each), shared.views.card_digest(each)) for each in newest])
        for form in FORMS:
            make = partial(_feed, shared, scope, name, form, base, newest, entries)
            yield shared.output(shared.feed(scope, name, form).url, "", parts, make)


def _feed(
    shared: Shared, scope: str, name: str, form: str, base: str, newest: list[Entry], made: dict[str, FeedEntry]
) -> bytes:
    for each in newest:
        if each.source not in made:
            made[each.source] = _feed_entry(shared, each)
    home = f"{shared.edition.prefix}{base}index.html"
    entries = [made[each.source] for each in newest]
    return make_feed(form, shared.feed(scope, name, form), home, entries, shared.views.config, shared.edition.lang)


def _feed_entry(shared: Shared, entry: Entry) -> FeedEntry:
    views = shared.views
    view = views.article(entry)
    body = views.tools.finish(views.load(entry), views.config.url).replace("<wbr>", "")  # readers of feeds need none
    return FeedEntry(entry, view, content(view, body, views.config.url, shared.words.say))
