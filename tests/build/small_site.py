"""A small site with everything in it, quick to build: tiny pictures, short listings, a theme that prints whatever it is
given, so that no value can be out of date and nobody notices."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support import NOW, PICTURES, ROOT, SITES, make_picture

DAY = 86_400
MOMENTS = (NOW, NOW + 3600, NOW + DAY, NOW + 2 * DAY, NOW + 10 * DAY, NOW - 2 * DAY, NOW - 400 * DAY)  # `now`
_SETTINGS = """
from datetime import date
DEFAULT_PAGINATION, FEED_MAX_ITEMS = 4, 5
FOUNDED = date(2021, 7, 23)
JINJA_GLOBALS = {"motto": "Example motto"}
NEWSROOM["social_cards"] = False
"""
_SLOTS = """
[hero]
widths = [20, 30]
sizes = "10rem"
fallback = 40
[lead]
widths = [20, 30]
sizes = "10rem"
fallback = 30
crop = "3:2"
[card]
widths = [15]
sizes = "1rem"
fallback = 15
crop = "3:2"
[body]
widths = [20, 30]
sizes = "9rem"
fallback = 40
[gallery]
widths = [20, 30]
sizes = "5rem"
fallback = 40
[portrait]
widths = [20]
sizes = "3rem"
fallback = 20
[social]
widths = []
fallback = 40
crop = "2:1"
"""
_WITH_PLUGIN = 'PLUGINS, PLUGIN_PATHS = ["newsroom.plugin", "titles"], ["plugins"]\n'
# Somebody else's plugin: it has a page of its own, and a value for every page.
_PLUGIN = """
from pelican import signals
from pelican.generators import Generator


class Titles(Generator):
    def generate_output(self, writer):
        writer.write_file("titles.html", self.env.from_string("{{ titles }}"), self.context)


def put(generator):
    generator.context["titles"] = [each.title for each in generator.articles]


def register():
    signals.article_generator_finalized.connect(put)
    signals.get_generators.connect(generators)


def generators(pelican):
    return Titles
"""
_LINKS = {
    "articles/2026/11/recent": "articles/2026/11/opinion",
    "articles/2026/11/opinion": "articles/2025/03/part-two",
    "articles/2026/11/recent.km": "articles/2026/11/recent",
    "authors/second-person": "articles/2026/11/interview",
    "pages/contact": "articles/2026/11/fact-check",
}
# What each kind of page is given besides the site and its head.
_PAGES = {
    "article": "article",
    "page": "page",
    "contact": "page",
    "index": "listing front lead blocks",
    "category": "listing section",
    "tag": "listing section",
    "series": "listing section",
    "author": "author listing",
    "archives": "heading years translations",
    "period_archives": "listing months up",
    "search": "heading groups translations",
    "corrections": "heading corrections translations",
    "not_found": "base recent",
    "redirect": "target",
    "retracted": "retraction",
    "blocked": "heading translations addresses onion whole months verify keeps",
    "verify": "heading check translations",
}
_BASE = """\
{% from "components/frame.html" import frame with context %}
<!doctype html>
<title>{{ head.title }}</title>
<link rel="stylesheet" href="{{ SITEURL }}/{{ site.stylesheet }}">
{{ frame() }}
{% block main %}{% endblock %}
"""
_FRAME = """\
{% macro frame() %}
<pre>{{ head }}</pre>
<pre>{{ site }}</pre>
<p>{{ _("Archive") }} {{ ngettext("%(count)s article", "%(count)s articles", 2, count=2) }}</p>
{% endmacro %}
"""
_CARD = """\
{% macro card(item) %}
<article><a href="{{ SITEURL }}/{{ item.url }}">{{ item.title }}</a> {{ _(item.label) if item.label }}</article>
{% endmacro %}
"""


def make_site(to: Path, *, plain: bool = True, plugin: bool = True) -> Path:
    """The full test site with small pictures and short listings; not `plain`: with a copy of the project's theme; with
    somebody else's `plugin`, or without: a session then writes texts without looking at anything else."""
    shutil.copytree(SITES / "full", to)
    for n, picture in enumerate(PICTURES["full"]):
        make_picture(to / "content" / picture, (40 + n, 30), alt="Example words", credit="Example agency")
    with (to / "pelicanconf.py").open("a", encoding="utf-8") as settings:
        settings.write(_SETTINGS + _WITH_PLUGIN * plugin)
    if plugin:
        _write(to / "plugins/titles.py", _PLUGIN)
    for name, target in _LINKS.items():
        with (to / "content" / f"{name}.md").open("a", encoding="utf-8") as file:
            file.write(f"\nSee [this](/{target}.md).\n")
    if plain:
        make_theme(to / "theme")
    else:
        shutil.copytree(ROOT / "theme", to / "theme")
    return to


def make_theme(theme: Path) -> None:
    """A theme whose pages print their values as they come."""
    shutil.copytree(ROOT / "theme" / "translations", theme / "translations")
    for name in ("social-card.svg", "fonts/headline.ttf"):
        (theme / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "theme" / name, theme / name)
    _write(theme / "slots.toml", _SLOTS)
    for name in ("images/logo.png", "images/favicon.png"):
        make_picture(theme / "static" / name, (20, 10))
    _write(theme / "static/css/main.css", '@import url("base.css") layer(base);\n')
    _write(theme / "static/css/base.css", "body { color: black }\n")
    templates = theme / "templates"
    _write(templates / "base.html", _BASE)
    _write(templates / "components/frame.html", _FRAME)
    _write(templates / "components/card.html", _CARD)
    for name, values in _PAGES.items():
        _write(templates / f"{name}.html", _page(values.split()))


def _page(values: list[str]) -> str:
    lists = {"article": "article.related", "listing": "listing.cards", "recent": "recent"}
    lines = ['{% extends "base.html" %}', '{% from "components/card.html" import card with context %}']
    lines += ["{% block main %}", *(f"<pre>{{{{ {name} }}}}</pre>" for name in values)]
    shown = [lists[name] for name in values if name in lists]
    lines += [f"{{% for each in {name} %}}{{{{ card(each) }}}}{{% endfor %}}" for name in shown]
    return "\n".join([*lines, "{% endblock %}", ""])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
