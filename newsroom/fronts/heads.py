"""What stands in <head>: canonical, hreflang, Open Graph and card metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from newsroom.articles.schema import Picture
from newsroom.config import Config
from newsroom.fronts import addresses
from newsroom.fronts.interface import territory_locale
from newsroom.fronts.views import ArticleView, Feed, Head


def make_head(
    config: Config,
    *,
    title: str,
    description: str,
    lang: str,
    url: str,
    alternates: Mapping[str, str],
    feeds: Sequence[Feed] = (),
    graph: Markup = Markup(""),
    picture: Picture | None = None,
    alt: str = "",
    article: ArticleView | None = None,
    index: bool = True,
) -> Head:
    """The head of the page `url`. `alternates` maps each language to the page's file in it, its own included; `picture`
    is what other sites show of a link to it."""
    canonical = addresses.absolute(config.url, url)
    site_name = config.site_name(lang)
    properties = [
        ("og:type", "article" if article else "website"),
        ("og:url", canonical),
        ("og:title", title),
        ("og:description", description),
        ("og:site_name", site_name),
        ("og:locale", territory_locale(lang)),
        *(("og:locale:alternate", territory_locale(other)) for other in alternates if other != lang),
        *(_image(config, picture, alt) if picture else ()),
        *(_article(config, article) if article else ()),
    ]
    card = "summary_large_image" if picture else "summary"
    names = [("twitter:card", card), ("twitter:title", title), ("twitter:description", description)]
    if picture:
        names += [("twitter:image", f"{config.url}/{picture.url}"), ("twitter:image:alt", alt)]
    return Head(
        title=title if title == site_name else f"{title} – {site_name}",
        description=description,
        lang=lang,
        canonical=canonical,
        alternates=alternates_of(config, alternates),
        properties=tuple(properties),
        names=tuple(names),
        feeds=tuple(feeds),
        json_ld=graph,
        index=index,
        onion=addresses.absolute(config.newsroom.onion.rstrip("/"), url) if config.newsroom.onion else "",
    )


def alternates_of(config: Config, alternates: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """hreflang: (language, absolute address), and x-default where the default language is among several."""
    if len(alternates) < 2:
        return ()
    found = [(lang, addresses.absolute(config.url, url)) for lang, url in sorted(alternates.items())]
    default = config.languages[0]
    if default in alternates:
        found.append(("x-default", addresses.absolute(config.url, alternates[default])))
    return tuple(found)


def _image(config: Config, picture: Picture, alt: str) -> list[tuple[str, str]]:
    return [
        ("og:image", f"{config.url}/{picture.url}"),
        ("og:image:type", picture.media_type),
        ("og:image:width", str(picture.width)),
        ("og:image:height", str(picture.height)),
        ("og:image:alt", alt),
    ]


def _article(config: Config, view: ArticleView) -> list[tuple[str, str]]:
    found = [("article:published_time", view.published.iso)]
    if view.updated:
        found.append(("article:modified_time", view.updated.iso))
    found += [("article:author", addresses.absolute(config.url, name.url)) for name in view.authors]
    found.append(("article:section", view.section.text))
    return found + [("article:tag", topic.text) for topic in view.topics]
