"""A real archive for the tests: the posts in ../shared/corpora/18f, converted to this project's schema.

They were written for another generator: its template tags become links and pictures, or go.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any

import yaml

from newsroom.articles.slugs import slugify
from tests.support import ROOT, SHARED

CORPUS = SHARED / "corpora" / "18f"
HOME = "https://18f.example"  # where links that lead out of the archive's posts go
# What the posts themselves do wrong, besides headings that skip a level: each post is left out of the built site.
MISTAKES = Path(__file__).with_name("archive_mistakes.txt").read_text(encoding="utf-8").splitlines()
LEFT_OUT = {line.partition(":")[0].removeprefix("content/") for line in MISTAKES}
LEFT_OUT_FOR_HTML = "articles/2020/06/building-trust-in-a-public-health-crisis.md"  # says <H1> where it means `<H1>`
LEFT_OUT.add(LEFT_OUT_FOR_HTML)
_NAME = re.compile(r"(\d{4})-(\d{2})-(\d{1,2})-(.+)\.md")
_SETTINGS = """
import newsroom.plugin

PLUGINS = ["newsroom.plugin"]
PATH, OUTPUT_PATH, THEME = "content", "output", "theme"
SITENAME, SITEURL = "Archive", "https://archive.example"
TIMEZONE, DEFAULT_LANG = "America/New_York", "en"
ARTICLE_URL = ARTICLE_SAVE_AS = "{date:%Y}/{date:%m}/{slug}.html"
PAGE_URL = PAGE_SAVE_AS = "{slug}.html"
DEFAULT_PAGINATION, FEED_MAX_ITEMS = 20, 20
NEWSROOM = {
    "social_cards": False,  # five hundred of them take a minute to draw
    "sections": {"archive": {"en": "Archive"}},
    "contact": {"email": "newsroom@archive.example"},
    "feed_authority": "archive.example,2026",
}
"""


@dataclass(frozen=True)
class Post:
    """One post of the corpus."""

    name: str
    year: str
    month: str
    day: str
    slug: str
    fields: Mapping[str, Any]
    body: str

    @property
    def source(self) -> str:
        return f"articles/{self.year}/{self.month}/{self.slug}.md"


def posts() -> list[Post]:
    """Every post, oldest first."""
    return [_post(path) for path in sorted((CORPUS / "posts").glob("*.md"))]


def _post(path: Path) -> Post:
    match = _NAME.fullmatch(path.name)
    assert match, path
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    year, month, day, slug = match[1], match[2], match[3].zfill(2), match[4]
    return Post(path.name, year, month, day, slugify(slug), yaml.safe_load(front.replace("\t", " ")), body)


def make_site(to: Path, without: Collection[str] = (), mend: bool = False) -> Path:
    """A site of the converted posts, except those in `without` (by source); with `mend`, without their mistakes."""
    found = [post for post in posts() if post.source not in without]
    (to / "content" / "authors").mkdir(parents=True)
    (to / "theme").symlink_to(ROOT / "theme")
    (to / "pelicanconf.py").write_text(_SETTINGS, encoding="utf-8")
    sources = {(post.year, post.month, post.day, post.slug): post.source for post in found}
    for post in found:
        path = to / "content" / post.source
        path.parent.mkdir(parents=True, exist_ok=True)
        text, written = body(post, sources, mend), fields(post)
        path.write_text(
            f"---\n{yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=10_000)}---\n{text}",
            encoding="utf-8",
        )
        for picture in {*re.findall(r'(?:\(|src=")([\w.-]+\.(?:png|jpe?g|gif))', text)}:
            _copy_picture(picture, path.parent)
        if "hero" in written:
            _copy_picture(written["hero"]["image"], path.parent)
        for author in authors(post):
            name = yaml.safe_dump({"name": author}, allow_unicode=True)
            (to / "content" / "authors" / f"{slugify(author)}.md").write_text(f"---\n{name}---\n", encoding="utf-8")
    return to


def _copy_picture(name: str, folder: Path) -> None:
    if (CORPUS / "images" / name).is_file():
        shutil.copyfile(CORPUS / "images" / name, folder / name)


def authors(post: Post) -> list[str]:
    return [str(author) for author in post.fields["authors"] or ["18F"]]


def fields(post: Post) -> dict[str, Any]:
    written = post.fields
    found = {
        "title": " ".join(str(written["title"]).split()),
        "date": _date(post),
        "category": "Archive",
        "authors": [slugify(author) for author in authors(post)],
        "summary": " ".join(str(written["excerpt"] or written.get("description") or "").split()),
        "slug": post.slug,
    }
    if tags := list(dict.fromkeys(str(tag) for tag in written["tags"] or ())):
        found["tags"] = tags
    picture = str(written.get("image") or "").rpartition("/")[2]
    if picture and (CORPUS / "images" / picture).is_file():
        alt = " ".join(str(written.get("image_alt") or f"The picture of the post “{found['title']}”").split())
        found["hero"] = {"image": picture, "alt": alt, "credit": "18F"}
    old = written.get("redirect_from") or []
    if aliases := [old] if isinstance(old, str) else old:
        found["aliases"] = aliases
    return found


def _date(post: Post) -> str:
    written = post.fields.get("date") or f"{post.year}-{post.month}-{post.day}"
    if isinstance(written, datetime):
        return written.isoformat(sep=" ")
    return written.isoformat() if isinstance(written, date) else str(written)


def body(post: Post, sources: Mapping[tuple[str, ...], str], mend: bool = True) -> str:
    """A post's text as this project's Markdown; with `mend`, its headings in order."""
    text = _credited(_body(post, sources))
    return _mended(text) if mend else text


def _credited(body: str) -> str:
    """The body with whose its pictures are, of which the posts speak in many ways."""
    credit = "Credit: 18F"
    body = re.sub(r"(?m)^(\[?!\[[^\]]*\]\([\w.-]+\)(?:\]\([^)]*\))?) *$", rf"\1\n{credit}", body)
    body = re.sub(r"(?s)(<img[^>]*>(?:(?!<img).)*?)(</figcaption>)", rf"\1\n{credit}\n\2", body)
    return re.sub(r"(?s)(<img[^>]*>)(\s*</(?:figure|div)>)", rf"\1\n<figcaption>{credit}</figcaption>\2", body)


def _body(post: Post, sources: Mapping[tuple[str, ...], str]) -> str:
    """The body with the other generator's tags turned into Markdown, or taken out."""

    def address(path: str) -> str:
        name = path.rpartition("/")[2]
        if name and (CORPUS / "images" / name).is_file():
            return name
        match = re.fullmatch(r"/?(?:blog/)?(\d{4})/(\d{2})/(\d{2})/([^/]+)/?", path.strip())
        source = sources.get((*match.groups()[:3], slugify(match[4]))) if match else None
        return f"/{source}" if source else f"{HOME}/{path.strip().lstrip('/')}"

    def picture(match: re.Match[str]) -> str:
        words = re.findall(r'"([^"]*)"', match[0])
        name = words[0].rpartition("/")[2]
        if not (CORPUS / "images" / name).is_file():
            return ""
        alt = " ".join(words[-1].split()) if len(words) > 1 else "A picture of the post"
        before = body[: match.start()]
        if before.count("<figure") > before.count("</figure"):
            return f'<img src="{name}" alt="{escape(alt)}">'
        return f"![{alt}]({name})"

    body = re.sub(r"\{% *(?:end)?(?:raw|comment) *%\}", "", post.body)
    body = re.sub(r"(?s)\{% *image\w* .*?%\}", picture, body)
    body = re.sub(r"\{\{ *\"([^\"]*)\" *\| *url *\}\}", lambda match: address(match[1]), body)
    body = re.sub(r"\{\{ *\"([^\"]*)\" *\| *team_link *\}\}", r"\1", body)
    body = re.sub(r"\{\{ *\"([^\"]*)\" *\| *embed: *(?:\"([^\"]*)\"|'([^']*)') *\}\}", r"[\2\3](\1)", body)
    body = re.sub(r"\{\{ *site\.baseurl *\}\}", HOME, body)
    # Most pictures are not in the corpus, and a few are named by a loop of the other generator.
    missing = rf"!\[[^\]]*\]\(\s*({HOME}|/assets|\{{\{{)[^)]*\)|<img[^>]*src=.({HOME}|/assets|\{{\{{)[^>]*>"
    body = re.sub(missing, "", body)
    return re.sub(r"\{\{ *(?:\"|page|image|author)[^}]*\}\}|\{% *(?:for|endfor|unless|if|endif)[^%]*%\}", "", body)


def _mended(body: str) -> str:
    """The body with headings that begin at level 2 and jump no level."""
    above, fenced, lines = 1, False, []
    for line in body.split("\n"):
        fenced ^= line.startswith("```")
        if not fenced and (match := re.match(r"(#{1,6})(?=[^#])", line)):
            level = min(max(len(match[1]), 2), above + 1)
            line, above = "#" * level + line[len(match[1]) :], level
        lines.append(re.sub("^=+$", "---", line))
    return "\n".join(lines)


def add_unconverted(site: Path) -> list[str]:
    """Add every post as it was written; their paths as the build names them."""
    folder = site / "content" / "articles" / "raw"
    shutil.copytree(CORPUS / "posts", folder)
    return [f"content/articles/raw/{path.name}" for path in sorted(folder.iterdir())]
