"""The build command: Pelican in this process, with progress, one summary and an honest exit status."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pelican import Pelican
from pelican.log import console
from pelican.settings import read_settings

from newsroom.build.progress import BuildProgress
from newsroom.build.release import has_ledger
from newsroom.build.summary import Found, Summary
from newsroom.config import CACHE, CHECK, EXPLAIN, FRESH, PROGRESS, STATE, SUMMARY
from newsroom.errors import BuildFailed, Problem, did_you_mean

CACHE_FOLDER = ".cache"


def build(
    settings: str = "pelicanconf.py",
    output: str | None = None,
    drafts: bool = False,
    fresh: bool = False,
    cache: bool = True,
    verbose: bool = False,
    explain: str | None = None,
) -> int:
    """Build the site and answer the exit status.

    `fresh` forgets what was built before, strangers included; without `cache` nothing is remembered; `verbose` prints
    the seconds of each stage; `explain` says why files were written, "" of all, else of the one it names.
    """
    more = {FRESH: fresh, CACHE: cache and not fresh, EXPLAIN: explain}
    return attempt(settings, more, output, drafts, verbose)[0]


def attempt(
    settings: str, more: Mapping[str, Any], output: str | None = None, drafts: bool = False, verbose: bool = False
) -> tuple[int, dict[str, Any]]:
    """Build, and say how that went; answers the exit status, and the settings through which the build's parts met."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr, force=True)
    try:
        with BuildProgress() as progress:
            done = run_pelican(settings, {PROGRESS: progress, **more}, output, drafts)
            summary: Summary = done[SUMMARY]
            seconds = progress.seconds
    except BuildFailed as failed:
        for problem in failed.problems:
            print(problem, file=sys.stderr)
        print(f"\n{failed.count}; {failed.outcome}.", file=sys.stderr)
        return 1, {}
    except KeyboardInterrupt as interrupt:
        print(f"\nInterrupted; {str(interrupt) or 'the last output is as it was'}.", file=sys.stderr)
        return 130, {}
    _say(*summary.reasons, *([summary.details(seconds)] if verbose else []), summary.text(seconds))
    return 0, done


def check(settings: str = "publishconf.py") -> int:
    """Look at the site as a build with these settings would, write nothing, say whatever is to be said of it; answers
    the exit status."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr, force=True)
    found = Found()
    problems: list[Problem] = []
    try:
        with BuildProgress() as progress:
            run_pelican(settings, {PROGRESS: progress, CHECK: found}, None, False)
    except BuildFailed as failed:
        problems = failed.problems
    except KeyboardInterrupt:
        print("\nInterrupted; nothing was written.", file=sys.stderr)
        return 130
    _say(*map(str, problems), *found.notes, found.text(len(problems)))
    return 1 if problems else 0


def _say(*lines: str) -> None:
    """Print lines, as many as are wanted: who reads them, such as `head`, may have gone."""
    try:
        print(*lines, sep="\n", flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_pelican(settings_file: str, more: dict[str, Any], output: str | None, drafts: bool) -> dict[str, Any]:
    """One build, or a look at the site; answers the settings, through which its parts met. Raises BuildFailed, never
    anything of Pelican's."""
    settings = read_settings_file(settings_file, output)
    if drafts and isinstance(settings.get("NEWSROOM"), dict):
        settings["NEWSROOM"] = {**settings["NEWSROOM"], "drafts": True}
    settings.update(more)
    requested = list(settings["PLUGINS"])
    console.quiet = True  # Pelican's own summary counts only what its own generators wrote
    try:
        pelican = Pelican(settings)
        if STATE not in settings:
            raise BuildFailed(_plugin_problems(requested, settings["PLUGINS"], settings_file))
        if CHECK not in settings:
            pelican.run()
    except OSError as error:
        message = f"cannot be written ({error.strerror})"
        problem = Problem(str(error.filename or "output"), 1, message, "make room, or mend its permissions")
        raise BuildFailed([problem]) from error
    except Exception as error:  # a plugin's, or a mistake of ours: the place is worth more than the way to it
        frame = traceback.extract_tb(error.__traceback__)[-1]
        message = f"{type(error).__name__}: {error}"
        raise BuildFailed([Problem(frame.filename, frame.lineno or 1, message, "report it with this line")]) from error
    return settings


def read_settings_file(settings_file: str, output: str | None = None) -> dict[str, Any]:
    """Pelican's settings from a file. Raises BuildFailed with the line that fails."""
    override = {"OUTPUT_PATH": str(Path(output).resolve())} if output else {}
    try:
        settings: dict[str, Any] = read_settings(settings_file, override=override)
    except BuildFailed:
        raise
    except SyntaxError as error:
        problem = Problem(Path(error.filename or settings_file).name, error.lineno or 1, error.msg, "mend this line")
        raise BuildFailed([problem]) from error
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith("conf.py")]
        line = frames[-1].lineno if frames and frames[-1].lineno else 1
        message = f"{type(error).__name__}: {error}"
        raise BuildFailed([Problem(settings_file, line, message, "mend this line")]) from error
    return settings


def _plugin_problems(requested: list[str], loaded: list[str], settings_file: str) -> list[Problem]:
    missing = [name for name in requested if name not in loaded]
    return [
        Problem(
            settings_file,
            1,
            f"the plugin {name!r} cannot be loaded",
            did_you_mean(name, loaded, "see the log"),
        )
        for name in missing or ["newsroom.plugin"]
    ]


def clean(settings: str = "pelicanconf.py") -> int:
    """Remove what was built; answers the exit status."""
    try:
        output = Path(read_settings_file(settings)["OUTPUT_PATH"])
    except BuildFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    if output.is_dir() and not has_ledger(output) and any(output.iterdir()):
        print(f"{output.name}/ holds files that no build wrote; remove it yourself if they may go.", file=sys.stderr)
        return 1
    for folder in (output, Path(CACHE_FOLDER)):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
            print(f"Removed {folder.name}/")
    return 0
