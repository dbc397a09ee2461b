"""API client for tests. Every response is validated against the OpenAPI schema."""

import json
import re
from functools import cache
from typing import Any

import jsonschema
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from jsonschema.exceptions import best_match

from homes.accounts.api.jwt import tokens_for
from homes.imports import perform_next
from homes.models import Membership

VERBS = ("get", "post", "put", "patch", "delete")


@cache
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def find_operation(method: str, url: str) -> dict[str, Any] | None:
    """Return the operation of the schema for this URL."""
    route = resolve(url.split("?")[0]).route
    path = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)
    return schema()["paths"].get(path, {}).get(method)


def validate_response(method: str, url: str, response: Any) -> None:
    operation = find_operation(method, url)
    if operation is None:
        return
    description = operation["responses"].get(str(response.status_code))
    assert description is not None, f"{method} {url} documents no {response.status_code}: {response.text}"
    media_type = response.headers.get("Content-Type", "").split(";")[0]
    if media_type != "application/json" and response.status_code != 204:
        assert media_type in description["content"]
    elif response.status_code != 204 and "content" in description:
        body_schema = {**description["content"]["application/json"]["schema"], "components": schema()["components"]}
        error = best_match(jsonschema.Draft202012Validator(body_schema).iter_errors(response.json()))
        assert error is None, f"{method} {url} violates its schema: {error.json_path}: {error.message}"


def read_stream(response: Any) -> Any:
    """Return a streaming response as a complete one."""
    if not response.streaming:
        return response
    complete: Any = HttpResponse(b"".join(response), status=response.status_code, headers=response.headers)
    complete.json = lambda: json.loads(complete.content)
    return complete


class ApiClient:
    """`ApiClient(nok).post("lists", {…})` posts below Nok's home; with a leading slash, below /api."""

    def __init__(self, member: Membership | None = None, *, token: str | None = None) -> None:
        self.member = member
        if member is not None and token is None:
            token = tokens_for(member.user, member)["token"]
        self.token = token
        self.home_id = member.home_id if member else None
        self.client = Client(headers={"Authorization": f"Bearer {token}"} if token else {})

    def __getattr__(self, method: str) -> Any:
        if method not in VERBS:
            raise AttributeError(method)

        def send(url: str, body: Any = None, **headers: str) -> Any:
            assert self.member is not None or url.startswith("/")
            path = f"/api{url}" if url.startswith("/") else f"/api/homes/{self.home_id}/{url}"
            header_fields = {name.replace("_", "-"): value for name, value in headers.items()}
            operation = find_operation(method, path) or {}
            is_form = "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
            for file in body.values() if is_form else ():
                if isinstance(file, UploadedFile):
                    file.seek(0)  # it may be sent several times
            content = {} if body is None else {"data": body} | ({} if is_form else {"content_type": "application/json"})
            response = read_stream(getattr(self.client, method)(path, headers=header_fields, **content))
            validate_response(method, path, response)
            return response

        return send

    def import_file(self, file: Any) -> Any:
        """Import the file as a worker does. Returns the finished import."""
        response = self.post("/homes/import", file)
        assert response.status_code == 202, response.text
        while perform_next():
            pass
        return self.get(f"/homes/import/{response.json()['id']}").json()

    def import_home(self, file: Any) -> Any:
        """Import the file. Returns the id of the new home."""
        finished = self.import_file(file)
        assert finished["state"] == "done", finished["error"]
        return finished["home"]
