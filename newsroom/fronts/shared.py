"""What all pages of one edition have in common: the site's menu, feeds, links between languages, listings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from newsroom.articles.schema import Entry, Picture
from newsroom.fronts import addresses
from newsroom.fronts.cards import Views, digest_of
from newsroom.fronts.edition import Edition
from newsroom.fronts.feeds import FORMS
from newsroom.fronts.heads import make_head
from newsroom.fronts.interface import Words, language_name
from newsroom.fronts.listings import Slice, page_of, page_url, paginate
from newsroom.fronts.views import Feed, Head, Link, Listed, ListingView, Output, SiteView


@dataclass(frozen=True)
class Shared:
    """One edition with all that its pages are made from. `editions` holds every edition by language; `ground` is a
    digest of what every page of every edition depends on: settings, theme, this program."""

    views: Views
    editions: Mapping[str, Edition]
    words: Words
    logo: Picture
    stylesheet: str
    script: str
    verifier: str  # the script of the page that checks a copy of the site
    ground: bytes

    @property
    def edition(self) -> Edition:
        return self.views.edition

    def output(
        self,
        url: str,
        template: str,
        parts: Sequence[Any],
        make: Callable[[], Mapping[str, Any] | bytes],
        listed: Listed | None = None,
    ) -> Output:
        """A file that depends on `parts` and on what all pages of the edition share."""
        return Output(url, template, digest_of(self.digest, url, parts), make, listed)

    def values(self, head: Head, **values: Any) -> dict[str, Any]:
        """The values of a page: its own and those that every page has."""
        words = self.words
        say = {"_": words.gettext, "gettext": words.gettext, "ngettext": words.ngettext}
        return {"site": self.site, "head": head, **say, **values}

    @cached_property
    def digest(self) -> bytes:
        """Changes with whatever all pages of the edition show."""
        menu = [(link.text, link.url) for link in (*self.site.sections, *self.site.pages)]
        return digest_of(self.ground, self.edition.lang, menu)

    @cached_property
    def site(self) -> SiteView:
        """What all pages of the edition share."""
        config, edition, newsroom = self.views.config, self.edition, self.views.config.newsroom
        lang, prefix = edition.lang, edition.prefix
        return SiteView(
            name=config.site_name(lang),
            tagline=newsroom.taglines.get(lang, ""),
            lang=lang,
            home=f"{prefix}index.html",
            sections=tuple(self.views.section(key) for key in newsroom.sections if edition.sections.get(key)),
            pages=tuple(Link(page.title, page.url) for page in edition.pages),
            archive=f"{prefix}{addresses.ARCHIVE}index.html",
            corrections=f"{prefix}{addresses.CORRECTIONS}index.html",
            search=f"{prefix}{addresses.SEARCH}index.html",
            verify=f"{prefix}{addresses.VERIFY}" if newsroom.root_key else "",
            feed=self.feed("all"),
            stylesheet=self.stylesheet,
            script=self.script,
            icon=f"{config.static}/{newsroom.icon}",
            email=newsroom.contact.email,
            telephone=newsroom.contact.telephone,
            address=newsroom.contact.address,
            worker=addresses.WORKER if newsroom.offline_reading and not newsroom.drafts else "",
            blocked=prefix + addresses.BLOCKED if newsroom.reachable else "",
        )

    def feed(self, scope: str, name: str = "", form: str = "atom") -> Feed:
        """The feed of a scope such as `all` or `sections/politics`."""
        site = self.views.config.site_name(self.edition.lang)
        title = f"{site} – {name}" if name else site
        return Feed(title, self.edition.prefix + addresses.feed(scope, form), FORMS[form])

    def feeds(self, scope: str = "", name: str = "") -> list[Feed]:
        scopes = [(scope, name)] if scope else []
        return [self.feed(each, title, form) for each, title in [*scopes, ("all", "")] for form in FORMS]

    def alternates(self, base: str, exists: Callable[[Edition], bool]) -> dict[str, str]:
        """The same front in each language that has it."""
        return {lang: page_url(edition.prefix + base, 0) for lang, edition in self.editions.items() if exists(edition)}

    def links(self, alternates: Mapping[str, str]) -> tuple[Link, ...]:
        return tuple(
            Link(language_name(lang), url, lang) for lang, url in alternates.items() if lang != self.edition.lang
        )

    def listing(
        self, base: str, heading: str, articles: Sequence[Entry], alternates: Mapping[str, str], of: Entry | None
    ) -> Iterator[tuple[str, Slice[Entry], Callable[[], ListingView]]]:
        """Each page of a listing, or the one that shows `of`: its file, the slice it shows, and what makes its view."""
        base = self.edition.prefix + base
        size = self.views.config.page_size
        for part in paginate(articles, size) if of is None else page_of(of, articles, size):
            yield page_url(base, part.number), part, partial(self._view, base, heading, part, alternates)

    def slice_digest(self, part: Slice[Entry]) -> Sequence[Any]:
        """Changes with whatever a page of a listing shows."""
        return [part.number, part.newer, part.older, [self.views.card_digest(each) for each in part.items]]

    def _view(self, base: str, heading: str, part: Slice[Entry], alternates: Mapping[str, str]) -> ListingView:
        return ListingView(
            heading=heading,
            cards=tuple(self.views.card(article) for article in part.items),
            number=part.number,
            newer="" if part.newer is None else page_url(base, part.newer),
            older="" if part.older is None else page_url(base, part.older),
            translations=() if part.number else self.links(alternates),
        )

    def list_head(
        self, url: str, view: ListingView, description: str, alternates: Mapping[str, str], **more: Any
    ) -> Head:
        title = view.heading
        if view.number:
            title = f"{title} – {self.words.say('Page %(number)s', number=view.number)}"
            alternates = {}
        return self.front_head(url, title, description, alternates, **more)

    def front_head(self, url: str, title: str, description: str, alternates: Mapping[str, str], **more: Any) -> Head:
        """The head of a front, which names the feeds of the whole site unless `more` holds its own."""
        return make_head(
            self.views.config,
            title=title,
            description=description,
            lang=self.edition.lang,
            url=url,
            alternates=alternates,
            **{"feeds": self.feeds(), **more},
        )
