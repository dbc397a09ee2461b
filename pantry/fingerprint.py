"""What the static files are, in one word. Their address bears it, so browsers may keep them for good."""

import hashlib
from importlib.metadata import version
from pathlib import Path

PACKAGES = ["django", "django-htmx", "drf-spectacular-sidecar"]  # these bring static files of their own


def fingerprint(folder: Path) -> str:
    """Twelve letters that differ when a file below `folder`, or a package that brings static files, does."""
    seen = hashlib.sha256(repr([version(package) for package in PACKAGES]).encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        seen.update(f"\0{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes())
    return seen.hexdigest()[:12]
