import gc
import os
import re
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import URLResolver, get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from pantry import views
from tests.api.client import schema
from tests.bench.requests import memory_mb
from tests.factories import run_concurrently

UNDOCUMENTED_PATHS = {"/api/", "/api/schema", "/api/docs"}


def api_paths(resolver, prefix="/"):
    for each in resolver.url_patterns:
        written = prefix + re.sub(r"<\w+:(\w+)>", r"{\1}", str(each.pattern))
        if isinstance(each, URLResolver):
            yield from api_paths(each, written)
        elif written.startswith("/api/"):
            yield written


def test_schema_is_generated_without_warnings():
    GENERATOR_STATS.reset()
    made = SchemaGenerator().get_schema(request=None, public=True)
    assert (GENERATOR_STATS._warn_cache, GENERATOR_STATS._error_cache) == ({}, {})
    assert made["openapi"].startswith("3.1")
    validate_schema(made)


def test_schema_contains_every_path():
    assert set(schema()["paths"]) == set(api_paths(get_resolver())) - UNDOCUMENTED_PATHS


def test_every_operation_has_summary_tags_and_errors():
    for path, verbs in schema()["paths"].items():
        for verb, operation in verbs.items():
            assert operation["summary"] and operation["tags"], (verb, path)
            assert "429" in operation["responses"], (verb, path)
            assert "401" in operation["responses"] or "security" not in operation, (verb, path)
            if verb == "post":
                named = {parameter["name"] for parameter in operation.get("parameters", [])}
                assert "Idempotency-Key" in named, path


def test_every_body_has_an_example_and_every_response_a_description():
    for path, verbs in schema()["paths"].items():
        for verb, operation in verbs.items():
            assert all(response["description"] for response in operation["responses"].values()), (verb, path)
            if "requestBody" in operation:
                [content] = operation["requestBody"]["content"].values()
                assert content["examples"], (verb, path)


def test_body_with_either_of_two_fields_is_required():
    named = schema()["components"]["schemas"]["NewEntry"]
    assert named["oneOf"] == [{"required": ["item_id"]}, {"required": ["name"]}]
    assert schema()["paths"]["/api/homes/{home_id}/lists/{list_id}/items"]["post"]["requestBody"]["required"]


def test_fields_describe_their_constraints():
    shapes = schema()["components"]["schemas"]
    name, currency = (shapes["NewHome"]["properties"][field] for field in ("name", "currency"))
    assert (name["minLength"], name["maxLength"], currency["pattern"]) == (1, 80, "^[A-Z]{3}$")
    assert shapes["MessageChange"]["required"] == ["content", "version"]


def test_errors_share_one_schema():
    for verbs in schema()["paths"].values():
        for operation in verbs.values():
            for code, response in operation["responses"].items():
                if code >= "400":
                    assert response["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorResponse")


def test_schema_is_public(db):
    answer = Client().get("/api/schema", headers={"Accept": "application/json"})
    assert answer.json()["info"]["title"] == "Pantry Pixie"
    assert set(answer.json()["components"]["securitySchemes"]) == {"bearer", "session"}


def test_docs_page_loads_only_local_files(db):
    page = Client().get("/api/docs")
    assert page.status_code == 200
    assert "script-src" not in page.headers["Content-Security-Policy"]  # so default-src 'self' holds for it
    assert not re.findall(r"<script(?![^>]*src=)|<style|https?://", page.text)
    for file in re.findall(rf'(?:src|href)="/{settings.STATIC_URL.strip("/")}/([^"]+)"', page.text):
        assert Path(finders.find(file)).stat().st_size > 0
    script = re.findall(r'src="(/api/docs[^"]*)"', page.text)[0].replace("&amp;", "&")
    assert "SwaggerUIBundle" in Client().get(script).text


@pytest.mark.parametrize("path", ["/api/schema", "/api/docs"])
def test_schema_and_docs_reject_post(db, path):
    assert Client().post(path).status_code == 405


# Serving the schema


FORMATS = ["application/vnd.oai.openapi", "application/vnd.oai.openapi+json"]


@pytest.fixture
def empty_schema_cache():
    views.schema_document.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_concurrent_first_requests_get_the_same_schema(empty_schema_cache):
    answers = run_concurrently(*[partial(Client().get, "/api/schema")] * 16)
    assert [answer.status_code for answer in answers] == [200] * 16
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize("accept", FORMATS)
def test_schema_is_built_once_and_served_with_etag(db, empty_schema_cache, monkeypatch, accept):
    client = Client(headers={"Accept": accept})
    first = client.get("/api/schema")
    assert (first.status_code, first.headers["Content-Type"]) == (200, accept)
    monkeypatch.setattr(SchemaGenerator, "get_schema", None)  # it is not asked again
    assert client.get("/api/schema").content == first.content
    again = client.get("/api/schema", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/schema", headers={"If-None-Match": '"another"'}).status_code == 200
    assert client.head("/api/schema").status_code == 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_720_concurrent_schema_requests_use_less_than_ten_megabytes(empty_schema_cache):
    def ask():
        client = Client(headers={"Accept-Encoding": "gzip"})
        for _request in range(90):
            assert client.get("/api/schema").status_code == 200

    def resident():
        gc.collect()
        return memory_mb(os.getpid())

    run_concurrently(*[ask] * 8)  # warm: threads' arenas, templates, the document
    before = resident()
    run_concurrently(*[ask] * 8)
    assert resident() - before < 10
