"""Access to every URL: strangers get 403 or 404, anonymous users must sign in, and the owner gets a response."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve
from django.utils import timezone

from chat.actions import open_assistant, send_message
from groceries.actions import (
    add_entry,
    add_to_pantry,
    create_expense,
    create_guest_link,
    create_store,
    end_shopping,
    purchase_entry,
    remember_barcode,
    set_recurring,
    start_shopping,
)
from homes.accounts.actions import create_api_token
from homes.accounts.api.jwt import tokens_for
from homes.accounts.models import ApiToken
from homes.actions import invite, remove_member
from homes.events.models import Event
from homes.files.actions import add_file
from pixie.actions import remember_passage, schedule_message
from pixie.models import Lesson, Run, Suggestion
from planner.actions import create_event, create_task
from tests.api.client import ApiClient, read_stream, schema
from tests.counting import written_statements
from tests.factories import by, sign_in
from tests.pictures import picture

PAGE_PREFIX, API_PREFIX = "h/<uuid:home_id>/", "api/homes/<uuid:home_id>/"
VERBS = ["get", "post", "put", "patch", "delete", "head", "options"]
PARAMETER = re.compile(r"<\w+:(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")  # parameters of path() and of re_path()


def home_routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Yield the routes of a home as they are written in the urls.py files."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from home_routes(pattern, route)
        elif route.startswith((PAGE_PREFIX, API_PREFIX)):
            yield route


HOME_ROUTES = sorted(set(home_routes(get_resolver())))


@pytest.fixture
def ids(nok, ben, milk, pixie, general) -> dict[str, Any]:
    """Ids in Nok's home by route parameter."""
    invitation, _token = invite(by=by(nok))
    agent_chat = open_assistant(pixie, by=by(nok))
    facts = {"days": 7, "last_on": "2026-03-14"}
    suggestion = Suggestion.objects.create(home=nok.home, kind="restock", subject="x", item=milk.item, facts=facts)
    fields = {"text": "We need eggs", "key": "we need eggs", "intent": "add_item", "is_right": True}
    lesson = Lesson.objects.create(home=nok.home, author=nok.user, **fields)
    trip, _is_new = start_shopping(milk.list, by=by(nok))
    end_shopping(milk.list, by=by(nok))
    return {
        "home_id": nok.home_id,
        "trip_id": trip.pk,
        "list_id": milk.list_id,
        "entry_id": milk.pk,
        "recurring_id": set_recurring("Rice", "weekly", by=by(nok)).pk,
        "op_id": uuid4(),
        "seq": Event.objects.filter(home=nok.home, type="list_item_added").latest("seq").seq,
        "verb": "stop",
        "channel_id": general.pk,
        "message_id": send_message(general, "Hello", by=by(nok)).pk,
        "user_id": ben.user_id,
        "agent_id": pixie.pk,
        "pk": invitation.pk,
        "invitation_id": invitation.pk,
        "category_id": milk.item.category_id,
        "link_id": create_guest_link(milk.list, "Al", by=by(nok), lifetime=timedelta(days=7))[0].pk,
        "store_id": create_store("Market", by=by(nok)).pk,
        "expense_id": create_expense("Pizza", Decimal(450), by=by(nok)).pk,
        "task_id": create_task("Clean the fridge", by=by(nok)).pk,
        "event_id": create_event("Dinner", by=by(nok), starts_on=date(2026, 3, 14)).pk,
        "item_id": milk.item_id,
        "batch_id": add_to_pantry("Milk", by=by(nok)).pk,
        "barcode_id": remember_barcode("96385074", "Milk", by=by(nok)).pk,
        "file_id": add_file("entry", milk, "milk.jpg", picture(), by=by(nok)).pk,
        "kind": "entry",
        "target_id": milk.pk,
        "thread_id": agent_chat.pk,
        "label": "household",
        "reader_id": pixie.pk,
        "passage_id": remember_passage("The rent is due on the 5th", by=by(nok))[0].pk,
        "lesson_id": lesson.pk,
        "scheduled_id": schedule_message("add eggs", timezone.now() + timedelta(days=1), by=by(nok)).pk,
        "suggestion_id": suggestion.pk,
        "run_id": Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat).pk,
    }


@pytest.fixture
def fill_ids(ids, nok, ben, weekly) -> Callable[[str], str]:
    """Return a function that fills Nok's ids into a route. Fails for a parameter that is missing in `ids`."""

    bought = purchase_entry(add_entry(weekly, "Tea", by=by(nok))[0], by=by(nok))

    def fill(route: str) -> str:
        values = {**ids, "pk": ben.pk} if "members/" in route else ids
        if route.endswith("/price"):
            values = {**values, "entry_id": bought.pk}
        url = "/" + PARAMETER.sub(lambda match: str(values[match[1] or match[2]]), route)
        assert resolve(url).route.replace("^", "").replace("$", "") == route
        return url

    return fill


def test_routes_are_collected():
    assert len(HOME_ROUTES) > 40
    assert any(route.startswith(API_PREFIX) for route in HOME_ROUTES)
    assert any(route.startswith(PAGE_PREFIX) and "chat/" in route for route in HOME_ROUTES)


def test_stranger_gets_403_or_404_from_every_url(fill_ids, nok, mai, events):
    client, before = sign_in(mai), events(nok.home)
    for route in HOME_ROUTES:
        answers = {verb: getattr(client, verb)(fill_ids(route)) for verb in VERBS}
        codes = {verb: answer.status_code for verb, answer in answers.items()}
        if route.startswith(API_PREFIX):
            assert set(codes.values()) == {403}, route
            assert answers["get"].json()["error"]["code"] == "permission_denied"
        else:  # pages return 405 to everybody for unsupported methods
            assert set(codes.values()) <= {404, 405}, (route, codes)
            assert 404 in (codes["get"], codes["post"]), route
    assert events(nok.home) == before


def test_removed_member_gets_403_from_every_api_url(fill_ids, nok, ben, events):
    """Use the token and the session from before the removal."""
    token = tokens_for(ben.user, ben)["token"]
    clients = [sign_in(ben), Client(headers={"Authorization": f"Bearer {token}"})]
    urls = {route: fill_ids(route) for route in HOME_ROUTES if route.startswith(API_PREFIX)}
    remove_member(ben, by=by(nok))
    before = events(nok.home)
    for route, url in urls.items():
        for client in clients:
            assert {getattr(client, verb)(url).status_code for verb in VERBS} == {403}, route
    assert events(nok.home) == before


def test_anonymous_request_gets_401_or_a_login_redirect_from_every_url(fill_ids, nok, events):
    client, before = Client(), events(nok.home)
    for route in HOME_ROUTES:
        answers = [client.get(fill_ids(route)), client.post(fill_ids(route))]
        if route.startswith(API_PREFIX):
            assert {answer.status_code for answer in answers} == {401}, route
        else:
            allowed = [answer for answer in answers if answer.status_code != 405]
            assert allowed, route
            for answer in allowed:
                assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={fill_ids(route)}"), route
    assert events(nok.home) == before


def test_unknown_home_is_indistinguishable_from_a_foreign_one(fill_ids, nok, mai):
    client = sign_in(mai)
    for route in HOME_ROUTES:
        url = fill_ids(route)
        for verb in ("get", "post"):
            foreign = getattr(client, verb)(url)
            unknown = getattr(client, verb)(url.replace(str(nok.home_id), str(uuid4())))
            assert (foreign.status_code, len(foreign.content)) == (unknown.status_code, len(unknown.content)), route


# Reading


QUERY = {"q": "rent", "query": "rent", "before": "99999", "by": "model", "limit": "1"}


def all_routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(pattern, URLResolver):
            yield from all_routes(pattern, route)
        elif not route.startswith("admin/"):  # see tests/pantry/test_admin.py
            yield route


def id_for(values: dict[str, Any], match: re.Match[str]) -> str:
    return str(values.get(match[1] or match[2], "none"))


@pytest.fixture
def unread_messages(ids, nok, ben, general) -> None:
    """Create unread messages and a thread, which a request could mark as read."""
    root = send_message(general, "@Nok, are you there?", by=by(ben))
    send_message(general, "Hello?", by=by(ben), parent=root)
    EmailAddress.objects.create(user=nok.user, email=nok.user.email, primary=True)  # as sign-up creates it


@pytest.mark.parametrize("credential", ["browser", "token"])
def test_get_and_head_of_every_url_write_no_rows(ids, unread_messages, nok, ben, credential):
    table = sorted(set(all_routes(get_resolver())))
    client = sign_in(nok)
    if credential == "token":
        table = [route for route in table if route.startswith("api/")]
        _token, key = create_api_token(nok.user, "Display", list(ApiToken.SCOPES))
        client = Client(headers={"Authorization": f"Bearer {key}"})
    client.raise_request_exception = False
    assert len(table) > 50
    statements = []
    for route in table:
        values = {**ids, "pk": ben.pk} if "members/" in route else ids
        url = "/" + PARAMETER.sub(partial(id_for, values), route)
        for request in (partial(client.get, url), partial(client.get, url, QUERY), partial(client.head, url)):
            statements += [(route, sql) for sql in written_statements(request)]
    assert not statements, statements


# Requests of the owner, on both databases

# Two-factor authentication is not set up, metrics are disabled, and the autocomplete page needs parameters.
MISSING_PAGES = {
    "/admin/autocomplete/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/download/",
    "/accounts/2fa/totp/deactivate/",
    "/metrics",
}
# The example in the schema names a row that does not exist here or must not change.
REFUSED_EXAMPLES = {
    ("patch", "/api/homes/{home_id}/agents/{agent_id}"): 400,
    ("delete", "/api/homes/{home_id}/agents/{agent_id}"): 400,
    ("post", "/api/homes/{home_id}/agents/{agent_id}/memory/{label}/readers"): 404,
    ("delete", "/api/homes/{home_id}/categories/{category_id}"): 400,
    ("post", "/api/homes/{home_id}/categories/order"): 400,
    ("post", "/api/homes/{home_id}/categories/{category_id}/merge"): 404,
    ("post", "/api/homes/{home_id}/items/{item_id}/merge"): 404,
    ("post", "/api/homes/{home_id}/channels/{channel_id}/members"): 404,
    ("delete", "/api/homes/{home_id}/channels/{channel_id}/messages/{message_id}/reactions"): 400,
    ("delete", "/api/homes/{home_id}/items/{item_id}"): 400,
    ("delete", "/api/homes/{home_id}/lists/{list_id}"): 400,  # something was bought on it
    ("post", "/api/homes/{home_id}/lists/{list_id}/items/bulk"): 404,
    ("post", "/api/homes/{home_id}/lists/{list_id}/items/order"): 400,
    ("post", "/api/homes/{home_id}/lists/{list_id}/recipe"): 400,  # no such page
    ("get", "/api/homes/{home_id}/calendar"): 400,  # without days
    ("post", "/api/homes/{home_id}/recurring/{recurring_id}/snooze"): 400,  # a day that is past
    ("post", "/api/homes/{home_id}/threads/{thread_id}/messages/{message_id}/confirm"): 404,
    ("post", "/api/homes/{home_id}/files"): 400,  # the example has no file
    ("post", "/api/homes/{home_id}/settlements"): 400,  # people of that name
    ("post", "/api/homes/{home_id}/undo"): 404,
    ("post", "/api/auth/signup"): 400,
    ("post", "/api/auth/refresh"): 401,
    ("post", "/api/auth/switch-home"): 403,
    ("post", "/api/users/signup"): 400,
    ("post", "/api/chat"): 403,
    ("post", "/api/chat/confirm"): 403,
}


def urls_without_ids(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from urls_without_ids(pattern, route)
        elif "<" not in route and "(" not in route:
            yield route


def status_of(request: Callable[..., Any], *args: Any) -> int:
    """Return the status of the response, and roll back its changes."""
    with transaction.atomic():
        response = read_stream(request(*args))
        status: int = response.status_code
        transaction.set_rollback(True)
    return status


def example_body(operation: dict[str, Any]) -> Any:
    [content] = operation.get("requestBody", {}).get("content", {"": {}}).values()
    return next((example["value"] for example in content.get("examples", {}).values()), None)


@pytest.mark.both_databases
def test_every_page_opens_for_the_owner_and_survives_an_empty_form(fill_ids, nok, settings):
    settings.ADMIN_TWO_STEP = False
    nok.user.is_staff = nok.user.is_superuser = True
    nok.user.save()
    urls = {fill_ids(route) for route in HOME_ROUTES if route.startswith(PAGE_PREFIX)}
    urls |= {url for url in urls_without_ids(get_resolver()) if not url.startswith("/api/")}
    assert len(urls) > 100
    client = sign_in(nok)
    get_statuses = {url: status_of(client.get, url) for url in urls}
    assert client.session["_auth_user_id"] == str(nok.user_id)
    failing = {url for url, status in get_statuses.items() if status not in (200, 302, 405)}
    read_only = {url for url in failing if re.fullmatch(r"/admin/\w+/\w+/add/", url) and get_statuses[url] == 403}
    assert failing - read_only == MISSING_PAGES
    post_statuses = {url: status_of(sign_in(nok).post, url) for url in urls}
    assert {url for url, status in post_statuses.items() if status >= 500} == set()


@pytest.mark.both_databases
def test_every_operation_accepts_its_example_and_answers_as_described(fill_ids, nok):
    api_client, statuses = ApiClient(nok), {}
    urls = {
        "/" + PARAMETER.sub(r"{\1}", route): fill_ids(route) for route in HOME_ROUTES if route.startswith(API_PREFIX)
    }
    urls |= {url: url for url in urls_without_ids(get_resolver()) if url in schema()["paths"]}
    for path, url in urls.items():
        for verb, operation in schema()["paths"][path].items():
            request = getattr(api_client, verb)
            statuses[verb, path] = status_of(request, url.removeprefix("/api"), example_body(operation))
    assert len(statuses) > 100
    assert {key: status for key, status in statuses.items() if status >= 300} == REFUSED_EXAMPLES
