"""The whole table of addresses: to a stranger a home's lead nowhere, whoever is not signed in is asked to, and to the
owner all of them answer."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction
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
from tests.api.client import ApiClient, schema
from tests.factories import by, sign_in

PAGES, API = "h/<uuid:home_id>/", "api/homes/<uuid:home_id>/"
VERBS = ["get", "post", "put", "patch", "delete", "head", "options"]
NAMED = re.compile(r"<\w+:(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")  # of path() and of re_path()


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Every address of a home, as it is written in the urls.py files."""
    for each in resolver.url_patterns:
        written = prefix + str(each.pattern).removeprefix("^").removesuffix("$")
        if isinstance(each, URLResolver):
            yield from addresses(each, written)
        elif written.startswith((PAGES, API)):
            yield written


WRITTEN = sorted(set(addresses(get_resolver())))


@pytest.fixture
def known(nok, ben, milk, pixie, general) -> dict[str, Any]:
    """What Nok's home has for each word that an address may name."""
    invitation, _token = invite(by=by(nok))
    talk = open_assistant(pixie, by=by(nok))
    facts = {"days": 7, "last_on": "2026-03-14"}
    suggestion = Suggestion.objects.create(home=nok.home, kind="restock", subject="x", item=milk.item, facts=facts)
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
        "suggestion_id": suggestion.pk,
        "run_id": Run.objects.create(home=nok.home, agent=pixie, channel=talk).pk,
    }


@pytest.fixture
def address(known, ben) -> Callable[[str], str]:
    """`address(written)`: with Nok's ids filled in. For a word that is not in `known` it fails: add it there."""

    def fill(written: str) -> str:
        values = {**known, "pk": ben.pk} if "members/" in written else known
        url = "/" + NAMED.sub(lambda found: str(values[found[1] or found[2]]), written)
        assert resolve(url).route.replace("^", "").replace("$", "") == written
        return url

    return fill


def test_the_table_was_walked():
    assert len(WRITTEN) > 40
    assert any(written.startswith(API) for written in WRITTEN)
    assert any(written.startswith(PAGES) and "chat/" in written for written in WRITTEN)


def test_a_stranger_finds_nothing(address, nok, mai, events):
    client, before = sign_in(mai), events(nok.home)
    for written in WRITTEN:
        answers = {verb: getattr(client, verb)(address(written)) for verb in VERBS}
        codes = {verb: answer.status_code for verb, answer in answers.items()}
        if written.startswith(API):
            assert set(codes.values()) == {403}, written
            assert answers["get"].json()["error"]["code"] == "permission_denied"
        else:  # a page that does not know a verb says so to everybody
            assert set(codes.values()) <= {404, 405}, (written, codes)
            assert 404 in (codes["get"], codes["post"]), written
    assert events(nok.home) == before


def test_who_was_removed_is_a_stranger_at_once(address, nok, ben, events):
    """With the token and the session that they had when they were a member."""
    token = tokens_for(ben.user, ben)["token"]
    clients = [sign_in(ben), Client(headers={"Authorization": f"Bearer {token}"})]
    places = {written: address(written) for written in WRITTEN if written.startswith(API)}
    remove_member(ben, by=by(nok))
    before = events(nok.home)
    for written, place in places.items():
        for client in clients:
            assert {getattr(client, verb)(place).status_code for verb in VERBS} == {403}, written
    assert events(nok.home) == before


def test_who_is_not_signed_in_is_asked_to(address, nok, events):
    client, before = Client(), events(nok.home)
    for written in WRITTEN:
        answers = [client.get(address(written)), client.post(address(written))]
        if written.startswith(API):
            assert {answer.status_code for answer in answers} == {401}, written
        else:
            asked = [answer for answer in answers if answer.status_code != 405]
            assert asked, written
            for answer in asked:
                assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={address(written)}"), written
    assert events(nok.home) == before


def test_a_home_that_never_was_answers_a_stranger_like_one_that_is(address, nok, mai):
    client = sign_in(mai)
    for written in WRITTEN:
        there = address(written)
        for verb in ("get", "post"):
            seen, unseen = (
                getattr(client, verb)(url) for url in (there, there.replace(str(nok.home_id), str(uuid4())))
            )
            assert (seen.status_code, len(seen.content)) == (unseen.status_code, len(unseen.content)), written


# To look changes nothing


WRITES = re.compile(r"^\s*(INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\b", re.IGNORECASE)
# A session is renewed and a token notes when it was used: that is about the client, and no member sees it change.
# Searching memory computes the vectors that are missing from its index.
ALLOWED = ("django_session", "accounts_apitoken", "pixie_memoryposition", 'pixie_passage" SET "embedding"')
QUERY = {"q": "rent", "query": "rent", "before": "99999", "by": "model", "limit": "1"}


def everywhere(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        written = prefix + str(each.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(each, URLResolver):
            yield from everywhere(each, written)
        elif not written.startswith("admin/"):
            yield written


def value_of(values: dict[str, Any], named: re.Match[str]) -> str:
    return str(values.get(named[1] or named[2], "none"))


def writes_of(ask: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
        if answer.streaming:
            list(answer.streaming_content)
    statements = [query["sql"] for query in captured if WRITES.match(query["sql"])]
    return [sql for sql in statements if not any(allowed in sql for allowed in ALLOWED)]


@pytest.fixture
def unread(known, nok, ben, general) -> None:
    """Something in every room that a look might mark as read."""
    root = send_message(general, "@Nok, are you there?", by=by(ben))
    send_message(general, "Hello?", by=by(ben), parent=root)
    EmailAddress.objects.create(user=nok.user, email=nok.user.email, primary=True)  # as signing up makes it


@pytest.mark.parametrize("way", ["browser", "token"])
def test_get_and_head_of_every_address_write_no_rows(known, unread, nok, ben, way):
    table = sorted(set(everywhere(get_resolver())))
    client = sign_in(nok)
    if way == "token":
        table = [written for written in table if written.startswith("api/")]
        _token, key = create_api_token(nok.user, "Display", list(ApiToken.SCOPES))
        client = Client(headers={"Authorization": f"Bearer {key}"})
    client.raise_request_exception = False
    assert len(table) > 50
    written = []
    for route in table:
        values = {**known, "pk": ben.pk} if "members/" in route else known
        url = "/" + NAMED.sub(partial(value_of, values), route)
        for ask in (partial(client.get, url), partial(client.get, url, QUERY), partial(client.head, url)):
            written += [(route, sql) for sql in writes_of(ask)]
    assert not written, written


# To the owner, on both databases

# There is no second step of signing in yet, nobody may read the figures, and nothing is said of what to complete.
MISSING_PAGES = {
    "/admin/autocomplete/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/download/",
    "/accounts/2fa/totp/deactivate/",
    "/metrics",
}
# The example in the description names something that this home does not have, or that must stay as it is here.
REFUSED_EXAMPLES = {
    ("patch", "/api/homes/{home_id}/agents/{agent_id}"): 400,
    ("delete", "/api/homes/{home_id}/agents/{agent_id}"): 400,
    ("post", "/api/homes/{home_id}/agents/{agent_id}/memory/{label}/readers"): 404,
    ("delete", "/api/homes/{home_id}/categories/{category_id}"): 400,
    ("post", "/api/homes/{home_id}/channels/{channel_id}/members"): 404,
    ("delete", "/api/homes/{home_id}/channels/{channel_id}/messages/{message_id}/reactions"): 400,
    ("delete", "/api/homes/{home_id}/items/{item_id}"): 400,
    ("post", "/api/homes/{home_id}/threads/{thread_id}/messages/{message_id}/confirm"): 404,
    ("post", "/api/homes/{home_id}/undo"): 404,
    ("post", "/api/auth/signup"): 400,
    ("post", "/api/auth/refresh"): 401,
    ("post", "/api/auth/switch-home"): 403,
    ("post", "/api/users/signup"): 400,
    ("post", "/api/chat"): 403,
    ("post", "/api/chat/confirm"): 403,
}


def addresses_without_ids(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    for each in resolver.url_patterns:
        written = prefix + str(each.pattern).removeprefix("^").removesuffix("$")
        if isinstance(each, URLResolver):
            yield from addresses_without_ids(each, written)
        elif "<" not in written and "(" not in written:
            yield written


def status_of(request: Callable[..., Any], *args: Any) -> int:
    """Send it, and leave everything as it was."""
    with transaction.atomic():
        status: int = request(*args).status_code
        transaction.set_rollback(True)
    return status


def example_body(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return next((example["value"] for example in content.get("examples", {}).values()), None)


@pytest.mark.both_databases
def test_every_page_opens_for_the_owner_and_survives_an_empty_form(address, nok):
    nok.user.is_staff = nok.user.is_superuser = True
    nok.user.save()
    urls = {address(written) for written in WRITTEN if written.startswith(PAGES)}
    urls |= {url for url in addresses_without_ids(get_resolver()) if not url.startswith("/api/")}
    assert len(urls) > 100
    opened = {url: status_of(sign_in(nok).get, url) for url in urls}
    broken = {url for url, status in opened.items() if status not in (200, 302, 405)}
    read_only = {url for url in broken if re.fullmatch(r"/admin/\w+/\w+/add/", url) and opened[url] == 403}
    assert broken - read_only == MISSING_PAGES
    posted = {url: status_of(sign_in(nok).post, url) for url in urls}
    assert {url for url, status in posted.items() if status >= 500} == set()


@pytest.mark.both_databases
def test_every_operation_accepts_its_example_and_answers_as_described(address, nok):
    api_client, statuses = ApiClient(nok), {}
    urls = {"/" + NAMED.sub(r"{\1}", written): address(written) for written in WRITTEN if written.startswith(API)}
    urls |= {url: url for url in addresses_without_ids(get_resolver()) if url in schema()["paths"]}
    for path, url in urls.items():
        for verb, operation in schema()["paths"][path].items():
            request = getattr(api_client, verb)
            statuses[verb, path] = status_of(request, url.removeprefix("/api"), example_body(operation))
    assert len(statuses) > 100
    assert {which: status for which, status in statuses.items() if status >= 300} == REFUSED_EXAMPLES
