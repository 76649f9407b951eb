"""A seeded archive of made-up words: the same number gives the same text on every machine.

No article says anything. Words are pronounceable syllables; the mix is that of news prose: mostly plain
paragraphs, some with quotations, dashes, emphasis or links, now and then a subheading, a list or a blockquote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from random import Random

SEED = 2026
WORDS = 900  # of an article's body
FIRST, YEARS = datetime(2006, 1, 1, 6, 0, tzinfo=timezone(timedelta(hours=7))), 20
SECTIONS = {"politics": "Politics", "economy": "Economy", "environment": "Environment", "society": "Society"}
PAGES = ("About", "Contact", "Ethics", "Funding", "Imprint", "Privacy")
AUTHORS, TOPICS = 30, 300
PARTS = 5  # articles in a series


@dataclass(frozen=True)
class Article:
    """One article. `body` is Markdown whose links name files from content's root: `/articles/2006/01/x.md`."""

    number: int
    slug: str
    title: str
    summary: str
    date: datetime
    section: str
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    series: tuple[str, int] | None
    correction: tuple[datetime, str] | None
    body: str

    @property
    def source(self) -> str:
        """The file in the content folder."""
        return f"articles/{self.date:%Y/%m}/{self.slug}.md"


@dataclass(frozen=True)
class Plain:
    """A page or an author: a name, one sentence, a few paragraphs."""

    slug: str
    name: str
    summary: str
    body: str


class Corpus:
    """An archive of `size` articles, made one at a time: they need not fit into memory."""

    def __init__(self, size: int, seed: int = SEED) -> None:
        self.size = size
        self.seed = seed
        self.words = _vocabulary(Random(f"{seed} words"))
        self.weights = list(accumulate(1 / (rank + 10) for rank in range(len(self.words))))
        names = Random(f"{seed} topics").sample(self.words, 2 * TOPICS)
        self.topics = [f"{one} {two}" for one, two in zip(names[::2], names[1::2], strict=True)]
        self.authors = [self._plain(f"author-{n:02}", f"Author {n}") for n in range(1, AUTHORS + 1)]
        self.pages = [self._plain(name.lower(), name) for name in PAGES]

    @property
    def name(self) -> str:
        return f"{self.size:,} made-up articles"

    def articles(self) -> Iterator[Article]:
        """All articles, oldest first."""
        return (self.article(number) for number in range(self.size))

    def article(self, number: int) -> Article:
        """Article `number`, from 0, the oldest; `size` is one that is newer than all."""
        random = Random(f"{self.seed} article {number}")
        prose = Prose(random, self.words, self.weights)
        date = self.date(number)
        corrected = (date + timedelta(days=2), prose.sentence()) if random.random() < 0.02 else None
        series, part = divmod(number // 40, PARTS)
        return Article(
            number=number,
            slug=self.slug(number),
            title=self.title(number),
            summary=f"{prose.sentence()} {prose.sentence()}",
            date=date,
            section=random.choice(list(SECTIONS)),
            authors=tuple(random.sample([each.slug for each in self.authors], 2 if random.random() < 0.15 else 1)),
            topics=tuple(random.sample(self.topics, random.randint(2, 4))),
            series=(f"Series {series + 1}", part + 1) if number % 40 == 7 else None,
            correction=corrected,
            body=prose.body(self._links(random, number)),
        )

    def date(self, number: int) -> datetime:
        """Articles are spread evenly over the years, at a full minute."""
        minutes = number * YEARS * 365 * 24 * 60 // max(1, self.size)
        return FIRST + timedelta(minutes=minutes)

    def title(self, number: int) -> str:
        random = Random(f"{self.seed} title {number}")
        return " ".join(random.choices(self.words, cum_weights=self.weights, k=random.randint(5, 9))).capitalize()

    def slug(self, number: int) -> str:
        return "-".join([*self.title(number).lower().split()[:4], str(number)])

    def _links(self, random: Random, number: int) -> list[str]:
        """Addresses that the body links to: in three articles of ten up to three older ones, in two the web."""
        links = []
        if number and random.random() < 0.3:
            for _ in range(random.randint(1, 3)):
                other = random.randrange(max(0, number - 500), number)
                links.append(f"/articles/{self.date(other):%Y/%m}/{self.slug(other)}.md")
        if random.random() < 0.2:
            links.append(f"https://elsewhere.example/{random.choice(self.words)}")
        return links

    def _plain(self, slug: str, name: str) -> Plain:
        prose = Prose(Random(f"{self.seed} {slug}"), self.words, self.weights)
        return Plain(slug, name, prose.sentence(), "\n\n".join(prose.paragraph([]) for _ in range(3)))


class Prose:
    """Sentences, paragraphs and bodies drawn from one random source."""

    def __init__(self, random: Random, words: list[str], weights: list[float]) -> None:
        self.random = random
        self._words, self._weights = words, weights

    def words(self, count: int) -> list[str]:
        return self.random.choices(self._words, cum_weights=self._weights, k=count)

    def sentence(self) -> str:
        """8 to 26 words with a comma, a possessive, a name, a number or an acronym now and then."""
        random, words = self.random, self.words(self.random.randint(8, 26))
        last = len(words) - 1
        for chance, change in (
            (0.5, lambda word: f"{word},"),
            (0.2, lambda word: f"{word}'s"),
            (0.4, str.capitalize),
            (0.1, lambda _: str(random.randint(2, 2000))),
            (0.03, lambda word: word[:4].upper()),
        ):
            if random.random() < chance:
                place = random.randrange(1, last)
                words[place] = change(words[place])
        words[0] = words[0].capitalize()
        return f"{' '.join(words)}."

    def paragraph(self, links: list[str]) -> str:
        """Two to four sentences; takes a link from `links` for some."""
        random = self.random
        sentences = [self.sentence() for _ in range(random.randint(2, 4))]
        if random.random() < 0.22:
            sentences.insert(1, f'"{self.sentence()[:-1]}," {self.words(1)[0]} said.')
        text = " ".join(sentences)
        if random.random() < 0.08:
            text = text.replace(", ", " -- ", 1)
        if random.random() < 0.05:
            text = self._mark(text, "*", "*")
        if links and random.random() < 0.25:
            text = self._mark(text, "[", f"]({links.pop()})")
        return text

    def body(self, links: list[str]) -> str:
        """About WORDS words of Markdown. Every link is used."""
        random, blocks, count = self.random, [], 0
        subheaded, listed, quoted = random.random() < 0.3, random.random() < 0.08, random.random() < 0.08
        while count < WORDS - 30:  # half a paragraph
            block = self.paragraph(links)
            count += len(block.split())
            blocks.append(block)
            if subheaded and len(blocks) % 7 == 4:
                blocks.append(f"## {' '.join(self.words(4)).capitalize()}")
        if listed:
            blocks.insert(-1, "\n".join(f"- {self.sentence()}" for _ in range(4)))
        if quoted:
            blocks.insert(-1, f"> {self.sentence()}")
        blocks += [self._mark(self.sentence(), "[", f"]({link})") for link in links]
        return "\n\n".join(blocks)

    def _mark(self, text: str, before: str, after: str) -> str:
        """Put two plain words of the text between `before` and `after`."""
        words = text.split(" ")
        plain = [n for n in range(len(words) - 1) if words[n].isalpha() and words[n + 1].isalpha()]
        if not plain:
            return f"{text} {before}{' '.join(self.words(2))}{after}."
        place = self.random.choice(plain)
        words[place], words[place + 1] = f"{before}{words[place]}", f"{words[place + 1]}{after}"
        return " ".join(words)


def _vocabulary(random: Random, count: int = 6000) -> list[str]:
    """Different words of one to four syllables, the short ones first: they are drawn most often."""
    found: set[str] = set()
    while len(found) < count:
        syllables = random.choices((1, 2, 3, 4), (1, 6, 6, 2))[0]
        found.add("".join(_syllable(random) for _ in range(syllables)))
    return sorted(found, key=lambda word: (len(word), word))


def _syllable(random: Random) -> str:
    start = random.choice("b bl ch d dr f g h j k kh l m n ng p ph pr r s st t th tr v w y".split())
    return start + random.choice("a e i o u ai ea ou".split()) + random.choice(["", "", "", "n", "r", "l", "s", "ng"])
