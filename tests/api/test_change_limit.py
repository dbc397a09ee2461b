"""The rate limit of changes, which counts each operation of a person, over all interfaces together."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.actions import send_message
from chat.models import Message, Reaction
from groceries.actions import add_entry, set_recurring
from groceries.models import GroceryList, Item, ListEntry, RecurringItem
from groceries.tasks import fire_recurring
from homes.accounts.actions import create_api_token
from homes.accounts.api.jwt import tokens_for
from homes.events.models import Event
from homes.live.authentication import authenticate as authenticate_socket
from homes.live.consumer import run_command
from homes.models import Home
from pantry.api.throttles import limits
from pantry.errors import RateLimited
from pantry.settings import API_RATES
from pixie.mcp.auth import authenticate as authenticate_mcp
from pixie.mcp.server import run_tool
from tests.api.client import ApiClient
from tests.api.test_message_limit import answer_of, intent, post_intents, scope_of
from tests.factories import by, sign_in
from tests.limits import limit

SENTENCE = re.compile(r"You(?:'|&#x27;)re doing that too quickly\. Try again in (\d+) seconds\.")


pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def message(nok, general, weekly):
    """A message of Nok's in a home with a list."""
    return send_message(general, "Who is home?", by=by(nok))


def weekly_list():
    return GroceryList.objects.get(name="Weekly shop")


# Each way changes something and returns (status, Retry-After); the status of anything done is 200.


def submit(member, path, **form):
    response = sign_in(member).post(path.format(home=f"/h/{member.home_id}"), form, follow=True)
    refusal = SENTENCE.search(response.text)
    return (429, refusal[1]) if refusal else answer_of(response)


def add_on_page(member, message):
    return submit(member, f"{{home}}/lists/{weekly_list().pk}/add", text=uuid4().hex)


def create_room_on_page(member, message):
    return submit(member, "{home}/chat/new/", name=uuid4().hex)


def create_list_on_page(member, message):
    return submit(member, "{home}/lists/", name="Party")


def invite_on_page(member, message):
    return submit(member, "{home}/home/invite/", email="som@example.com", role="member")


def post_item(member, message):
    return answer_of(ApiClient(member).post(f"lists/{weekly_list().pk}/items", {"name": uuid4().hex}))


def post_reaction(member, message):
    emoji = "👍😂🎉😮🙏"[Reaction.objects.count()]
    url = f"channels/{message.channel_id}/messages/{message.pk}/reactions"
    return answer_of(ApiClient(member).post(url, {"emoji": emoji}))


def rename_over_api(member, message):
    return answer_of(ApiClient(member).patch(f"/users/{member.user_id}", {"name": uuid4().hex}))


def rename_on_page(member, message):
    return submit(member, "/me/", name=uuid4().hex, locale="en")


def send_intent(member, message):
    queue = [intent("add_entry", list=str(weekly_list().pk), text=uuid4().hex)]
    return answer_of(post_intents(member, queue))


def add_over_socket(member, message):
    session = authenticate_socket(scope_of(tokens_for(member.user, member)["token"]), member.home_id)
    command = {"type": "list_item_added", "op_id": str(uuid4()), "list_id": str(weekly_list().pk)}
    frame = run_command(session, {**command, "name": uuid4().hex})
    payload = {"type": "done"} if frame is None else json.loads(frame.text)
    if payload["type"] == "done":
        return 200, None
    assert payload["error"]["code"] == "throttled"
    return 429, str(payload["error"]["retry_after"])


def call_tool(member, message):
    _row, token = create_api_token(member.user, name="Assistant", scopes=["read", "write"], home=member.home)
    call = {"method": "tools/call", "params": {"name": "add_item"}}
    result = run_tool(authenticate_mcp(scope_of(token), json.dumps(call).encode()), "add_item", {"name": uuid4().hex})
    return (429, SENTENCE.fullmatch(result.content[0].text)[1]) if result.is_error else (200, None)


WAYS = [
    add_on_page, create_room_on_page, create_list_on_page, invite_on_page, post_item, post_reaction, rename_over_api,
    rename_on_page, send_intent, add_over_socket, call_tool,
]  # fmt: skip


@pytest.mark.parametrize("change", WAYS)
def test_change_over_the_limit_is_refused_until_the_time_has_passed(change, nok, message, settings, clock):
    settings.API_RATES = {"changes": "2/m/user"}
    assert change(nok, message) == change(nok, message) == (200, None)
    last_seq = Event.objects.count()
    assert change(nok, message) == (429, "66")
    assert Event.objects.count() == last_seq
    clock(10 + 66)
    assert change(nok, message) == (200, None)


@pytest.mark.parametrize("change", WAYS)
def test_changes_over_all_interfaces_count_together(change, nok, ben, message, settings):
    settings.API_RATES = {"changes": f"{len(WAYS)}/m/user"}
    assert [way(nok, message) for way in WAYS] == [(200, None)] * len(WAYS)
    assert change(nok, message)[0] == 429
    assert post_reaction(ben, message) == (200, None)


def edit_on_page(member, message, text):
    response = sign_in(member).post(f"/h/{member.home_id}/chat/{message.channel_id}/{message.pk}/edit", {"body": text})
    return 429 if SENTENCE.search(response.text) else response.status_code


def edit_over_api(member, message, text):
    url = f"channels/{message.channel_id}/messages/{message.pk}"
    version = Message.objects.get(pk=message.pk).version
    return ApiClient(member).patch(url, {"content": text, "version": version}).status_code


@pytest.mark.parametrize(("edit", "done"), [(edit_on_page, 302), (edit_over_api, 200)])
def test_editing_counts_like_sending(edit, done, nok, general, message, settings):
    settings.API_RATES = {"chat": "2/m/user"}
    send_message(general, "One", by=by(nok))
    assert [edit(nok, message, text) for text in ("Two", "Two", "Three")] == [done, done, 429]
    message.refresh_from_db()
    assert message.body == "Two"
    with pytest.raises(RateLimited):
        send_message(general, "Four", by=by(nok))


def test_what_is_done_already_is_neither_counted_nor_refused(nok, message, settings):
    settings.API_RATES = {"changes": "1/m/user"}
    grocery_list = weekly_list()
    queue = [intent("add_entry", list=str(grocery_list.pk), text="eggs")]
    for _ in range(3):
        assert post_intents(nok, queue).json()["results"][0]["outcome"] == "done"
    assert ApiClient(nok).patch(f"lists/{grocery_list.pk}", {"name": grocery_list.name}).status_code == 200
    assert grocery_list.entries.get().quantity == 1


def test_pasted_lines_count_once_and_are_added_together(nok, message, settings):
    settings.API_RATES = {"changes": "2/m/user"}
    url, names = f"/h/{nok.home_id}/lists/{weekly_list().pk}/add", [f"thing{at}" for at in range(40)]
    for half in (names[:20], names[20:]):
        assert sign_in(nok).post(url, {"text": "\n".join(half)}).status_code == 302
    assert ListEntry.objects.count() == 40
    assert SENTENCE.search(sign_in(nok).post(url, {"text": "eggs\nmilk"}).text)
    assert ListEntry.objects.count() == 40


def test_several_fields_of_a_request_count_once(nok, milk, settings):
    settings.API_RATES = {"changes": "1/m/user"}
    change = {"name": "Oat milk", "quantity": "3", "state": "purchased", "price_paid": "45", "version": milk.version}
    assert ApiClient(nok).patch(f"lists/{milk.list_id}/items/{milk.pk}", change).status_code == 200


def test_intents_over_the_limit_are_kept_by_the_device(nok, message, settings, clock):
    settings.API_RATES = {"changes": "2/m/user"}
    grocery_list = weekly_list()
    queue = [intent("add_entry", list=str(grocery_list.pk), text=f"thing{at}") for at in range(5)]
    now, requests = 10, 0
    while queue:
        response, requests = post_intents(nok, queue), requests + 1
        if response.status_code == 429:
            now += int(response.headers["Retry-After"])
            clock(now)
        else:
            done = {result["op_id"] for result in response.json()["results"]}
            queue = [waiting for waiting in queue if waiting["op_id"] not in done]
    assert (grocery_list.entries.count(), requests) == (5, 7)


def test_import_is_not_counted(nok, milk, message, settings):
    file = ApiClient(nok).get("export").json()
    settings.API_RATES = {"changes": "1/m/user"}
    assert post_item(nok, message) == (200, None)
    assert Home.objects.filter(pk=ApiClient(nok).import_home(file)).exists()


def test_tasks_are_not_counted(nok, weekly, message, settings):
    settings.API_RATES = {"changes": "1/m/user"}
    for name in ("rice", "oil"):
        set_recurring(name, "weekly", by=by(nok))
    RecurringItem.objects.update(next_due_at=timezone.now() - timedelta(hours=1))
    assert post_item(nok, message) == (200, None)
    assert fire_recurring() == 2
    assert Item.objects.filter(entries__list=weekly).count() == 3


def test_agents_do_not_count_for_the_person_they_answer(nok, pixie, weekly, message, settings):
    settings.API_RATES = {"changes": "1/m/user"}
    for name in ("rice", "oil"):
        add_entry(weekly, name, by=by(nok).as_agent(pixie))
    assert post_item(nok, message) == (200, None)


def test_documented_limits_are_the_defaults():
    per_minute = {group: {kind: most for kind, most, _s in limits(rate)} for group, rate in API_RATES.items()}
    assert limit("Requests of a user to the API, in a minute") == per_minute["other"]["user"]
    assert limit("Requests of a user for pages, in a minute") == per_minute["pages"]["user"]
    assert limit("Messages that a user sends or edits, in a minute") == per_minute["chat"]["user"]
    assert limit("Changes by a user, in a minute") == per_minute["changes"]["user"]
