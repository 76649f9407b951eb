"""The same corpus as three source folders: ours, stock Pelican's and Hugo's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from corpus import SECTIONS, Article, Corpus, Plain

BENCH = Path(__file__).resolve().parent
PROJECT = BENCH.parent


def write_ours(corpus: Corpus, root: Path) -> None:
    """A site of this project; the theme is the project's own."""
    content = root / "content"
    _write_articles(content, corpus, our_article)
    for author in corpus.authors:
        _write(content / f"authors/{author.slug}.md", _document({"name": author.name}, author.body))
    for position, page in enumerate(corpus.pages):
        fields = {"title": page.name, "summary": page.summary, "position": position}
        if page.slug == "contact":
            fields["template"] = "contact"
        _write(content / f"pages/{page.slug}.md", _document(fields, page.body))
    shutil.copy(BENCH / "settings/ours.py", root / "pelicanconf.py")
    shutil.copytree(PROJECT / "theme", root / "theme")


def our_article(article: Article) -> str:
    """An article in our front matter."""
    fields: dict[str, object] = {
        "title": article.title,
        "date": f"{article.date:%Y-%m-%d %H:%M}",
        "category": SECTIONS[article.section],
        "authors": list(article.authors),
        "summary": article.summary,
        "tags": list(article.topics),
    }
    if article.series:
        fields["series"] = {"name": article.series[0], "part": article.series[1]}
    if article.correction:
        fields["corrections"] = [{"date": f"{article.correction[0]:%Y-%m-%d}", "text": article.correction[1]}]
    return _document(fields, article.body)


def write_pelican(corpus: Corpus, root: Path) -> None:
    """Stock Pelican with the theme it brings along; it knows neither series nor corrections."""
    content = root / "content"
    _write_articles(content, corpus, _pelican_article)
    for page in corpus.pages:
        _write(content / f"pages/{page.slug}.md", f"Title: {page.name}\nSummary: {page.summary}\n\n{page.body}\n")
    shutil.copy(BENCH / "settings/stock_pelican.py", root / "pelicanconf.py")


def _pelican_article(article: Article) -> str:
    fields = {
        "Title": article.title,
        "Date": f"{article.date:%Y-%m-%d %H:%M}",
        "Slug": article.slug,
        "Category": SECTIONS[article.section],
        "Authors": "; ".join(author.replace("author-", "Author ") for author in article.authors),
        "Tags": ", ".join(article.topics),
        "Summary": article.summary,
    }
    head = "\n".join(f"{name}: {value}" for name, value in fields.items())
    return f"{head}\n\n{article.body.replace('](/articles/', ']({filename}/articles/')}\n"


def write_hugo(corpus: Corpus, root: Path) -> None:
    """Hugo with bench/hugo, a theme that prints the parts of ours. Years and months are its nested sections."""
    content = root / "content"
    _write_articles(content, corpus, hugo_article)
    for date in {f"{date:%Y/%m}": date for date in map(corpus.date, range(corpus.size))}.values():
        year = {"title": f"{date:%Y}", "date": f"{date:%Y-01-01}", "layout": "year", "outputs": ["html", "sitemapyear"]}
        _write(content / f"articles/{date:%Y}/_index.md", _document(year, ""))
        month = {"title": f"{date:%B %Y}", "date": f"{date:%Y-%m-01}", "layout": "month"}
        _write(content / f"articles/{date:%Y/%m}/_index.md", _document(month, ""))
    archive = {"title": "Archive", "description": "All articles by year and month", "url": "/archive/"}
    _write(content / "articles/_index.md", _document({**archive, "layout": "archive"}, ""))
    feeds = {"outputs": ["html", "atom", "rss"]}
    for slug, name in SECTIONS.items():
        _write(content / f"sections/{slug}/_index.md", _document({"title": name, **feeds}, ""))
    for author in corpus.authors:
        _write(content / f"authors/{author.slug}/_index.md", _document({"title": author.name, **feeds}, author.body))
    _write_hugo_pages(corpus.pages, content)
    shutil.copytree(BENCH / "hugo", root, dirs_exist_ok=True)
    for kind in ("css", "js"):
        shutil.copytree(PROJECT / "theme/static" / kind, root / "assets" / kind)
    shutil.copytree(PROJECT / "theme/static/images", root / "static/theme/images")
    shutil.copy(PROJECT / "theme/worker/forget.js", root / "static/sw.js")


def _write_hugo_pages(pages: Iterable[Plain], content: Path) -> None:
    for position, page in enumerate(pages, 1):
        fields = {"title": page.name, "description": page.summary, "weight": position}
        _write(content / f"pages/{page.slug}.md", _document(fields, page.body))
    _write(content / "pages/_index.md", _document({"title": "Pages", "build": {"render": "never"}}, ""))
    corrections = {"title": "Corrections", "description": "What we got wrong, and put right", "url": "/corrections/"}
    _write(content / "corrections.md", _document({**corrections, "layout": "corrections"}, ""))
    search = {"title": "Find an article", "description": "By section, topic, series, author or year", "url": "/search/"}
    _write(content / "search.md", _document({**search, "layout": "search"}, ""))
    blocked = {
        "title": "If this site is blocked",
        "description": "Other addresses with the same pages, and copies to keep",
    }
    _write(content / "blocked.md", _document({**blocked, "url": "/blocked.html", "layout": "blocked"}, ""))


def hugo_article(article: Article) -> str:
    """An article in Hugo's front matter."""
    fields: dict[str, object] = {
        "title": article.title,
        "date": article.date.isoformat(),
        "sections": [article.section],
        "authors": list(article.authors),
        "description": article.summary,
        "topics": list(article.topics),
    }
    if article.series:
        fields |= {"series": [article.series[0]], "part": article.series[1]}
    if article.correction:
        fields["corrections"] = [{"date": article.correction[0].isoformat(), "text": article.correction[1]}]
    return _document(fields, article.body)


def _write_articles(content: Path, corpus: Corpus, text: Callable[[Article], str]) -> None:
    for article in corpus.articles():
        _write(content / article.source, text(article))


def _document(fields: Mapping[str, object], body: str) -> str:
    """Front matter and body; a JSON value is a YAML value."""
    head = "\n".join(f"{name}: {json.dumps(value)}" for name, value in fields.items())
    return f"---\n{head}\n---\n{body}\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
