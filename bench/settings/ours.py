"""The site that is measured."""

import newsroom.plugin  # noqa: F401

PLUGINS = ["newsroom.plugin"]
PATH, OUTPUT_PATH, THEME = "content", "output", "theme"
SITENAME = "Example Newsroom"
SITEURL = "https://bench.example"
TIMEZONE = "Asia/Phnom_Penh"
DEFAULT_LANG = "en"
ARTICLE_URL = ARTICLE_SAVE_AS = "{date:%Y}/{date:%m}/{slug}.html"
PAGE_URL = PAGE_SAVE_AS = "{slug}.html"
DEFAULT_PAGINATION = 20
FEED_MAX_ITEMS = 20
NEWSROOM = {
    "taglines": {"en": "Made-up words to measure with"},
    "sections": {
        "politics": {"en": "Politics"},
        "economy": {"en": "Economy"},
        "environment": {"en": "Environment"},
        "society": {"en": "Society"},
    },
    "contact": {
        "email": "newsroom@bench.example",
        "telephone": "+855 00 000 000",
        "address": "Example Street 1, Phnom Penh, Cambodia",
    },
    "feed_authority": "bench.example,2026",
    "social_cards": False,  # the peers draw none
}
