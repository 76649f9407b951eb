"""Facts of the site. Pelican's names where it has them; everything of ours in the one NEWSROOM dict."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # where Pelican's command does not look
import newsroom.plugin  # noqa: F401  fails here if it fails: Pelican would log a line and go on without it

PLUGINS = ["newsroom.plugin"]
PATH = "content"
OUTPUT_PATH = "output"
THEME = "theme"

SITENAME = "Cambodian Journalists Alliance Association"
SITEURL = "https://newsroom.example"  # the address of your site; production builds warn while it is this one
TIMEZONE = "Asia/Phnom_Penh"
DEFAULT_LANG = "en"

ARTICLE_URL = ARTICLE_SAVE_AS = "{date:%Y}/{date:%m}/{slug}.html"
PAGE_URL = PAGE_SAVE_AS = "{slug}.html"
DEFAULT_PAGINATION = 20  # articles on a full page of a listing
FEED_MAX_ITEMS = 20

NEWSROOM = {
    "languages": ["en", "km"],
    "names": {"km": "សមាគមសម្ព័ន្ធអ្នកសារព័ត៌មានកម្ពុជា"},  # awaits a native reader
    "taglines": {
        "en": "Journalism from Cambodia, and the handbook of how it is made",
        "km": "សារព័ត៌មានពីកម្ពុជា និងសៀវភៅណែនាំអំពីរបៀបធ្វើ",
    },
    "sections": {
        "politics": {"en": "Politics", "km": "នយោបាយ"},
        "press-freedom": {"en": "Press freedom", "km": "សេរីភាពសារព័ត៌មាន"},
        "handbook": {"en": "Handbook", "km": "សៀវភៅណែនាំ"},
    },
    "topics": {  # slug → names, where a topic's name is translated
        "photographs": {"en": "Photographs", "km": "រូបថត"},
        "publishing": {"en": "Publishing", "km": "ការបោះពុម្ពផ្សាយ"},
        "safety": {"en": "Safety", "km": "សុវត្ថិភាព"},
        "standards": {"en": "Standards", "km": "ស្តង់ដារវិជ្ជាជីវៈ"},
        "translations": {"en": "Translations", "km": "ការបកប្រែ"},
        "writing": {"en": "Writing", "km": "ការសរសេរ"},
    },
    "contact": {
        "email": "newsroom@newsroom.example",
        "telephone": "+855 00 000 000",
        "address": "Example Street 1, Phnom Penh, Cambodia",
    },
    "khmer_digits": False,  # True: ០–៩ in Khmer dates and numbers
    "feed_authority": "newsroom.example,2021",
    "publish_to": "",
}
