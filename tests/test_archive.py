"""A real archive of 509 posts: it builds, but for the mistakes that it really contains."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.archive import CORPUS, LEFT_OUT, LEFT_OUT_FOR_HTML, MISTAKES, add_unconverted, make_site
from tests.pages import broken, pages
from tests.support import Built, build, invoke, problems

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="needs ../shared/corpora/18f, a real archive of posts")

LEVEL = re.compile(r"the heading (.+) (jumps from|is as high as the headline)")


@pytest.fixture(scope="session")
def archive(once: Callable[..., Built]) -> Built:
    """The site of the archive, without the posts that have mistakes, and with headings in order."""
    return once("archive", lambda to: build(make_site(to, without=LEFT_OUT, mend=True)))


def test_the_mistakes_of_the_archive_are_all_found(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    raw = add_unconverted(site)
    done = invoke(site, "build")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    found = problems(done.stderr)
    assert {line.partition(":")[0] for line in found if "/raw/" in line} == set(raw), "posts that were not converted"
    converted = [line for line in found if "/raw/" not in line]
    levels = [line for line in converted if LEVEL.search(line)]
    assert Counter(LEVEL.search(line)[2] for line in levels) == {"jumps from": 26, "is as high as the headline": 17}
    wrong = [line for line in levels if not names_its_line(site, line)]
    assert all(LEFT_OUT_FOR_HTML in line for line in wrong), wrong  # its heading is raw HTML in mid-sentence
    others = [line for line in converted if line not in levels]
    assert len(others) == len(MISTAKES)
    assert [line for line, start in zip(others, MISTAKES, strict=True) if not line.startswith(start)] == []


def names_its_line(site: Path, problem: str) -> bool:
    """Whether every word of a heading that a problem quotes stands in the line that it names."""
    path, line, rest = problem.split(":", 2)
    source = (site / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    quoted = LEVEL.search(rest)[1][1:-1]
    return words(quoted) <= words(source)


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold()))


def test_the_archive_builds(archive: Built) -> None:
    assert " of 497 articles into " in archive.printed
    assert len(list(archive.output.glob("20*/*/*.html"))) > 497
    assert list((archive.output / "images").iterdir())


def test_every_link_of_the_archive_resolves_from_disk(archive: Built) -> None:
    assert broken(archive.output, "https://archive.example") == []


def test_no_page_of_the_archive_holds_another_generators_tags(archive: Built) -> None:
    tags = re.compile(r"\{% *(?:image|raw|endraw)|\{\{ *&?[\"“]|\| *(?:url|team_link|team_photo)")
    for name, page in pages(archive.output).items():
        assert not tags.search("".join(page.tree.xpath("//main//text()[not(ancestor::code)]"))), name


def test_listings_of_a_large_archive_are_numbered_from_the_oldest(archive: Built) -> None:
    numbered = sorted(path.name for path in archive.output.glob("page-*.html"))
    assert len(numbered) == 497 // 20 - 1
    oldest = pages(archive.output)["page-1.html"]
    years = {time[:4] for time in oldest.tree.xpath("//main//article//time/@datetime")}
    assert years == {"2014"}
