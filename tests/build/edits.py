"""Whatever newsrooms do to the sources of a site. Each edit is a function of the site, of a number that chooses what is
edited, and of one that chooses how; it answers what it did, in words, or "" where there was nothing to do."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from PIL import Image

from tests.support import make_picture

Edit = Callable[[Path, int, int], str]
EDITS: dict[str, Edit] = {}
_Value = TypeVar("_Value")
_FRONT = re.compile(r"---\n(.*?\n)---\n(.*)", re.DOTALL)
_SLUGS = ("opinion", "recent", "first-new", "second-new", "third-new")
_FOLDERS = ("2026/11", "2025/03", "2024/12")
_HERO = {"image": "/articles/2026/11/inside.png", "alt": "Example alt", "credit": "Example credit"}

# Values that a field may take; None takes it out.
ARTICLE: dict[str, list[Any]] = {
    "title": ["Another headline", 'A "quoted" headline -- & <b>bold</b>', "Example recent headline", "ចំណងជើងផ្សេង"],
    "summary": ["Another summary.", 'A "quoted" summary.', "Example summary of part one."],
    "date": ["2026-11-20 12:00", "2026-11-20 11:59", "2026-11-22 12:30", "2025-12-31 23:30", "2024-12-01"],
    "category": ["First section", "Second section"],
    "authors": [["first-person"], ["second-person", "some-organisation"], [{"author": "first-person", "role": "text"}]],
    "slug": [None, *_SLUGS],
    "lang": [None, "km", "en"],
    "translator": [None, "Second Person", "Example translator"],
    "modified": [None, "2026-11-21 08:00", "2026-11-22 08:00"],
    "modified_note": [None, "Example note."],
    "tags": [None, ["Example topic"], ["Second topic", "Example topic"], ["example Topic"], ["Third topic"]],
    "series": [
        None,
        *({"name": f"Example {name}", "part": n} for name in ("series", "Series", "more") for n in (1, 3)),
    ],
    "type": [None, "analysis", "sponsored", "opinion"],
    "dateline": [None, "Example Town", "Another Town"],
    "hero": [
        None,
        _HERO,
        {**_HERO, "image": "/articles/2026/11/wide.jpg"},
        {**_HERO, "caption": "Example caption"},
        {**_HERO, "focus": "10% 90%"},
        {**_HERO, "alt": None},
    ],
    "corrections": [None, [{"date": "2026-11-21 10:00", "text": "Example correction."}]],
    "right_of_reply": [None, [{"who": "Example Office", "asked": "2026-11-19", "response": "Example response."}]],
    "sources": [None, ["An example document"]],
    "methods": [None, "Example account."],
    "sensitive": [None, {"kind": "example", "note": "Example note."}],
    "aliases": [None, ["/old-one/"], ["/old-two/page.html"], ["/old-one/", "/older/one/"]],
    "status": [None, "draft", "hidden", "published", "retracted"],
    "retraction": [None, {"date": "2026-11-22 10:00"}],
    "embargo": [None, "2026-11-22 11:00", "2026-11-23 06:00"],
    "related": [None, ["opinion"], ["part-one", "fact-check"], ["recent"]],
}
PAGE: dict[str, list[Any]] = {
    "title": ["Another page", "About the example"],
    "summary": ["Another summary of a page."],
    "position": [None, 1, 3],
    "template": [None, "contact"],
    "slug": [None, "another-page"],
    "save_as": [None, "contact/us.html", "elsewhere.html"],
    "status": [None, "draft", "hidden"],
    "aliases": [None, ["/old-page/"]],
    "translator": [None, "Second Person"],
}
AUTHOR: dict[str, list[Any]] = {
    "name": ["Another Name", "First Person", "Second Person", 'A "Quoted" Name'],
    "kind": [None, "organisation"],
    "role": [None, "Example reporter", "Example editor"],
    "email": [None, "other@full.example"],
    "photo": [None, {"image": "portrait.jpg", "alt": "A rectangle.", "credit": "Nobody"}],
    "links": [None, [{"name": "Elsewhere", "url": "https://elsewhere.example/other"}]],
    "translator": [None, "Second Person"],
}
# What may stand in a text: it is added where it is missing and taken out where it is not.
TEXTS = [
    "\nAnother paragraph.\n",
    '\nA "quoted" paragraph, with -- dashes, CAPITALS and ខ្មែរ.\n',
    "\n## A heading of its own\n\nText below it.\n",
    "\n## A table\n\nText below that.\n",
    "\nA [link](/articles/2026/11/recent.md) and [another](/articles/2025/03/part-one.md).\n",
    "\nA [link](/articles/2026/11/opinion.md), [one more](interview.md) and [the page](/pages/contact.md).\n",
    "\nA [link to a part](/articles/2026/11/everything.md#a-table).\n",
    "\nA [link to a part of another](/articles/2026/11/opinion.md#a-heading-of-its-own).\n",
    "\n[An author](/authors/first-person.md) and [a page](/pages/about.md#example-heading).\n",
    "\n[What is not public](/articles/2026/11/quokkaembargoed.md)\n",
    "\n![A picture in the text.](/articles/2026/11/inside.png)\nCredit: Example credit\n",
    "\n![](/articles/2026/11/unused.jpg)\n",
    "\n![Another example](/articles/2026/11/unused.jpg)\n\n/// caption\nExample caption.\nLicence: CC0\n///\n",
    "\nA note.[^own]\n\n[^own]: Its text.\n",
]


# What a photograph says of itself, where it is a JPEG.
SAID: list[dict[str, str]] = [
    {"alt": "Example words", "credit": "Example agency"},
    {"alt": "Example words", "caption": "Example caption of the photo", "credit": "Example agency"},
    {"alt": "Other words", "credit": "Other agency", "licence": "https://licence.example/by"},
    {"alt": "Other words"},
    {},
]


def edit(function: Edit) -> Edit:
    EDITS[function.__name__] = function
    return function


def sources(site: Path, kind: str = "*") -> list[Path]:
    """The Markdown files of the site, in order."""
    return sorted(path for path in (site / "content").glob(f"{kind}/**/*.md"))


def choose(values: list[_Value] | tuple[_Value, ...], n: int) -> _Value:
    return values[n % len(values)]


def change_fields(path: Path, field: str, value: Any) -> bool:
    """Write a field of the front matter anew; False where there is no front matter to read."""
    found = _FRONT.fullmatch(path.read_text(encoding="utf-8", errors="replace"))
    try:
        fields = yaml.load(found[1], yaml.BaseLoader) if found else None
    except yaml.YAMLError:
        fields = None
    if found is None or not isinstance(fields, dict):
        return False
    fields[field] = value
    kept = {name: each for name, each in fields.items() if each is not None}
    text = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(f"---\n{text}---\n{found[2]}", encoding="utf-8")
    return True


def _field(site: Path, kind: str, fields: dict[str, list[Any]], which: int, how: int) -> str:
    path = choose(sources(site, kind), which)
    name = choose(sorted(fields), how)
    value = choose(fields[name], how // len(fields))
    return f"{path.name}: {name} is {value!r}" if change_fields(path, name, value) else ""


@edit
def article_field(site: Path, which: int, how: int) -> str:
    return _field(site, "articles", ARTICLE, which, how)


@edit
def headline(site: Path, which: int, how: int) -> str:
    """What stands on cards and under other articles; a session follows it without a whole build."""
    return _field(site, "articles", {name: ARTICLE[name] for name in ("title", "summary")}, which, how)


@edit
def place(site: Path, which: int, how: int) -> str:
    """An article's address changes, or the lists in which it stands; what leads to it follows."""
    fields = {name: ARTICLE[name] for name in ("slug", "date", "category", "tags", "series", "authors")}
    return _field(site, "articles", fields, which, how)


@edit
def retract(site: Path, which: int, how: int) -> str:
    """An article is taken down, says so in other words, or is restored."""
    path = choose(sources(site, "articles"), which)
    retraction = choose(RETRACTIONS, how)
    if not change_fields(path, "retraction", retraction):
        return ""
    change_fields(path, "status", "retracted" if retraction else None)
    return f"{path.name}: retraction is {retraction!r}"


RETRACTIONS = [
    {"date": "2026-11-22 10:00"},
    None,
    {"date": "2026-11-22 10:00", "notice": 'Example "notice".'},
    {"date": "2026-11-23", "notice": "Another notice."},
]


@edit
def page_field(site: Path, which: int, how: int) -> str:
    return _field(site, "pages", PAGE, which, how)


@edit
def author_field(site: Path, which: int, how: int) -> str:
    return _field(site, "authors", AUTHOR, which, how)


@edit
def nested_alias(site: Path, which: int, how: int) -> str:
    """What was a file is a folder, or the other way round."""
    path = choose(sources(site, "articles"), which)
    alias = choose(["/old.html", "/old.html/older/"], how)
    return f"{path.name}: has the alias {alias}" if change_fields(path, "aliases", [alias]) else ""


@edit
def text(site: Path, which: int, how: int) -> str:
    path, piece = choose(sources(site), which), choose(TEXTS, how)
    before = path.read_text(encoding="utf-8", errors="replace")
    path.write_text(before.replace(piece, "") if piece in before else before + piece, encoding="utf-8")
    return f"{path.name}: {'takes out' if piece in before else 'adds'} {piece!r}"


FRONTS = [
    None,
    "lead: opinion",
    "lead: part-one",
    "lead: recent\nblocks: [Second section]",
    "blocks: [Second section, First section]",
]


@edit
def front(site: Path, which: int, how: int) -> str:
    """What an editor pins and orders on a front page."""
    path = site / "content/fronts" / choose(("index.md", "index.km.md"), which)
    fields = choose(FRONTS, how)
    if fields is None:
        path.unlink(missing_ok=True)
        return f"{path.name}: deleted"
    path.write_text(f"---\n{fields}\n---\n", encoding="utf-8")
    return f"{path.name}: {fields!r}"


@edit
def introduction(site: Path, which: int, how: int) -> str:
    path = choose(sorted((site / "content/fronts").glob("*/*.md")) or [site / "content/fronts/topics/gone.md"], which)
    if how % 8 == 0:
        path.unlink(missing_ok=True)
        return f"{path.name}: no introduction"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\n---\n\nIntroduction {how % 8} with [a link](/pages/about.md).\n", encoding="utf-8")
    return f"{path.name}: introduction {how % 8}"


@edit
def touch(site: Path, which: int, how: int) -> str:
    path = choose(sorted(path for path in site.rglob("*") if _is_source(site, path)), which)
    if how % 3 == 0:
        os.utime(path, (how, how))
    elif how % 3 == 1:
        path.write_bytes(path.read_bytes())
    else:
        shutil.copy2(path, f"{path}.copy")
        os.replace(f"{path}.copy", path)
    return f"{path.name}: is touched, and as before"


def _is_source(site: Path, path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.relative_to(site).parts[0] in ("content", "theme")


@edit
def change_without_a_trace(site: Path, which: int, how: int) -> str:
    path = choose(sources(site), which)
    times, data = path.stat(), path.read_bytes()
    old, new = choose(((b"Text", b"TeXt"), (b"TeXt", b"Text"), (b"xample", b"xAmple"), (b"xAmple", b"xample")), how)
    swapped = data.replace(old, new)
    path.write_bytes(swapped)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return f"{path.name}: other letters, same size and time" if swapped != data else ""


@edit
def rename(site: Path, which: int, how: int) -> str:
    path = choose(sources(site), which)
    suffix = ".km.md" if path.name.endswith(".km.md") else ".md"
    return _move(path, path.with_name(choose(_SLUGS, how) + suffix))


@edit
def move_to_another_month(site: Path, which: int, how: int) -> str:
    path = choose(sources(site, "articles"), which)
    return _move(path, site / "content" / "articles" / choose(_FOLDERS, how) / path.name)


def _move(path: Path, to: Path) -> str:
    if to.exists():
        return ""
    to.parent.mkdir(parents=True, exist_ok=True)
    path.rename(to)
    return f"{path.name}: becomes {to.parent.name}/{to.name}"


@edit
def swap(site: Path, which: int, how: int) -> str:
    one, other = choose(sources(site), which), choose(sources(site), how)
    if one == other:
        return ""
    between = one.with_name(".between")
    one.rename(between)
    other.rename(one)
    between.rename(other)
    return f"{one.name}: swapped with {other.name}"


@edit
def delete(site: Path, which: int, how: int) -> str:
    path = choose(sources(site), which)
    path.unlink()
    return f"{path.name}: deleted"


@edit
def add(site: Path, which: int, how: int) -> str:
    path, suffix = choose(sources(site), which), choose((".md", ".km.md"), how)
    to = path.with_name(choose(_SLUGS, how // 2) + suffix)
    if to == path:
        return ""
    shutil.copy(path, to)
    return f"{to.name}: a copy of {path.name}"


@edit
def translate(site: Path, which: int, how: int) -> str:
    path = choose(sources(site), which)
    to = path.with_name(f"{path.name.split('.')[0]}.km.md")
    if to.exists():
        to.unlink()
        return f"{to.name}: deleted"
    shutil.copy(path, to)
    return f"{to.name}: a translation"


@edit
def break_a_text(site: Path, which: int, how: int) -> str:
    path = choose(sources(site), which)
    wrong = ("---\ntitle: [\n---\n", "TK and [a note\n", "\n# A heading too high\n", "\n[x](no-such-file.md)\n")
    data = path.read_text(encoding="utf-8")
    path.write_text(wrong[0] + data if how % 4 == 0 else data + choose(wrong, how), encoding="utf-8")
    return f"{path.name}: broken by {choose(wrong, how)!r}"


@edit
def picture(site: Path, which: int, how: int) -> str:
    path = choose(sorted(each for each in (site / "content").rglob("*") if each.suffix in (".jpg", ".png")), which)
    if how % 8 == 0:
        path.unlink()
    elif how % 8 == 1:
        path.write_bytes(path.read_bytes()[:100])
    else:
        make_picture(path, (40 + how % 16, 30), **choose(SAID, how))
    return f"{path.name}: picture {how % 8 or 'deleted'}, {how % 16}"


@edit
def words_of_a_picture(site: Path, which: int, how: int) -> str:
    """Other words in the same picture."""
    path = choose(sorted((site / "content").rglob("*.jpg")), which)
    try:
        with Image.open(path) as picture:
            size = picture.size
    except OSError:
        return ""
    make_picture(path, size, **choose(SAID, how))
    return f"{path.name}: says {choose(SAID, how)}"


@edit
def other_file(site: Path, which: int, how: int) -> str:
    """Files that no document names."""
    names = ("notes.csv", ".hidden.md", "articles/2026/11/word.docx", "articles/draft.md~", "stray.md", "README.md")
    path = site / "content" / choose(names, which)
    if path.exists():
        path.unlink()
        return f"{path.name}: deleted"
    path.write_text(f"Example {how}.\n", encoding="utf-8")
    return f"{path.name}: added"


@edit
def link_to_a_folder(site: Path, which: int, how: int) -> str:
    path = site / "content" / choose(("articles/linked", "linked"), which)
    if path.is_symlink():
        path.unlink()
        return f"{path.name}: the symbolic link is deleted"
    path.symlink_to(site / "theme", target_is_directory=True)
    return f"{path.name}: a symbolic link to a folder"
