"""Structured data (schema.org as JSON-LD): what search engines and aggregators read of a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from newsroom.articles.schema import Entry, Picture
from newsroom.config import Config
from newsroom.fronts import addresses
from newsroom.fronts.edition import Edition
from newsroom.fronts.views import ArticleView, AuthorView, Figure

_TYPES = {
    "news": "NewsArticle",
    "interview": "NewsArticle",
    "fact-check": "NewsArticle",
    "analysis": "AnalysisNewsArticle",
    "opinion": "OpinionNewsArticle",
    "sponsored": "AdvertiserContentArticle",
}
_UNSAFE = [(character, f"\\u{ord(character):04x}") for character in "<>&\u2028\u2029"]
_NOTHING: tuple[Any, ...] = (None, "", [], ())
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
Node = dict[str, Any]


def script(graph: Iterable[Node]) -> Markup:
    """The nodes as text that is safe inside <script>: no `<` of a headline can end the element."""
    text = _encode({"@context": "https://schema.org", "@graph": list(graph)})
    for character, safe in _UNSAFE:
        text = text.replace(character, safe)
    return Markup(text)  # noqa: S704


def without_nothing(node: Mapping[str, Any]) -> Node:
    """The node without the properties that have no value."""
    return {name: value for name, value in node.items() if value or value not in _NOTHING}


def publisher(config: Config, lang: str, logo: Picture) -> Node:
    """The newsroom, with the logo at its true size."""
    contact = config.newsroom.contact
    return without_nothing(
        {
            "@type": "NewsMediaOrganization",
            "@id": f"{config.url}/#organisation",
            "name": config.site_name(lang),
            "url": f"{config.url}/",
            "logo": _image(config, logo),
            "email": contact.email,
            "telephone": contact.telephone,
            "address": contact.address,
        }
    )


def article_graph(
    article: Entry,
    view: ArticleView,
    edition: Edition,
    config: Config,
    logo: Picture,
    versions: Mapping[str, Entry],
) -> list[Node]:
    """NewsArticle and BreadcrumbList. `versions` holds the article in each language, its own included."""
    address = addresses.absolute(config.url, article.url)
    node = {
        "@type": _TYPES[article.type],
        "@id": address,
        "url": address,
        "mainEntityOfPage": address,
        "headline": view.title,
        "description": view.summary,
        **_dates(article, view, config),
        "inLanguage": article.lang,
        "isAccessibleForFree": True,
        "articleSection": view.section.text,
        "keywords": [topic.text for topic in view.topics],
        "author": [_author(author, edition, config) for author, _ in article.authors],
        "publisher": publisher(config, article.lang, logo),
        "image": figures(config, view),
        "dateline": view.dateline,
        **_origins(view),
        **_relations(article, view, config, versions),
    }
    names, urls = [view.section.text, view.title], [view.section.url, article.url]
    return [without_nothing(node), breadcrumbs(config, edition, names, urls)]


def _dates(article: Entry, view: ArticleView, config: Config) -> Node:
    changed = datetime.fromtimestamp(article.changed, config.timezone)
    return {"datePublished": view.published.iso, "dateModified": changed.isoformat()}


def _origins(view: ArticleView) -> Node:
    """Where the text comes from and what was wrong in it."""
    corrections = [
        {"@type": "CorrectionComment", "text": each.text, "datePublished": each.date.iso} for each in view.corrections
    ]
    translator = {"@type": "Person", "name": view.translator} if view.translator else None
    return {
        "translator": translator,
        "correction": corrections,
        "citation": list(view.sources),
        "backstory": view.methods,
    }


def _relations(article: Entry, view: ArticleView, config: Config, versions: Mapping[str, Entry]) -> Node:
    """The series, and the same article in other languages: an original has translations, they have an original."""
    series = None
    if view.series:
        address = addresses.absolute(config.url, view.series.url)
        series = {"@type": "CreativeWorkSeries", "name": view.series.text, "url": address}
    others = [
        {"@type": "NewsArticle", "@id": addresses.absolute(config.url, other.url), "inLanguage": lang}
        for lang, other in versions.items()
        if lang != article.lang
    ]
    original = article.lang == config.languages[0] or config.languages[0] not in versions
    kind = "workTranslation" if original else "translationOfWork"
    return {"isPartOf": series, "position": view.series_part or None, kind: others}


def breadcrumbs(config: Config, edition: Edition, names: list[str], urls: list[str]) -> Node:
    """The way from the front to a page."""
    names = [config.site_name(edition.lang), *names]
    urls = [f"{edition.prefix}index.html", *urls]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": n, "name": name, "item": addresses.absolute(config.url, url)}
            for n, (name, url) in enumerate(zip(names, urls, strict=True), 1)
        ],
    }


def author_graph(view: AuthorView, url: str, config: Config) -> list[Node]:
    """A profile page and the person or organisation it is about."""
    address = addresses.absolute(config.url, url)
    node = {
        "@type": "Organization" if view.organisation else "Person",
        "@id": address,
        "name": view.name,
        "jobTitle": None if view.organisation else view.role,
        "url": address,
        "email": view.email,
        "image": figure(config, view.photo) if view.photo else None,
        "sameAs": [link.url for link in view.links],
    }
    return [{"@type": "ProfilePage", "url": address, "mainEntity": without_nothing(node)}]


def front_graph(config: Config, edition: Edition, logo: Picture) -> list[Node]:
    """The site and its publisher."""
    address = addresses.absolute(config.url, f"{edition.prefix}index.html")
    name = config.site_name(edition.lang)
    site = {
        "@type": "WebSite",
        "@id": f"{address}#site",
        "url": address,
        "name": name,
        "inLanguage": edition.lang,
    }
    return [site, publisher(config, edition.lang, logo)]


def _author(identifier: str, edition: Edition, config: Config) -> Node:
    profile = edition.profiles[identifier]
    kind = "Organization" if profile.organisation else "Person"
    address = addresses.absolute(config.url, f"{edition.prefix}{addresses.author(identifier)}index.html")
    same_as = [address for _, address in profile.profiles]
    return without_nothing({"@type": kind, "@id": address, "name": profile.title, "url": address, "sameAs": same_as})


def figures(config: Config, view: ArticleView) -> Node | list[Node]:
    """The article's pictures, the one at the top first; of one alone, its node."""
    found = [figure(config, each) for each in ((view.hero,) if view.hero else ()) + view.insets]
    return found[0] if len(found) == 1 else found


def figure(config: Config, shown: Figure) -> Node:
    """An ImageObject with its caption, credit and licence."""
    licence = shown.licence if shown.licence.startswith("http") else ""
    return without_nothing(
        {
            **_image(config, shown.picture),
            "caption": shown.caption or shown.alt,
            "creditText": shown.credit,
            "license": licence,
            "copyrightNotice": "" if licence else shown.licence,
        }
    )


def _image(config: Config, picture: Picture) -> Node:
    address = f"{config.url}/{picture.url}"
    return {"@type": "ImageObject", "url": address, "width": f"{picture.width} px", "height": f"{picture.height} px"}
