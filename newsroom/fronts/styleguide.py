"""The style guide, in previews only: every component with example values, the hard ones too.

A theme that has a template `style_guide.html` gets the page `-/style-guide.html` in each language. No example says
anything about anybody: each text describes itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from markupsafe import Markup, escape

from newsroom.fronts.heads import make_head
from newsroom.fronts.shared import Shared
from newsroom.fronts.sharing import mail_link, share_links
from newsroom.fronts.views import (
    ArticleView,
    AuthorView,
    Card,
    Figure,
    Link,
    ListingView,
    Name,
    Note,
    Output,
    Period,
    Verification,
)

TEMPLATE, ADDRESS = "style_guide", "-/style-guide.html"
# What every component must bear: the name of an example, and the text that stands in all of its places.
TEXTS: Mapping[str, str] = {
    "Common": "An example headline of a common length",
    "Markup": "<script>alert(1)</script> & <b>bold</b> \"quoted\" 'single'",
    "Three hundred characters": ("An example headline that goes on and on " * 8)[:300].strip(),
    "One long word": "Example" + "word" * 18 + "s",
    "Two scripts": "ឧទាហរណ៍ of a headline ដែលសរសេរជាភាសាខ្មែរ និង English together",
}


@dataclass(frozen=True)
class Example:
    """Values for every component, made from one text."""

    name: str
    text: str
    link: Link
    names: tuple[Name, ...]
    figure: Figure
    cards: tuple[Card, ...]
    notes: tuple[Note, ...]
    periods: tuple[Period, ...]
    article: ArticleView
    author: AuthorView
    listing: ListingView
    check: Verification


def style_guide(shared: Shared) -> Iterator[Output]:
    """The page, where it is a preview that is built and the theme has the template."""
    config = shared.views.config
    if config.newsroom.drafts and (config.theme / "templates" / f"{TEMPLATE}.html").is_file():
        url = shared.edition.prefix + ADDRESS
        yield shared.output(url, TEMPLATE, (), partial(_values, shared, url))


def _values(shared: Shared, url: str) -> Mapping[str, Any]:
    title, lang = shared.words.say("Style guide"), shared.edition.lang
    head = make_head(
        shared.views.config, title=title, description=title, lang=lang, url=url, alternates={}, index=False
    )
    return shared.values(head, examples=tuple(_example(shared, name, text) for name, text in TEXTS.items()))


def _example(shared: Shared, name: str, text: str) -> Example:
    views = shared.views
    home, lang = shared.site.home, shared.edition.lang
    when = views.moment(datetime(2026, 11, 22, 9, 0, tzinfo=views.config.timezone))
    link = Link(text, home)
    names = (Name(text, home, text), Name(text, home))
    figure = Figure(shared.logo, text, text, text, "https://creativecommons.org/licenses/by/4.0/")
    plain = Card(text, home, text, lang, link, when, names)
    pictured = Card(text, home, text, lang, link, when, names, "Analysis", figure)
    note = Note(when, text, text, link)
    body = Markup("<p>{}</p>").format(text)
    months = tuple(Period(text, home, count) for count in (1, 12))
    article = ArticleView(
        title=text,
        summary=text,
        lang=lang,
        url=home,
        section=link,
        authors=names,
        published=when,
        body=body,
        minutes=4,
        age=3,
        address=views.config.url,
        shares=share_links(views.config.url),
        mail=mail_link(views.config.url, text),
        label="Analysis",
        updated=when,
        updated_note=text,
    )
    links = (Link(text, "https://elsewhere.example/"),)
    author = AuthorView(text, text, False, "example@newsroom.example", figure, links, escape(text))
    listing = ListingView(text, (plain, pictured), 3, home, home, body)
    years = (Period(text, home, 13, months),)
    check = Verification(text, text, (text, text), "")
    return Example(name, text, link, names, figure, (plain, pictured), (note,), years, article, author, listing, check)
