"""Access to all URLs: of homes by non-members and anonymous users, and writes by GET and HEAD."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver, resolve
from django.utils import timezone

from chat.actions import open_assistant, send_message
from groceries.actions import set_recurring
from homes.accounts.actions import create_api_token
from homes.accounts.api.tokens import tokens_for
from homes.accounts.models import ApiToken
from homes.actions import invite, remove_member
from pixie.actions import remember_passage, schedule_message
from pixie.models import Run, Suggestion
from tests.cast import by, sign_in

PAGE_PREFIX, API_PREFIX = "h/<uuid:home_id>/", "api/homes/<uuid:home_id>/"
METHODS = ["get", "post", "put", "patch", "delete", "head", "options"]
PARAMETER = re.compile(r"<\w+:(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")  # of path() and of re_path()


def home_urls(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Yield the URL patterns of homes, as written in the urls.py files."""
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from home_urls(entry, pattern)
        elif pattern.startswith((PAGE_PREFIX, API_PREFIX)):
            yield pattern


PATTERNS = sorted(set(home_urls(get_resolver())))


@pytest.fixture
def object_ids(nok, ben, milk, pixie, general) -> dict[str, Any]:
    """Return ids of Nok's home by URL parameter."""
    invitation, _token = invite(by=by(nok))
    talk = open_assistant(pixie, by=by(nok))
    return {
        "home_id": nok.home_id,
        "list_id": milk.list_id,
        "entry_id": milk.pk,
        "recurring_id": set_recurring("Rice", "weekly", by=by(nok)).pk,
        "verb": "stop",
        "channel_id": general.pk,
        "message_id": send_message(general, "Hello", by=by(nok)).pk,
        "user_id": ben.user_id,
        "agent_id": pixie.pk,
        "pk": invitation.pk,
        "invitation_id": invitation.pk,
        "category_id": milk.item.category_id,
        "item_id": milk.item_id,
        "thread_id": talk.pk,
        "label": "household",
        "reader_id": pixie.pk,
        "passage_id": remember_passage("The rent is due on the 5th", by=by(nok))[0].pk,
        "scheduled_id": schedule_message("add eggs", timezone.now() + timedelta(days=1), by=by(nok)).pk,
        "suggestion_id": Suggestion.objects.create(home=nok.home, kind="restock", subject="x", item=milk.item).pk,
        "run_id": Run.objects.create(home=nok.home, agent=pixie, channel=talk).pk,
    }


@pytest.fixture
def url_of(object_ids, ben) -> Callable[[str], str]:
    """`url_of(pattern)` fills in ids of Nok's home. Add ids for new parameters to `object_ids`."""

    def fill(pattern: str) -> str:
        values = {**object_ids, "pk": ben.pk} if "members/" in pattern else object_ids
        url = "/" + PARAMETER.sub(lambda match: str(values[match[1] or match[2]]), pattern)
        assert resolve(url).route.replace("^", "").replace("$", "") == pattern
        return url

    return fill


def test_url_table_is_not_empty():
    assert len(PATTERNS) > 40
    assert any(pattern.startswith(API_PREFIX) for pattern in PATTERNS)
    assert any(pattern.startswith(PAGE_PREFIX) and "chat/" in pattern for pattern in PATTERNS)


def test_home_urls_return_404_to_non_members(url_of, nok, mai, events):
    client, before = sign_in(mai), events(nok.home)
    for pattern in PATTERNS:
        answers = {method: getattr(client, method)(url_of(pattern)) for method in METHODS}
        codes = {method: answer.status_code for method, answer in answers.items()}
        if pattern.startswith(API_PREFIX):
            assert set(codes.values()) == {403}, pattern
            assert answers["get"].json()["error"]["code"] == "permission_denied"
        else:  # a page answers unsupported methods before it checks access
            assert set(codes.values()) <= {404, 405}, (pattern, codes)
            assert 404 in (codes["get"], codes["post"]), pattern
    assert events(nok.home) == before


def test_api_urls_reject_a_removed_member(url_of, nok, ben, events):
    """Use the token and the session from before the removal."""
    token = tokens_for(ben.user, ben)["token"]
    clients = [sign_in(ben), Client(headers={"Authorization": f"Bearer {token}"})]
    urls = {pattern: url_of(pattern) for pattern in PATTERNS if pattern.startswith(API_PREFIX)}
    remove_member(ben, by=by(nok))
    before = events(nok.home)
    for pattern, url in urls.items():
        for client in clients:
            assert {getattr(client, method)(url).status_code for method in METHODS} == {403}, pattern
    assert events(nok.home) == before


def test_home_urls_redirect_anonymous_users_to_sign_in(url_of, nok, events):
    client, before = Client(), events(nok.home)
    for pattern in PATTERNS:
        answers = [client.get(url_of(pattern)), client.post(url_of(pattern))]
        if pattern.startswith(API_PREFIX):
            assert {answer.status_code for answer in answers} == {401}, pattern
        else:
            allowed = [answer for answer in answers if answer.status_code != 405]
            assert allowed, pattern
            for answer in allowed:
                assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={url_of(pattern)}"), pattern
    assert events(nok.home) == before


def test_unknown_home_responds_like_another_users_home(url_of, nok, mai):
    client = sign_in(mai)
    for pattern in PATTERNS:
        existing = url_of(pattern)
        for method in ("get", "post"):
            first, second = (
                getattr(client, method)(url) for url in (existing, existing.replace(str(nok.home_id), str(uuid4())))
            )
            assert (first.status_code, len(first.content)) == (second.status_code, len(second.content)), pattern


# Writes by GET and HEAD


WRITE_SQL = re.compile(r"^\s*(INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\b", re.IGNORECASE)
# Sessions are renewed and the last use of tokens is stored; searching memory computes missing embeddings.
ALLOWED = ("django_session", "accounts_apitoken", "pixie_memoryposition", 'pixie_passage" SET "embedding"')
QUERY = {"q": "rent", "query": "rent", "before": "99999", "by": "model", "limit": "1"}


def all_urls(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(entry, URLResolver):
            yield from all_urls(entry, pattern)
        elif not pattern.startswith("admin/"):
            yield pattern


def parameter_value(values: dict[str, Any], match: re.Match[str]) -> str:
    return str(values.get(match[1] or match[2], "none"))


def write_queries(send: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = send()
        if answer.streaming:
            list(answer.streaming_content)
    statements = [query["sql"] for query in captured if WRITE_SQL.match(query["sql"])]
    return [sql for sql in statements if not any(allowed in sql for allowed in ALLOWED)]


@pytest.fixture
def unread(object_ids, nok, ben, general) -> None:
    """Create messages that a GET might mark as read."""
    root = send_message(general, "@Nok, are you there?", by=by(ben))
    send_message(general, "Hello?", by=by(ben), parent=root)
    EmailAddress.objects.create(user=nok.user, email=nok.user.email, primary=True)  # as sign-up does


@pytest.mark.parametrize("way", ["browser", "token"])
def test_get_and_head_write_no_rows(object_ids, unread, nok, ben, way):
    routes = sorted(set(all_urls(get_resolver())))
    client = sign_in(nok)
    if way == "token":
        routes = [route for route in routes if route.startswith("api/")]
        _token, key = create_api_token(nok.user, "Display", list(ApiToken.SCOPES))
        client = Client(headers={"Authorization": f"Bearer {key}"})
    client.raise_request_exception = False
    assert len(routes) > 50
    writes = []
    for route in routes:
        values = {**object_ids, "pk": ben.pk} if "members/" in route else object_ids
        url = "/" + PARAMETER.sub(partial(parameter_value, values), route)
        for send in (partial(client.get, url), partial(client.get, url, QUERY), partial(client.head, url)):
            writes += [(route, sql) for sql in write_queries(send)]
    assert not writes, writes
