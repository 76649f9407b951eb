"""Locks of this computer's files and folders, which end with the process that holds them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsroom.publish.targets.base import PublishFailed

_UNKNOWN = (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)  # network disks that lock no folders


@contextmanager
def hold(path: Path, name: str, flags: int = os.O_RDONLY) -> Iterator[int]:
    """Hold a folder, or a file that is opened with `flags`; gives what it is opened as. Raises PublishFailed where
    another publisher holds it. Windows, which has no flock, and some network disks go without."""
    try:
        import fcntl
    except ImportError:
        yield -1
        return
    try:
        handle = os.open(path, flags | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise PublishFailed(f"{name}: it cannot be opened ({error.strerror}); mend that, then publish again") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            os.close(handle)
            message = "another publish is at work there; wait until it ends, then publish again"
            raise PublishFailed(f"{name}: {message}") from None
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def hold_beside(path: Path, name: str) -> Iterator[None]:
    """Hold a file that is replaced as a whole, by one beside it that is there as long."""
    lock = path.with_name(f".{path.name}.lock")
    while True:
        with hold(lock, name, os.O_RDWR | os.O_CREAT) as handle:
            if handle != -1 and not _is_at(handle, lock):  # its last holder removed it meanwhile
                continue
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
            return


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False
