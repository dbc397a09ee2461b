"""Fingerprint the static files. Their URLs contain it, so browsers may cache them forever."""

import hashlib
from importlib.metadata import version
from pathlib import Path

PACKAGES = ["django", "django-htmx", "drf-spectacular-sidecar"]  # packages with static files


def fingerprint(folder: Path) -> str:
    """Return twelve hex digits that change with the files below `folder` and the versions of PACKAGES."""
    digest = hashlib.sha256(repr([version(package) for package in PACKAGES]).encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"\0{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
