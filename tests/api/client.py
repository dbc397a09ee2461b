"""Programs that speak to the API. Every answer is held against what the API's own description promises."""

import json
import re
from functools import cache
from typing import Any

import jsonschema
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from jsonschema.exceptions import best_match

from homes.accounts.api.tokens import tokens_for
from homes.models import Membership

VERBS = ("get", "post", "put", "patch", "delete")


@cache
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def promised(verb: str, url: str) -> dict[str, Any] | None:
    """The operation that the description has for this address."""
    route = resolve(url.split("?")[0]).route
    path = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)
    return schema()["paths"].get(path, {}).get(verb)


def hold_to_promise(verb: str, url: str, answer: Any) -> None:
    operation = promised(verb, url)
    if operation is None:
        return
    told = operation["responses"].get(str(answer.status_code))
    assert told is not None, f"{verb} {url} does not say that it may answer {answer.status_code}: {answer.text}"
    if answer.status_code != 204 and "content" in told:
        shape = {**told["content"]["application/json"]["schema"], "components": schema()["components"]}
        wrong = best_match(jsonschema.Draft202012Validator(shape).iter_errors(answer.json()))
        assert wrong is None, f"{verb} {url} breaks its promise: {wrong.json_path}: {wrong.message}"


def whole(answer: Any) -> Any:
    """Also of what is sent piece by piece."""
    if not answer.streaming:
        return answer
    read: Any = HttpResponse(b"".join(answer), status=answer.status_code, headers=answer.headers)
    read.json = lambda: json.loads(read.content)
    return read


class Program:
    """`Program(nok).post("lists", {…})`: below her home, or from /api on with a leading slash."""

    def __init__(self, member: Membership | None = None, *, token: str | None = None) -> None:
        self.member = member
        if member is not None and token is None:
            token = tokens_for(member.user, member)["token"]
        self.token = token
        self.home_id = member.home_id if member else None
        self.client = Client(headers={"Authorization": f"Bearer {token}"} if token else {})

    def __getattr__(self, verb: str) -> Any:
        if verb not in VERBS:
            raise AttributeError(verb)

        def ask(url: str, body: Any = None, **headers: str) -> Any:
            assert self.member is not None or url.startswith("/")
            where = f"/api{url}" if url.startswith("/") else f"/api/homes/{self.home_id}/{url}"
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            said = {} if body is None else {"data": body, "content_type": "application/json"}
            answer = whole(getattr(self.client, verb)(where, headers=named, **said))
            hold_to_promise(verb, where, answer)
            return answer

        return ask
