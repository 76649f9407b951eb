"""Long listings: every article on one page, full pages for good."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from newsroom.fronts.listings import Slice, page_url, paginate
from tests.pages import Page
from tests.support import Built, add_tiny_articles, build, difference, times, tiny_article

COUNTS = st.integers(0, 400)
SIZES = st.integers(1, 30)


def by_number(count: int, size: int) -> dict[int, Slice[int]]:
    """The pages of a listing of the articles 0, 1, 2 …, oldest first."""
    return {part.number: part for part in paginate(range(count), size)}


@given(COUNTS, SIZES)
def test_every_article_stands_on_exactly_one_page_newest_first(count: int, size: int) -> None:
    parts = list(paginate(range(count), size))
    assert [item for part in parts for item in part.items] == list(reversed(range(count)))


@given(COUNTS, SIZES)
def test_numbered_pages_are_full_and_the_newest_holds_up_to_twice_as_many(count: int, size: int) -> None:
    newest, *numbered = paginate(range(count), size)
    assert newest.number == 0
    assert all(len(part.items) == size for part in numbered)
    assert len(newest.items) == count if count < size else size <= len(newest.items) < 2 * size


@given(COUNTS, SIZES)
def test_another_article_changes_no_full_page(count: int, size: int) -> None:
    before, after = by_number(count, size), by_number(count + 1, size)
    for number in before.keys() - {0}:
        assert after[number].items == before[number].items
    changed = [number for number in after.keys() | before.keys() if before.get(number) != after.get(number)]
    assert len(changed) <= 3
    assert len(changed) == 1 or len(before) < len(after)


@given(COUNTS, SIZES)
def test_pages_are_linked_in_one_chain(count: int, size: int) -> None:
    parts = by_number(count, size)
    way, number = [], 0
    while number is not None:
        way.append(number)
        older = parts[number].older
        assert older is None or parts[older].newer == number
        number = older
    assert way == [0, *range(len(parts) - 1, 0, -1)]
    assert parts[0].newer is None


def test_an_article_added_to_ten_thousand_changes_one_page_and_every_twentieth_time_three() -> None:
    changed = []
    for count in range(10_000, 10_020):
        before, after = by_number(count, 20), by_number(count + 1, 20)
        changed.append(sum(before.get(number) != after.get(number) for number in after))
    assert sorted(changed) == [1] * 19 + [3]


def test_pages_have_names_that_cannot_meet() -> None:
    assert page_url("authors/reporter-1/", 2) == "authors/reporter-1/page-2.html"
    assert page_url("authors/reporter-12/", 0) == "authors/reporter-12/index.html"
    assert page_url("", 0) == "index.html"


def listed(page: Page) -> list[str]:
    return [
        link.rpartition("/")[2]
        for link in page.tree.xpath("//main//h2/a/@href | //main//h3/a/@href | //main//li/a/@href")
    ]


def test_the_front_and_its_numbered_pages_show_every_article_once(full: Built) -> None:
    found = []
    for name in ("index.html", "page-2.html", "page-1.html"):
        found += [each for each in listed(Page(full.output, name)) if each != "index.html"]
    assert len(found) == len(set(found))
    published = [path.name for path in full.output.glob("20*/*/*.html") if path.name != "index.html"]
    assert sorted(found) == sorted(published)


def test_numbered_pages_hold_twenty_articles_and_the_newest_twenty_to_thirty_nine(full: Built) -> None:
    for start in ("", "sections/first/", "authors/first-person/", "topics/example-topic/"):
        assert len(Page(full.output, f"{start}page-1.html").tree.xpath("//main//article")) == 20
        names = [each for each in listed(Page(full.output, f"{start}index.html")) if each != "index.html"]
        assert 20 <= len(names) <= 39, start


def test_a_new_article_writes_the_newest_pages_and_its_neighbours_only(full_copy: Path) -> None:
    add_tiny_articles(full_copy, 50)
    output = build(full_copy).output
    before = times(output)
    new = full_copy / "content/articles/2026/11/brand-new.md"
    new.write_text(tiny_article(1, when="2026-11-22").replace("08:01", "08:00"), encoding="utf-8")
    build(full_copy)
    changed = difference({**before, ".ledger.json": 0}, {**times(output), ".ledger.json": 0})
    numbered = [name for name in changed if "page-" in name]
    assert numbered == []
    articles = [name for name in changed if name.startswith("20") and not name.endswith("index.html")]
    assert "2026/11/brand-new.html" in articles
    assert "2026/11/sponsored.html" in articles, "its next article is a new one"
    assert len(articles) <= 8, articles
    assert not [name for name in changed if name.startswith("km/")]
    assert not [name for name in changed if name.startswith(("2024", "2025"))]
