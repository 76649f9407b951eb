"""Pelican goes on after errors and exits with 0. This counts what it logged, so that the build can fail."""

from __future__ import annotations

import logging

from newsroom.errors import Problem


class ErrorLog(logging.Handler):
    """Keeps the errors that Pelican logs, from the moment it is attached."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def attach(self) -> None:
        """Listen to Pelican; once is enough. Its -q would drop errors before any handler sees them."""
        logger = logging.getLogger("pelican")
        if self not in logger.handlers:
            logger.addHandler(self)
        if logger.getEffectiveLevel() > logging.ERROR:
            logger.setLevel(logging.ERROR)

    def take(self) -> list[Problem]:
        """The errors since the last call, as problems."""
        taken, self.records = self.records, []
        return [Problem("pelican", 1, _sentence(record), "see the log above") for record in taken]


def _sentence(record: logging.LogRecord) -> str:
    message = record.getMessage().replace("\n", " ").strip()
    if record.exc_info and record.exc_info[1] is not None:
        message += f" ({record.exc_info[1]!r})"
    return message
