"""Static files: one stylesheet, compression, and hashes in names."""

import gzip
import re
from pathlib import Path
from urllib.parse import urljoin

import django_htmx
import pytest
from django.conf import settings
from django.core.cache import caches
from django.templatetags.static import static
from django.test import Client

from pantry import settings as product
from pantry.static_files import collect_static, inline_imports

STATIC = Path(settings.BASE_DIR) / "static"
MAX_TOTAL_BYTES = 60_000  # bytes of our own scripts and styles on their way to a phone


@pytest.fixture(scope="module")
def static_root(tmp_path_factory):
    return tmp_path_factory.mktemp("static")


@pytest.fixture(autouse=True)
def collected(settings, static_root):
    """The static files of a page, collected and served as by `manage.py serve`."""
    settings.STORAGES = product.STORAGES
    settings.STATIC_ROOT = static_root
    settings.STATICFILES_DIRS = [STATIC, Path(django_htmx.__file__).parent / "static"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False
    collect_static()
    caches["template_fragments"].clear()  # which name the files
    yield static_root
    caches["template_fragments"].clear()


def fetch(address: str, **headers: str):
    response = Client().get(address, headers=headers)
    response.body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return response


def test_page_links_one_stylesheet(client, db):
    page = client.get("/accounts/login/").text
    assert re.findall(r'rel="stylesheet" href="([^"]+)"', page) == [static("css/main.css")]


def test_stylesheet_contains_its_imports():
    styles = fetch(static("css/main.css")).body.decode()
    assert "@import" not in styles
    for path in STATIC.glob("css/**/*.css"):
        assert path.name == "main.css" or path.read_text() in styles


def test_import_with_a_medium_becomes_a_media_rule(tmp_path):
    (tmp_path / "a.css").write_text("a {}")
    (tmp_path / "main.css").write_text('@import "a.css";\n@import "a.css" print;')
    assert inline_imports(tmp_path / "main.css") == "a {}\n@media print {a {}}"


@pytest.mark.parametrize("name", ["css/main.css", "js/main.js", "icons.svg", "django_htmx/htmx-4.min.js"])
def test_file_is_compressed_and_immutable(name):
    plain, compressed = fetch(static(name)), fetch(static(name), accept_encoding="gzip, br")
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed.body) == plain.body
    assert int(compressed.headers["Content-Length"]) == len(compressed.body) < len(plain.body)
    assert compressed.headers["Vary"] == "Accept-Encoding"
    assert "immutable" in compressed.headers["Cache-Control"]


def test_file_rejects_other_methods():
    assert Client().post(static("css/main.css")).status_code == 405
    assert fetch(f"{settings.STATIC_URL}css/none.css").status_code == 404


def test_scripts_and_styles_stay_within_their_size():
    files = ["css/main.css", *(f"js/{path.name}" for path in STATIC.glob("js/*.js"))]
    assert sum(len(fetch(static(name), accept_encoding="gzip").body) for name in files) <= MAX_TOTAL_BYTES


def test_every_module_is_preloaded(client, db):
    page = client.get("/accounts/login/").text
    preloaded = set(re.findall(r'rel="modulepreload" href="([^"]+)"', page))
    loaded = {static("js/main.js")}
    while imported := {module_url for module in loaded for module_url in _imports(module)} - loaded:
        loaded |= imported
    assert preloaded == loaded - {static("js/main.js")}


def _imports(module: str) -> list[str]:
    source = fetch(module).body.decode()
    return [urljoin(module, name) for name in re.findall(r'^import .*?"(\./[\w.-]+\.js)";$', source, re.MULTILINE)]


def test_files_are_collected_again_after_a_change(collected):
    main = collected / "css/main.css"
    main.write_text("")
    collect_static()
    assert main.read_text() == ""
    (collected / "collected.sha256").write_text("of other files")
    collect_static()
    assert main.read_text() != ""


def test_page_is_compressed(client, db):
    whole = client.get("/accounts/login/")
    packed = client.get("/accounts/login/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(whole.content) / 2
    assert "<h1" in gzip.decompress(packed.content).decode()
