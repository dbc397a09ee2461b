"""Permissions of the data folder: what the server writes there is for its own user only."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE_UMASK, PUBLIC_UMASK = 0o077, 0o022
FOLDERS = {"files", "metrics", "static"}
FILES = ("pantry.sqlite3*", "secret_key*", "vapid_key*", "celerybeat-schedule*")


def make_private(folder: Path) -> None:
    """Create the data folder, and tighten what an older server or another program has created in it.

    The folder itself is tightened only if nothing else lives there: it may be set to `/srv`, a home folder or `/tmp`.
    From now on this process and its children create files with mode 0600, and folders with 0700.
    """
    os.umask(PRIVATE_UMASK)
    folder.mkdir(parents=True, exist_ok=True)
    files = {path for pattern in FILES for path in folder.glob(pattern)}
    folders = {path for path in folder.iterdir() if path.is_dir()}
    own = {folder / name for name in FOLDERS} & folders
    for path in files:
        tighten(path)
    for path in own:
        if not path.is_symlink():
            tighten(path)
    if files and own == folders:
        tighten(folder)


def tighten(path: Path) -> None:
    """Take the permissions of group and others away. Does nothing to missing files, and to those of another user."""
    with suppress(OSError):
        path.chmod(path.stat().st_mode & ~PRIVATE_UMASK)


@contextmanager
def public_files(is_public: bool = True) -> Iterator[None]:
    """Create files that everybody may read inside the block, for the whole process."""
    before = os.umask(PUBLIC_UMASK if is_public else PRIVATE_UMASK)
    try:
        yield
    finally:
        os.umask(before)
