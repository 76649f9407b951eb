"""No address that was ever published disappears without a word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsroom.publish.addresses import addresses, joined, read_addresses, vanished

RELEASE = [
    "index.html",
    "404.html",
    "km/404.html",
    "2021/07/x.html",
    "old/page.htm",
    "topics/x/page-3.html",
    "feeds/all.atom.xml",
    "feeds/sections/x.rss.xml",
    "sitemap.xml",
    "robots.txt",
    "release.json",
    "images/0123456789abcdef.jpg",
    "theme/css/site.1f2e3d4c.css",
    "months/2021-07.html",
    "km/months/2021-07.html",
    "km/blocked.html",
    "site.zip",
]
GIVEN = ["2021/07/x.html", "feeds/all.atom.xml", "feeds/sections/x.rss.xml", "index.html", "old/page.htm"]


def test_pages_and_feeds_are_addresses_and_what_belongs_to_them_is_not() -> None:
    assert sorted(addresses(RELEASE)) == [*GIVEN, "topics/x/page-3.html"]


def test_the_ledger_grows_in_order_and_loses_nothing() -> None:
    before = "# Addresses of this site.\n2019/gone.html\nindex.html\n"
    after = joined(before, RELEASE)
    names = ["2019/gone.html", *GIVEN, "topics/x/page-3.html"]
    assert after == "".join(f"{line}\n" for line in ["# Addresses of this site.", *names])
    assert joined(after, RELEASE) == after
    assert joined("", RELEASE[:1]) == "index.html\n"


@given(st.lists(st.sampled_from(RELEASE)), st.lists(st.sampled_from(RELEASE)), st.lists(st.sampled_from(RELEASE)))
def test_what_two_people_published_is_merged_by_keeping_the_lines_of_both(
    one: list[str], a: list[str], b: list[str]
) -> None:
    base = joined("", one)
    merged = joined(base, a) + joined(base, b)  # as git's union does, whatever the order
    assert read_addresses(merged).keys() == addresses([*one, *a, *b])
    assert joined(merged, []) == joined("", [*one, *a, *b])


def test_an_address_that_would_disappear_is_told_with_its_line_and_remedy() -> None:
    ledger = read_addresses("# Addresses of this site.\nindex.html\n2021/07/x.html\n<<<<<<< HEAD\n../up.html\n")
    live = ["index.html", "2020/only-live.html", "images/a.jpg"]
    assert [str(each) for each in vanished(ledger, "content/addresses.txt", live, ["index.html"])] == [
        "content/addresses.txt:3: the address '2021/07/x.html' would disappear; add it to 'aliases' of the article "
        "that replaces it, or retract it",
        "content/addresses.txt:4: '<<<<<<< HEAD' is no address; delete the line; git may have left it",
        "content/addresses.txt:5: '../up.html' is no address; delete the line; git may have left it",
        "content/addresses.txt:1: the address '2020/only-live.html', which readers have now and this file does not "
        "name, would disappear; add it to 'aliases' of the article that replaces it, or retract it; write a list's "
        "into this file",
    ]
    assert list(vanished(ledger, "", [], ["index.html", "2021/07/x.html", "<<<<<<< HEAD", "../up.html"])) != []
