"""What differs in production."""

from pelicanconf import *  # noqa: F403
from pelicanconf import NEWSROOM

NEWSROOM = {**NEWSROOM, "production": True}
