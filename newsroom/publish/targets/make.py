"""From a setting to the place that it names. Each kind's module is imported only where it is used."""

from __future__ import annotations

import re
from pathlib import Path

from newsroom.publish.targets.base import PublishFailed, Target

_REMOTE = re.compile(r"(?:[\w.-]+@)?[\w.-]{2,}:.+")  # user@host:/path; a Windows drive is one letter


def make_target(setting: str) -> Target:
    """The target of one setting of `publish_to`. Raises PublishFailed where it names none."""
    if setting.startswith("ssh://") or (_REMOTE.fullmatch(setting) and "://" not in setting):
        from newsroom.publish.targets.ssh import SshTarget

        return SshTarget(setting)
    if setting.startswith("s3://"):
        from newsroom.publish.targets.s3 import S3Target

        return S3Target(setting)
    if setting.startswith("git+"):
        from newsroom.publish.targets.git import GitTarget

        url, _, branch = setting.removeprefix("git+").partition("#")
        return GitTarget(url, branch or "gh-pages")
    if "://" in setting:
        raise PublishFailed(f"{setting!r} is no place to publish to; write a folder, ssh://, s3:// or git+https://")
    if setting.endswith(".zip"):
        from newsroom.publish.targets.archive import ZipTarget

        return ZipTarget(Path(setting).expanduser())
    from newsroom.publish.targets.folder import FolderTarget

    return FolderTarget(Path(setting).expanduser())
