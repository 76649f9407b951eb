"""Only what differs in production."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # where Pelican's command does not look
from pelicanconf import *  # noqa: E402, F403
from pelicanconf import NEWSROOM  # noqa: E402

NEWSROOM = {**NEWSROOM, "production": True}
