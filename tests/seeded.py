"""One data folder, migrated and seeded once in a test run, of which every test server gets a copy."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def copy_seeded_data(folder: Path, environment: dict[str, str]) -> None:
    """Fill `folder` with the demo household. Outside a test run nothing is copied: the server seeds itself."""
    if run_folder := os.environ.get("TEST_RUN_DIR"):
        shutil.copytree(_seeded_data(Path(run_folder), environment), folder, dirs_exist_ok=True)


def _seeded_data(run_folder: Path, environment: dict[str, str]) -> Path:
    """Return the folder to copy. The first of several test processes makes it, and the others wait for it."""
    seeded = run_folder / "seeded"
    with (run_folder / "seeded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not seeded.exists():
            draft = run_folder / "seeded-draft"
            for command in ("migrate", "seed_demo"):
                subprocess.run(  # noqa: S603 (our own interpreter and words)
                    [sys.executable, "manage.py", command],
                    cwd=ROOT, env={**environment, "DATA_DIR": str(draft)}, check=True, capture_output=True,
                )  # fmt: skip
            draft.rename(seeded)
    return seeded
