"""Static files: one stylesheet, hashed names that browsers may cache forever, and compressed copies."""

import fcntl
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

from pantry.data_folder import public_files

STYLESHEET = "css/main.css"
IMPORT = re.compile(r'@import "([^"]+)"(?: (\w+))?;')


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage, with the imports of our stylesheet inlined and those of modules hashed."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        # Not Django's `support_js_module_import_aggregation`, which fails on a comment in django-htmx.
        ("js/*.js", [(r'(?P<matched>import (?P<names>(.* from )?)"(?P<url>\./.+)";)', 'import %(names)s"%(url)s";')]),
    )

    @cache  # noqa: B019 (there is one storage a process, and a page names twenty files)
    def url(self, name: str | None, force: bool = False) -> str:
        url: str = super().url(name, force)
        return url

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[Any]:
        if STYLESHEET in paths:
            source, name = paths[STYLESHEET]
            Path(self.path(STYLESHEET)).write_text(inline_imports(Path(source.path(name))))
            paths[STYLESHEET] = self, STYLESHEET
        with public_files(settings.STATIC_IS_PUBLIC):  # the compressed copies
            yield from super().post_process(paths, *args, **options)


def inline_imports(path: Path) -> str:
    """Return the stylesheet with its imports inlined (`@import "row.css";`, `@import "print.css" print;`)."""

    def replace_import(match: re.Match[str]) -> str:
        imported = inline_imports(path.parent / match[1])
        return f"@media {match[2]} {{{imported}}}" if match[2] else imported

    return IMPORT.sub(replace_import, path.read_text())


def collect_static() -> None:
    """Run `collectstatic`, unless the last run had the same files. Processes that start at once take turns."""
    digest = hashlib.sha256()
    for name, storage in sorted((each for finder in get_finders() for each in finder.list([])), key=itemgetter(0)):
        digest.update(f"\0{name}\0".encode() + Path(storage.path(name)).read_bytes())
    collected = settings.STATIC_ROOT / "collected.sha256"
    with (settings.STATIC_ROOT / "collecting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not collected.exists() or collected.read_text() != digest.hexdigest():
            call_command("collectstatic", interactive=False, verbosity=0)
            collected.write_text(digest.hexdigest())
