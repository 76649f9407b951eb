"""The plan of sitemaps: which pages stand in which, from the plan of the pages. As in documentpages.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from newsroom.articles.schema import Entry
from newsroom.config import Config
from newsroom.fronts import addresses
from newsroom.fronts.cards import digest_of
from newsroom.fronts.heads import alternates_of
from newsroom.fronts.shared import Shared
from newsroom.fronts.sitemaps import Location, NewsItem, news_sitemap, robots, sitemap, sitemap_index
from newsroom.fronts.views import Output

NEWS_AGE = timedelta(hours=48)
NEWS_MOST = 1000


def sitemap_files(
    plan: Collection[Output], shared: Mapping[str, Shared], config: Config, ground: bytes
) -> Iterator[Output]:
    """Sitemaps by year, their index, the news sitemaps and robots.txt, of these outputs."""
    years: dict[int, list[Output]] = defaultdict(list)
    others: list[Output] = []
    for output in sorted((each for each in plan if each.listed), key=lambda each: each.url):
        article = output.listed.article if output.listed else None
        (years[article.month[0]] if article else others).append(output)
    parts: list[tuple[str, datetime | None, list[Output]]] = [(addresses.PAGES_SITEMAP, None, others)]
    parts += [(addresses.year_sitemap(year), _changed(outputs), outputs) for year, outputs in sorted(years.items())]
    for name, _, outputs in parts:
        yield _sitemap(name, outputs, shared, config, ground)
    index = [(f"{config.url}/{name}", when) for name, when, _ in parts]
    stamps = [(name, when and int(when.timestamp())) for name, when in index]
    yield Output(addresses.SITEMAP, "", digest_of(ground, stamps), partial(sitemap_index, index))
    names = [edition.prefix + addresses.NEWS_SITEMAP for edition in (each.edition for each in shared.values())]
    named = [f"{config.url}/{name}" for name in (addresses.SITEMAP, *names)]
    yield Output(addresses.ROBOTS, "", digest_of(ground, named), partial(robots, named))
    for each in shared.values():
        yield news_file(each)


def _changed(outputs: Iterable[Output]) -> datetime:
    latest = max(each.listed.article.changed for each in outputs if each.listed and each.listed.article)
    return datetime.fromtimestamp(latest, UTC)


def _sitemap(name: str, outputs: list[Output], shared: Mapping[str, Shared], config: Config, ground: bytes) -> Output:
    tools = next(iter(shared.values())).views.tools
    listed = [(each.url, each.listed) for each in outputs if each.listed]
    lines = [
        (
            url,
            of.article.changed if of.article else None,
            of.alternates,
            (tools.picture(of.hero.source, "hero" if of.article else "portrait", of.hero.focus).url,)
            if of.hero
            else (),
        )
        for url, of in listed
    ]

    def make() -> bytes:
        return sitemap(
            Location(
                addresses.absolute(config.url, url),
                None if changed is None else datetime.fromtimestamp(changed, UTC),
                alternates_of(config, versions),
                tuple(f"{config.url}/{picture}" for picture in shown),
            )
            for url, changed, versions, shown in lines
        )

    return Output(name, "", digest_of(ground, lines), make)


def news_file(shared: Shared) -> Output:
    """The news sitemap: what was published in the last 48 hours."""
    views, config = shared.views, shared.views.config
    oldest, now = (config.now - NEWS_AGE).timestamp(), config.now.timestamp()
    recent: list[Entry] = []
    for article in reversed(shared.edition.articles):
        if article.date < oldest or len(recent) == NEWS_MOST:
            break
        if article.date <= now and article.type != "sponsored" and not views.state(article)[0]:
            recent.append(article)
    parts = [(views.card_digest(each), views.picture_digest(each, "hero")) for each in recent]
    name = shared.edition.prefix + addresses.NEWS_SITEMAP
    return shared.output(name, "", parts, partial(_news_bytes, shared, recent))


def _news_bytes(shared: Shared, recent: list[Entry]) -> bytes:
    views, config = shared.views, shared.views.config
    return news_sitemap(
        NewsItem(
            Location(
                addresses.absolute(config.url, each.url),
                images=(f"{config.url}/{views.tools.picture(each.hero.source, 'hero', each.hero.focus).url}",)
                if each.hero
                else (),
            ),
            config.site_name(shared.edition.lang),
            shared.edition.lang,
            datetime.fromtimestamp(each.date, UTC),
            views.text(each.title),
        )
        for each in recent
    )
