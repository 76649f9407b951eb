"""The articles room's adapter: Pelican reads our documents through this reader.

The archive was read and checked before Pelican asks; the reader only hands over what it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pelican.readers import BaseReader, Readers
from pelican.urlwrappers import Author as PelicanAuthor
from pelican.urlwrappers import Category, Tag

from newsroom.articles.schema import AnyDocument, ArticleFields

# From a file's path to what Pelican must know of it: the document, its finished HTML and its authors' names.
Lookup = Callable[[str], tuple[AnyDocument, str, list[str]] | None]


def install_reader(readers: Readers, lookup: Lookup) -> None:
    """Make ours the only reader of sources: another format would get past the rules."""

    class ArticleReader(BaseReader):  # type: ignore[misc]
        enabled = True
        file_extensions = ("md",)

        def read(self, source_path: str) -> tuple[str, dict[str, Any]]:
            found = lookup(source_path)
            if found is None:
                return "", {"status": "skip"}
            document, body, names = found
            return body, pelican_metadata(document, names, self.settings)

    readers.reader_classes = {"md": ArticleReader, "static": readers.reader_classes["static"]}


def pelican_metadata(document: AnyDocument, names: list[str], settings: dict[str, Any]) -> dict[str, Any]:
    """A document's fields under Pelican's names and in Pelican's types, for its signals and other plugins."""
    fields: Any = document.fields
    metadata: dict[str, Any] = {
        "title": fields.title,
        "summary": fields.summary,
        "lang": document.lang,
        "slug": document.slug,
        "url": document.url,
        "save_as": document.url,
        "status": "published",
    }
    if isinstance(fields, ArticleFields):
        metadata["date"] = fields.date
        metadata["category"] = Category(fields.category, settings)
        metadata["authors"] = [PelicanAuthor(name, settings) for name in names]
        metadata["tags"] = [Tag(tag, settings) for tag in fields.tags]
        if fields.modified:
            metadata["modified"] = fields.modified
    else:
        metadata["template"] = fields.template
    return metadata
