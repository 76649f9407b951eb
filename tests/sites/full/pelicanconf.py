"""The site with everything: two languages, every field of the schema."""

import newsroom.plugin  # noqa: F401

PLUGINS = ["newsroom.plugin"]
PATH, OUTPUT_PATH, THEME = "content", "output", "theme"
SITENAME = "Full site"
SITEURL = "https://full.example/news"
TIMEZONE = "Asia/Phnom_Penh"
DEFAULT_LANG = "en"
ARTICLE_URL = ARTICLE_SAVE_AS = "{date:%Y}/{date:%m}/{slug}.html"
PAGE_URL = PAGE_SAVE_AS = "{slug}.html"
DEFAULT_PAGINATION = 20
FEED_MAX_ITEMS = 20
NEWSROOM = {
    "languages": ["en", "km"],
    "names": {"km": "គេហទំព័រ"},
    "taglines": {"en": "Example tagline", "km": "ឧទាហរណ៍"},
    "sections": {
        "first": {"en": "First section", "km": "ផ្នែកទីមួយ"},
        "second": {"en": "Second section", "km": "ផ្នែកទីពីរ"},
    },
    "topics": {"example-topic": {"km": "ប្រធានបទ"}},
    "contact": {"email": "newsroom@full.example", "telephone": "+855 00 000 000", "address": "Example Street 1"},
    "feed_authority": "full.example,2026",
    "mirrors": ["https://mirror.example/full"],
    "root_key": "RWQBAQEBAQEBAYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
}
