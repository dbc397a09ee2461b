"""The web app manifest, the service worker and the offline page."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.test import Client


@pytest.fixture
def manifest():
    response = Client().get("/manifest.webmanifest")
    assert response.headers["Content-Type"] == "application/manifest+json"
    return response.json()


def test_pages_link_the_manifest(client, db):
    assert '<link rel="manifest" href="/manifest.webmanifest">' in client.get("/accounts/login/").text


def test_manifest_icons_have_the_declared_sizes(manifest):
    for icon in manifest["icons"]:
        content = b"".join(Client().get(icon["src"]).streaming_content)
        size = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])  # of a PNG's header
        assert "x".join(map(str, size)) == icon["sizes"]
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"] if icon["purpose"] == "any"}
    assert "maskable" in {icon["purpose"] for icon in manifest["icons"]}


def test_manifest_shortcuts_open_the_home(manifest, client, nok):
    client.force_login(nok.user)
    for shortcut in manifest["shortcuts"]:
        assert client.get(shortcut["url"], follow=True).redirect_chain[-1][0].startswith(f"/h/{nok.home_id}/")
    assert client.get(manifest["start_url"]).status_code == 302


def constants(worker: str) -> dict[str, object]:
    return {
        name: json.loads(value) for name, value in re.findall(r"^const ([A-Z]+) = (.*);$", worker, re.MULTILINE)[:3]
    }


def test_service_worker_has_root_scope_and_is_not_cached():
    response = Client().get("/service-worker.js")
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert "no-cache" in response.headers["Cache-Control"]


def test_service_worker_precaches_the_scripts_and_styles_of_a_page(client, db):
    worker = client.get("/service-worker.js").text
    page = client.get("/accounts/login/").text
    precached = constants(worker)["FILES"]
    linked = re.findall(rf'(?:href|src)="(/{settings.STATIC_URL.strip("/")}/[^"]+\.(?:css|js))"', page)
    assert set(linked) <= set(precached)
    assert len(linked) > 3
    for url in precached:
        assert b"".join(client.get(url).streaming_content)


def test_service_worker_changes_with_the_static_files(client, monkeypatch):
    before = client.get("/service-worker.js").text
    monkeypatch.setattr(staticfiles_storage, "manifest_hash", "another", raising=False)
    assert client.get("/service-worker.js").text != before


def test_service_worker_imports_resolve(client):
    for url in re.findall(r'^import (?:.* from )?"(.+)";$', client.get("/service-worker.js").text, re.MULTILINE):
        assert url.startswith(static("js/"))
        assert b"".join(client.get(url).streaming_content)


def test_service_worker_precaches_nothing_in_development(client, settings):
    settings.DEBUG = True
    assert constants(client.get("/service-worker.js").text)["FILES"] == []


def test_offline_page_needs_no_sign_in(client):
    response = client.get("/offline/")
    assert response.status_code == 200
    assert not response.cookies
    assert "been opened on this device before" in response.text


@pytest.mark.parametrize("path", ["/service-worker.js", "/manifest.webmanifest", "/offline/"])
def test_app_files_reject_other_methods(client, path):
    assert client.post(path).status_code == 405


def test_every_script_of_a_page_exists():
    preloaded = re.findall(r"js/([a-z-]+)\.js", (Path(settings.BASE_DIR) / "templates/_scripts.html").read_text())
    scripts = {path.stem for path in (Path(settings.BASE_DIR) / "static/js").glob("*.js")}
    assert {*preloaded, "service-worker", "push-worker"} == scripts
