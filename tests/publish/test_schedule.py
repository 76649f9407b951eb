"""When the site must be published by itself, and the files for cron, systemd and GitHub."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
import yaml

from newsroom.articles.archive import is_due
from newsroom.articles.schema import Entry
from newsroom.config import Config, read_config
from newsroom.publish.manifest import Manifest
from newsroom.publish.schedule import (
    Moment,
    cron_line,
    github_workflow,
    moments,
    renewal,
    schedule,
    systemd_service,
    systemd_timer,
)
from tests.conftest import _needed
from tests.test_config import NEWSROOM, SETTINGS

ZONE = ZoneInfo("Asia/Phnom_Penh")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=ZONE)
FOLDER = Path("/srv/our site/100%")


@pytest.fixture(scope="session")
def systemd_analyze() -> str:
    """The program with which systemd checks its files."""
    return _needed(shutil.which("systemd-analyze"), "needs systemd-analyze, of Debian's package systemd")


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> int:
    return int(datetime(2026, 11, day, hour, minute, second, tzinfo=ZONE).timestamp())


def article(slug: str, date: int, **more: object) -> Entry:
    made = Entry(b"", f"articles/2026/11/{slug}.md", slug, "en", slug, f"{slug}.html", f"Headline {slug}", date=date)
    return msgspec.structs.replace(made, **more)


ENTRIES = [
    article("embargoed", at(20, 9), embargo=at(23, 6)),
    article("dated", at(23, 6)),
    article("later", at(26, 9, 17)),
    article("both", at(28, 9), embargo=at(27, 8)),
    article("odd", at(29, 9, 0, 1)),
    article("out", at(20, 9)),
    article("just-out", at(22, 12)),
    article("draft", at(24, 9), status="draft"),
    article("hidden", at(24, 9), status="hidden"),
    article("page", 0, source="pages/page.md", embargo=at(25, 9)),
]


def config(**newsroom: object) -> Config:
    settings = {"NEWSROOM": {**NEWSROOM, **newsroom}, **SETTINGS, "TIMEZONE": ZONE.key}
    return read_config(settings, {"SOURCE_DATE_EPOCH": str(int(NOW.timestamp()))})


def local(due: list[Moment]) -> list[tuple[str, tuple[str, ...]]]:
    return [(f"{each.time.astimezone(ZONE):%d %H:%M}", each.sources) for each in due]


def test_the_next_moments_are_those_at_which_something_becomes_due() -> None:
    assert local(moments(ENTRIES, NOW)) == [
        ("23 06:00", ("articles/2026/11/dated.md", "articles/2026/11/embargoed.md")),
        ("25 09:00", ("pages/page.md",)),
        ("26 09:17", ("articles/2026/11/later.md",)),
        ("28 09:00", ("articles/2026/11/both.md",)),
        ("29 09:01", ("articles/2026/11/odd.md",)),  # a clock that starts programs knows minutes
    ]


def test_at_each_moment_something_is_due_that_was_not_a_minute_before() -> None:
    for moment in moments(ENTRIES, NOW):
        time = moment.time.timestamp()
        named = [each for each in ENTRIES if each.source in moment.sources]
        assert all(is_due(each, time) for each in named)
        assert not any(is_due(each, time - 60) for each in named)


def test_a_release_is_renewed_at_the_half_of_its_time() -> None:
    made = Manifest("https://site.example", 3, at(1, 12), at(21, 12), {})
    assert renewal(made, 10, NOW) == datetime.fromtimestamp(at(6, 12), UTC)
    assert renewal(made, 90, NOW) == datetime.fromtimestamp(at(21, 12), UTC)  # made when fewer days were set
    assert renewal(None, 10, NOW) == NOW + timedelta(days=5)


def test_what_is_printed_says_when_in_the_sites_time_zone_and_holds_all_files() -> None:
    manifest = Manifest("https://site.example", 3, at(1, 12), at(21, 12), {})
    due = moments(ENTRIES, NOW)
    printed = schedule(ENTRIES, config(release_days=10), NOW, FOLDER, manifest)
    assert printed.startswith(
        "Due next, by the clock of Asia/Phnom_Penh:\n"
        "  2026-11-23 06:00  articles/2026/11/dated.md, articles/2026/11/embargoed.md\n"
        "  2026-11-25 09:00  pages/page.md\n"
    )
    latest = "\nAt the latest: {}, for a release is renewed at the half of the 10 days for which it is believed.\n"
    assert latest.format("now") in printed
    younger = msgspec.structs.replace(manifest, time=at(20, 12), expires=at(30, 12))
    printed = schedule(ENTRIES, config(release_days=10), NOW, FOLDER, younger)
    assert latest.format("2026-11-25 12:00") in printed
    for text in (cron_line(FOLDER), systemd_service(FOLDER), systemd_timer(due), github_workflow(due)):
        assert text.rstrip("\n") in printed
    assert "\n  nothing\n" in schedule([], config(), NOW, FOLDER, None)


def test_files_that_others_may_read_name_no_article() -> None:
    due = moments([article("quokka", at(23, 6)), article("quokka-too", at(23, 7, 1))], NOW)
    assert len(due) == 2
    for text in (cron_line(FOLDER), systemd_service(FOLDER), systemd_timer(due), github_workflow(due)):
        assert "quokka" not in text.casefold()


# Each file, read by those for whom it is made.


def test_cron_runs_it_every_five_minutes_in_the_sites_folder(tmp_path: Path) -> None:
    folder = tmp_path / "our site, 100%"
    folder.mkdir()
    (folder / "tasks.py").write_text("import os, sys\nprint(sys.argv[1:], os.getcwd())\n", encoding="utf-8")
    fields = cron_line(folder).rstrip("\n").split(" ", 5)
    assert fields[:5] == ["*/5", "*", "*", "*", "*"]
    command = re.sub(r"\\%", "%", re.split(r"(?<!\\)%", fields[5])[0])  # crontab(5): the first % ends the command
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert done.stdout == f"['publish'] {folder}\n"


def test_systemd_takes_both_files(systemd_analyze: str, tmp_path: Path) -> None:
    (tmp_path / "newsroom-publish.service").write_text(systemd_service(tmp_path), encoding="utf-8")
    (tmp_path / "newsroom-publish.timer").write_text(systemd_timer(moments(ENTRIES, NOW)), encoding="utf-8")
    for name in ("newsroom-publish.service", "newsroom-publish.timer"):
        command = [systemd_analyze, "verify", "--man=no", name]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, [line for line in done.stderr.splitlines() if "newsroom" in line]) == (0, [])


def test_systemds_timer_elapses_at_every_moment_to_the_minute(systemd_analyze: str) -> None:
    due = moments(ENTRIES, NOW)
    specs = re.findall(r"^OnCalendar=(.*)$", systemd_timer(due), re.MULTILINE)
    assert specs == ["*:0/5", "2026-11-26 02:17:00 UTC", "2026-11-29 02:01:00 UTC"]
    for moment in due:
        before = f"--base-time={moment.time - timedelta(seconds=1):%Y-%m-%d %H:%M:%S} UTC"
        command = [systemd_analyze, "calendar", before, *specs]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env={"TZ": "UTC", **os.environ})
        assert f"Next elapse: {moment.time:%a %Y-%m-%d %H:%M:%S} UTC" in done.stdout


def test_githubs_workflow_names_the_next_moments_in_utc() -> None:
    workflow = yaml.safe_load(github_workflow(moments(ENTRIES, NOW)))
    assert [each["cron"] for each in workflow["on"]["schedule"]] == [
        "17 * * * *",
        "0 23 22 11 *",
        "0 2 25 11 *",
        "17 2 26 11 *",
        "0 2 28 11 *",
        "1 2 29 11 *",
    ]
    steps = workflow["jobs"]["publish"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == ["python3 tasks.py publish"]
    assert workflow["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("key", ["~/keys/our key.key", "HOME/keys/release.key"])
def test_a_workflow_writes_the_key_where_the_settings_have_it(tmp_path: Path, key: str) -> None:
    key = key.replace("HOME", str(tmp_path))
    step = yaml.safe_load(github_workflow([], key))["jobs"]["publish"]["steps"][2]
    assert step["env"] == {"SIGNING_KEY": "${{ secrets.SIGNING_KEY }}"}
    given = {**os.environ, "HOME": str(tmp_path), "SIGNING_KEY": "untrusted comment: x\nsecret"}
    subprocess.run(["bash", "-e", "-c", step["run"]], check=True, env=given)
    written = Path(key.replace("~", str(tmp_path)))
    assert written.read_text(encoding="utf-8") == "untrusted comment: x\nsecret\n"
    assert written.stat().st_mode & 0o077 == 0
    sentence = f"\n{key} must be there and have no passphrase, for nobody is there to type it.\n"
    assert sentence in schedule([], config(signing_key=key), NOW, FOLDER, None)


def test_a_workflow_is_whole_when_nothing_is_due_or_very_much() -> None:
    for many in (0, 50):
        due = moments([article(f"a{n}", at(23, 6) + n * 3600) for n in range(many)], NOW)
        workflow = yaml.safe_load(github_workflow(due))
        assert len(workflow["on"]["schedule"]) == 1 + min(many, 20)
