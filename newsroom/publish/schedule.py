"""When the site must be published again by itself, and the files that make a computer do it.

What an editor dates or embargoes tomorrow is in no file that was made today. So each of these publishes every few
minutes, whatever is due then, and besides at the very moments that are known, where its clock can be set to them.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from newsroom.articles.schema import Entry
from newsroom.config import Config
from newsroom.publish.manifest import Manifest

MINUTES = 5  # between two times that a server looks whether something is due
_AT_HOST = 20  # exact moments that a workflow names
_UNIT = "newsroom-publish"


@dataclass(frozen=True)
class Moment:
    """When something becomes due, in UTC and whole minutes, and the sources that do."""

    time: datetime
    sources: tuple[str, ...]


def moments(entries: Iterable[Entry], now: datetime) -> list[Moment]:
    """Every moment after `now` at which readers may see something more, the next one first."""
    due: dict[datetime, list[str]] = defaultdict(list)
    for entry in entries:
        time = max(entry.date, entry.embargo or 0)
        if entry.status == "published" and time > now.timestamp():
            due[datetime.fromtimestamp(-(-time // 60) * 60, UTC)].append(entry.source)
    return [Moment(time, tuple(sorted(sources))) for time, sources in sorted(due.items())]


def renewal(manifest: Manifest | None, release_days: int, now: datetime) -> datetime:
    """By when a release must follow the one of `manifest`, None for one that is made now, though nothing changes: at
    the half of its time, so that a broken computer is noticed before readers are warned."""
    begun = manifest.time if manifest else now.timestamp()
    half = begun + timedelta(days=release_days).total_seconds() / 2
    return datetime.fromtimestamp(min(half, manifest.expires) if manifest else half, UTC)


def schedule(entries: Iterable[Entry], config: Config, now: datetime, folder: Path, manifest: Manifest | None) -> str:
    """What `schedule` prints: the moments in the site's time zone, and files for cron, systemd and GitHub. `folder` is
    the site's, `manifest` that of the release which is out."""
    due = moments(entries, now)
    zone = config.timezone
    days = config.newsroom.release_days
    renew = renewal(manifest, days, now)
    lines = [f"{_shown(each.time, zone)}  {', '.join(each.sources)}" for each in due] or ["nothing"]
    return "\n".join(
        [
            f"Due next, by the clock of {zone.key}:",
            *(f"  {line}" for line in lines),
            f"At the latest: {_shown(renew, zone) if renew > now else 'now'}, for a release is renewed at the half of "
            f"the {days} days for which it is believed.",
            "",
            "Choose one of these. Each publishes what is due then, so none must be changed when an article is.",
            *_about_key(config.newsroom.signing_key),
            *_section("cron", "add this line with `crontab -e`", cron_line(folder)),
            *_section(
                "systemd",
                "save these two in ~/.config/systemd/user/, then run "
                f"`systemctl --user enable --now {_UNIT}.timer` and `loginctl enable-linger`",
                f"# {_UNIT}.service\n{systemd_service(folder)}\n# {_UNIT}.timer\n{systemd_timer(due)}",
            ),
            *_section(
                "GitHub Actions",
                "save this as .github/workflows/publish.yml; GitHub's clock is often a quarter of an hour late and "
                "skips runs when it is busy, so where the minute matters take a server",
                github_workflow(due, config.newsroom.signing_key),
            ),
        ]
    )


def _about_key(signing_key: str) -> list[str]:
    if not signing_key:
        return []
    return [f"{signing_key} must be there and have no passphrase, for nobody is there to type it."]


def cron_line(folder: Path) -> str:
    """A line of a crontab. One that is still at work is not disturbed."""
    command = f"cd {shlex.quote(str(folder))} && flock -n tasks.py python3 tasks.py publish"
    return f"*/{MINUTES} * * * * {command.replace('%', chr(92) + '%')}\n"  # cron's own meaning of %: a new line


def systemd_service(folder: Path) -> str:
    return (
        "[Unit]\nDescription=Publish what is due\n\n"
        f"[Service]\nType=oneshot\nWorkingDirectory={str(folder).replace('%', '%%')}\n"
        "ExecStart=python3 tasks.py publish\n"
    )


def systemd_timer(due: Sequence[Moment]) -> str:
    """A timer that runs every few minutes, at each known moment between these, and once for all it slept through."""
    between = [each.time for each in due if each.time.minute % MINUTES]
    exact = "".join(f"OnCalendar={time:%Y-%m-%d %H:%M:%S} UTC\n" for time in between)
    return (
        "[Unit]\nDescription=When to publish what is due\n\n"
        f"[Timer]\nOnCalendar=*:0/{MINUTES}\n{exact}AccuracySec=1s\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )


def github_workflow(due: Sequence[Moment], signing_key: str = "") -> str:
    """A workflow that runs after each push, every hour, and at the next known moments, and signs by a secret of the
    repository where there is a `signing_key`. Anybody may read it: it names no article."""
    times = [each.time for each in due[:_AT_HOST]]
    known = "".join(f'    - cron: "{time.minute} {time.hour} {time.day} {time.month} *"\n' for time in times)
    home = '"$HOME"/' if signing_key.startswith("~/") else ""
    file = home + shlex.quote(signing_key.removeprefix("~/"))
    return _WORKFLOW.replace("KNOWN", known).replace("KEY_STEP", _KEY.replace("FILE", file) if signing_key else "")


_WORKFLOW = """\
name: publish
"on":
  push:
    branches: [main]
  workflow_dispatch:
  schedule: # in UTC
    - cron: "17 * * * *"
KNOWNpermissions:
  contents: read # write, where publish_to is a branch of this repository
concurrency:
  group: publish
jobs:
  publish:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
KEY_STEP      - run: python3 tasks.py publish
        env: # where publish_to is a bucket
          AWS_ACCESS_KEY_ID: ${{ secrets.AWS_ACCESS_KEY_ID }}
          AWS_SECRET_ACCESS_KEY: ${{ secrets.AWS_SECRET_ACCESS_KEY }}
"""
_KEY = """\
      - run: | # the key that signs releases
          umask 077
          file=FILE
          mkdir -p "$(dirname "$file")"
          printf '%s\\n' "$SIGNING_KEY" > "$file"
        env:
          SIGNING_KEY: ${{ secrets.SIGNING_KEY }}
"""


def _section(name: str, what: str, text: str) -> list[str]:
    return ["", f"== {name}: {what}", "", text.rstrip("\n")]


def _shown(time: datetime, zone: ZoneInfo) -> str:
    return f"{time.astimezone(zone):%Y-%m-%d %H:%M}"
