"""Only what differs in production."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # where Pelican's command does not look
from pelicanconf import *  # noqa: F403
from pelicanconf import NEWSROOM

NEWSROOM = {**NEWSROOM, "production": True, "drafts": False}
