"""The articles room's adapter: Pelican reads our documents through this reader.

The archive was read and checked before Pelican asks; the reader only hands over what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

from pelican.contents import Article, Page
from pelican.generators import Generator
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


def contents(generator: Generator, sources: Sequence[str], kind: str) -> Sequence[Any]:
    """Pelican's own objects of the documents `sources`, each made when somebody looks at it. The generator does
    nothing with them: each has its page in the plan, finished."""
    generator.generate_output = lambda writer: None
    generator.refresh_metadata_intersite_links = lambda: None
    return _Contents(generator, sources, {"article": Article, "page": Page}[kind])


class _Contents(Sequence[Any]):
    def __init__(self, generator: Generator, sources: Sequence[str], kind: type[Any]) -> None:
        self._generator = generator
        self._sources = sources
        self._kind = kind
        self._made: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self._sources)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        n = range(len(self))[at]
        if n not in self._made:
            own = self._generator
            self._made[n] = own.readers.read_file(
                base_path=own.path, path=self._sources[n], content_class=self._kind, context=own.context
            )
        return self._made[n]
