"""What maintainers do to a site: its settings, templates, styles and catalogs. As in edits.py."""

from __future__ import annotations

import re
from pathlib import Path

from tests.build.edits import choose, edit
from tests.support import make_picture

_MARK = "# of the oracle:"
# Lines below the settings; each takes back what another one of its kind says.
SETTINGS: dict[str, list[str]] = {
    "name": ['SITENAME = "Another site"'],
    "url": ['SITEURL = "https://other.example"', 'SITEURL = "https://full.example"'],
    "page size": ["DEFAULT_PAGINATION = 3", "DEFAULT_PAGINATION = 20"],
    "feed size": ["FEED_MAX_ITEMS = 1", "FEED_MAX_ITEMS = 20"],
    "time zone": ['TIMEZONE = "UTC"'],
    "places of articles": ['ARTICLE_SAVE_AS = ARTICLE_URL = "{slug}.html"', 'ARTICLE_SAVE_AS = "{slug}/index.html"'],
    "places of pages": ['PAGE_SAVE_AS = PAGE_URL = "pages/{slug}.html"'],
    "static": ['THEME_STATIC_DIR = "static"'],
    "names": ['NEWSROOM["names"] = {"km": "ឈ្មោះ"}', 'NEWSROOM["names"] = {}'],
    "tagline": ['NEWSROOM["taglines"] = {"en": "Another tagline"}'],
    "section": [
        'NEWSROOM["sections"]["second"] = {"en": "Second section", "km": "ផ្នែក"}',
        'NEWSROOM["sections"] = dict(reversed(NEWSROOM["sections"].items()))',
        'NEWSROOM["sections"]["third"] = {"en": "Third section"}',
        'NEWSROOM["sections"]["first"] = {"en": "Renamed section"}',
    ],
    "topic": ['NEWSROOM["topics"] = {"second-topic": {"en": "Renamed topic"}}', 'NEWSROOM["topics"] = {}'],
    "contact": ['NEWSROOM["contact"] = {"email": "other@full.example"}'],
    "authority": ['NEWSROOM["feed_authority"] = "other.example,2026"'],
    "languages": ['NEWSROOM["languages"] = ["en"]', 'NEWSROOM["languages"] = ["km", "en"]'],
    "logo": ['NEWSROOM["logo"] = "images/favicon.png"'],
    "icon": ['NEWSROOM["icon"] = "images/logo.png"'],
    "cards": ['NEWSROOM["social_cards"] = True'],
    "production": ['NEWSROOM["production"] = True'],
    "mistake": ["DEFAULT_PAGINATION = 0", "NEWSROOM = 1", "this is no Python"],
}
OWN: dict[str, list[str]] = {
    "value": ["FOUNDED = date(2022, 7, 23)"],
    "filter": ['JINJA_FILTERS = {"marked": lambda text: f"[{text}]"}'],
    "global": ['JINJA_GLOBALS = {"motto": "Another motto"}'],
}
PREVIEW: dict[str, list[str]] = {"preview": ['NEWSROOM["drafts"] = True']}
MISSING: dict[str, list[str]] = {
    "logo": ['NEWSROOM["logo"] = "images/missing.png"'],
    "icon": ['NEWSROOM["icon"] = "images/missing.png"'],
}
# What a template may print besides the values of its page.
PRINTED = [
    "<!-- changed -->",
    "{{ 'text' | marked }}",
    "{{ motto }}",
    "{{ FOUNDED.year }}",
    "{{ SITENAME }} {{ DEFAULT_PAGINATION }}",
    "{{ articles | length }}",
    "{% for each in articles %}{{ each.title }} {{ each.url }}{% endfor %}",
    "{% for each in pages %}{{ each.content }}{% endfor %}",
    "{{ output_file }}",
    "{% include ['components/' ~ 'extra.html', 'components/card.html'] %}",
    "{% include 'components/extra.html' ignore missing %}",
    "{{ _('Corrections') }}",
    "{{ self._TemplateReference__context.keys() | list | length }}",
    "{{ no_such_name }}",
    "{% if %}",
]


@edit
def setting(site: Path, which: int, how: int) -> str:
    return _set(site, SETTINGS, which, how)


@edit
def own_setting(site: Path, which: int, how: int) -> str:
    """What only templates know."""
    return _set(site, OWN, which, how)


@edit
def preview(site: Path, which: int, how: int) -> str:
    """Drafts, too; what is secret may have any mistake, such as another's address."""
    return _set(site, PREVIEW, which, how)


@edit
def missing_file_of_the_theme(site: Path, which: int, how: int) -> str:
    return _set(site, MISSING, which, how)


def _set(site: Path, settings: dict[str, list[str]], which: int, how: int) -> str:
    path = site / "pelicanconf.py"
    kind = choose(sorted(settings), which)
    wanted = choose([*settings[kind], ""], how)
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.endswith(f"{_MARK} {kind}")]
    path.write_text("\n".join([*kept, *([f"{wanted}  {_MARK} {kind}"] if wanted else []), ""]), encoding="utf-8")
    return f"setting: {wanted or kind + ' as at first'}" if kept != lines or wanted else ""


@edit
def template(site: Path, which: int, how: int) -> str:
    """Have a template print something at the beginning of its first macro or block, or print it no more."""
    path = choose(sorted((site / "theme" / "templates").rglob("*.html")), which)
    return _print(path, choose(PRINTED, how))


@edit
def template_of_a_plugin(site: Path, which: int, how: int) -> str:
    """Have a template print what somebody else's plugin gives it."""
    if not (site / "plugins").exists():
        return ""
    return _print(choose(sorted((site / "theme" / "templates").glob("*.html")), which), "{{ titles | length }}")


def _print(path: Path, piece: str) -> str:
    before = path.read_text(encoding="utf-8")
    if piece in before:
        after = before.replace(piece, "", 1)
    else:
        after = re.sub(r"(?m)(\{% (?:macro|block main) .*%\})$", lambda found: found[1] + piece, before, count=1)
    path.write_text(after, encoding="utf-8")
    return f"{path.name}: {'no more' if piece in before else 'prints'} {piece}" if after != before else ""


@edit
def component(site: Path, which: int, how: int) -> str:
    """Add or take out the component that some templates include."""
    path = site / "theme" / "templates" / "components" / choose(("extra.html", ".hidden.html"), which)
    if path.exists() and how % 2:
        path.unlink()
        return f"{path.name}: deleted"
    path.write_text(f"<p>Extra {how} {{{{ SITEURL }}}}</p>\n", encoding="utf-8")
    return f"{path.name}: {how}"


@edit
def style(site: Path, which: int, how: int) -> str:
    path = choose(sorted((site / "theme" / "static" / "css").rglob("*.css")), which)
    if how % 16 == 0:
        path.unlink()
        return f"{path.name}: deleted"
    with path.open("a", encoding="utf-8") as file:
        file.write(f"/* {how} */\n")
    return f"{path.name}: changed"


@edit
def static_file(site: Path, which: int, how: int) -> str:
    names = ("images/favicon.png", "images/logo.png", "more/extra.txt", ".well-known/extra.txt")
    return _change_static(site / "theme" / "static" / choose(names, which), how)


@edit
def slots(site: Path, which: int, how: int) -> str:
    path = site / "theme" / "slots.toml"
    before = path.read_text(encoding="utf-8")
    after = (
        re.sub(r"fallback = \d+", f"fallback = {20 + how % 5}", before),
        re.sub(r'crop = "[^"]*"', f'crop = "{1 + how % 3}:1"', before),
        re.sub(r'sizes = "\d+', f'sizes = "{5 + how % 5}', before),
        f"{before}[unknown]\n" if "[unknown]" not in before else before.replace("[unknown]\n", ""),
    )[which % 4]
    path.write_text(after, encoding="utf-8")
    return f"slots {which % 4}, {how % 5}" if after != before else ""


@edit
def social_card(site: Path, which: int, how: int) -> str:
    path = site / "theme" / "social-card.svg"
    if not path.exists():
        return ""
    text = re.sub("fill: #[0-9a-f]{6}", f"fill: #{how % 10:06}", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    return f"card {how % 10}"


@edit
def hidden_static_file(site: Path, which: int, how: int) -> str:
    return _change_static(site / "theme" / "static" / choose((".htaccess", "more/.nojekyll"), which), how)


def _change_static(path: Path, how: int) -> str:
    if path.exists() and how % 4 == 0:
        path.unlink()
        return f"{path.name}: deleted"
    if path.suffix == ".png":
        make_picture(path, (20 + how % 4, 10))
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{how}\n", encoding="utf-8")
    return f"{path.name}: changed"


@edit
def catalog(site: Path, which: int, how: int) -> str:
    path = site / "theme" / "translations" / choose(("en", "km"), which) / "LC_MESSAGES" / "messages.po"
    before = path.read_text(encoding="utf-8")
    message = choose(("Archive", "Corrections", "Analysis", "Topic", "Page not found", "Licence"), how // 3)
    entry = f'\nmsgid "{message}"\nmsgstr "'
    if how % 9 == 0:
        after = f"{before}\nmsgid no quotation marks\n"
    elif entry in before:
        after = re.sub(re.escape(entry) + '[^"]*', f"{entry}Word {how % 3}", before)
    else:
        after = f'{before}{entry}Word {how % 3}"\n'
    path.write_text(after, encoding="utf-8")
    return f"{choose(('en', 'km'), which)}: {message!r} is 'Word {how % 3}'" if after != before else ""
