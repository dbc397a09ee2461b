"""The rate limit of messages, which counts a person's messages over all interfaces together."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.exceptions import Throttled

from chat.actions import open_assistant, send_message
from chat.models import Message
from homes.accounts.actions import create_api_token
from homes.accounts.api.jwt import tokens_for
from homes.live.authentication import authenticate as authenticate_socket
from homes.live.consumer import run_command
from pixie.mcp.auth import authenticate as authenticate_mcp
from pixie.mcp.server import run_tool
from tests.api.client import ApiClient
from tests.factories import by, sign_in

DONE = (200, None)


pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def root(ben, general):
    """A message of Ben's in the first room."""
    return send_message(general, "Who is home?", by=by(ben))


# Each way sends a message and returns (status, Retry-After); the status of anything done is 200.


def answer_of(response):
    is_done = response.status_code in (200, 201, 202, 302)
    return (200 if is_done else response.status_code), response.headers.get("Retry-After")


def post_message(member, root, text, op_id):
    url = f"channels/{root.channel_id}/messages"
    return answer_of(ApiClient(member).post(url, {"content": text, "id": str(op_id)}))


def post_message_with_key(member, root, text, op_id):
    url = f"channels/{root.channel_id}/messages"
    return answer_of(ApiClient(member).post(url, {"content": text}, Idempotency_Key=str(op_id)))


def post_reply(member, root, text, op_id):
    url = f"channels/{root.channel_id}/messages/{root.pk}/replies"
    return answer_of(ApiClient(member).post(url, {"content": text, "id": str(op_id)}))


def post_in_thread(member, root, text, op_id):
    agent = member.home.agents.get(slug="pixie")
    thread = open_assistant(agent, by=by(member))
    return answer_of(ApiClient(member).post(f"threads/{thread.pk}/messages", {"content": text, "id": str(op_id)}))


def post_chat(member, root, text, op_id):
    body = {"home_id": str(member.home_id), "message": text}
    return answer_of(ApiClient(member).post("/chat?wait=0", body, Idempotency_Key=str(op_id)))


def intent(kind, op_id=None, **data):
    op_id, now = str(op_id or uuid4()), timezone.now().isoformat()
    return {"op_id": op_id, "kind": kind, "meant_at": now, "seen": None, "data": data}


def post_intents(member, intents, **headers):
    return ApiClient(member).post("intents", {"now": timezone.now().isoformat(), "intents": intents}, **headers)


def send_intent(member, root, text, op_id):
    response = post_intents(member, [intent("send_message", op_id, channel=str(root.channel_id), text=text)])
    if response.status_code == 200:
        assert [result["outcome"] for result in response.json()["results"]] == ["done"]
    return answer_of(response)


def submit(member, path, text, op_id):
    response = sign_in(member).post(f"/h/{member.home_id}/{path}", {"body": text, "op_id": str(op_id)})
    if response.status_code == 429:
        seconds = response.headers["Retry-After"]
        assert f"You&#x27;re doing that too quickly. Try again in {seconds} seconds." in response.text
        assert f">{text}</textarea>" in response.text
    return answer_of(response)


def submit_message(member, root, text, op_id):
    return submit(member, f"chat/{root.channel_id}/send", text, op_id)


def submit_reply(member, root, text, op_id):
    return submit(member, f"chat/{root.channel_id}/{root.pk}/send", text, op_id)


def submit_on_today(member, root, text, op_id):
    return submit(member, "tell", text, op_id)


def scope_of(token):
    headers = [(b"authorization", f"Bearer {token}".encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    return {**scope, "client": ("127.0.0.1", 50000)}


def send_over_socket(member, root, text, op_id):
    session = authenticate_socket(scope_of(tokens_for(member.user, member)["token"]), member.home_id)
    command = {"type": "chat_message", "op_id": str(op_id), "channel_id": str(root.channel_id), "content": text}
    frame = run_command(session, command)
    payload = {"type": "done"} if frame is None else json.loads(frame.text)
    if payload["type"] == "done":
        return DONE
    assert payload["op_id"] == str(op_id)
    assert payload["error"]["code"] == "throttled"
    return 429, str(payload["error"]["retry_after"])


def call_tool(member, root, text, op_id):
    _row, token = create_api_token(member.user, name="Assistant", scopes=["chat"], home=member.home)
    call = {"method": "tools/call", "params": {"name": "post_message"}}
    try:
        caller = authenticate_mcp(scope_of(token), json.dumps(call).encode())
    except Throttled as error:
        return 429, str(error.wait)
    assert not run_tool(caller, "post_message", {"text": text}).is_error
    return DONE


REPEATABLE = [
    post_message, post_message_with_key, post_reply, post_in_thread, post_chat, send_intent,
    submit_message, submit_reply, submit_on_today, send_over_socket,
]  # fmt: skip
WAYS = [*REPEATABLE, call_tool]  # a repeated call of a tool is another operation


def bodies(member):
    return sorted(Message.objects.filter(author_user=member.user).values_list("body", flat=True))


@pytest.mark.parametrize("send", WAYS)
def test_message_over_the_limit_is_refused_until_the_time_has_passed(send, nok, root, settings, clock):
    settings.API_RATES = {"chat": "2/m/user"}
    refused = uuid4()
    assert send(nok, root, "One", uuid4()) == send(nok, root, "Two", uuid4()) == DONE
    assert send(nok, root, "Three", refused) == (429, "66")
    assert bodies(nok) == ["One", "Two"]
    clock(10 + 66)
    assert send(nok, root, "Three", refused) == DONE
    assert bodies(nok) == ["One", "Three", "Two"]


@pytest.mark.parametrize("send", WAYS)
def test_messages_over_all_interfaces_count_together(send, nok, ben, root, settings):
    settings.API_RATES = {"chat": f"{len(WAYS)}/m/user"}
    assert [way(nok, root, way.__name__, uuid4()) for way in WAYS] == [DONE] * len(WAYS)
    status, retry_after = send(nok, root, "Refused", uuid4())
    assert (status, 0 < int(retry_after) <= 66) == (429, True)
    assert bodies(nok) == sorted(way.__name__ for way in WAYS)
    assert send(ben, root, "Hello", uuid4()) == DONE


@pytest.mark.parametrize("send", REPEATABLE)
def test_repeated_message_is_neither_counted_nor_refused(send, nok, root, settings):
    settings.API_RATES = {"chat": "2/m/user"}
    op_id = uuid4()
    assert [send(nok, root, "One", op_id) for _ in range(3)] == [DONE] * 3
    assert send(nok, root, "Two", uuid4()) == DONE
    assert send(nok, root, "Three", uuid4()) == (429, "66")
    assert send(nok, root, "One", op_id) == DONE
    assert bodies(nok) == ["One", "Two"]


@pytest.mark.parametrize("send", WAYS)
def test_messages_from_one_ip_address_count_together(send, nok, ben, ploy, root, settings):
    settings.API_RATES = {"chat": "3/m/ip"}
    for member, way in ((nok, send), (ben, submit_message), (ploy, send_over_socket)):
        assert way(member, root, "Hello", uuid4()) == DONE
    assert send(ben, root, "Refused", uuid4())[0] == 429
    assert bodies(ben) == ["Hello", "Who is home?"]


def test_messages_of_agents_are_not_counted(nok, pixie, general, root, settings):
    settings.API_RATES = {"chat": "1/m/user,1/m/ip"}
    for text in ("One", "Two"):
        send_message(general, text, by=by(nok).as_agent(pixie))
    assert post_message(nok, root, "Hello", uuid4()) == DONE


def test_invalid_message_is_not_counted(nok, general, root, settings):
    settings.API_RATES = {"chat": "1/m/user"}
    assert post_intents(nok, [intent("send_message", channel=str(general.pk), text=" ")]).status_code == 200
    assert post_message(nok, root, "Hello", uuid4()) == DONE


@pytest.mark.parametrize("headers", [{}, {"Idempotency_Key": "queue"}])
def test_intents_stop_at_a_message_over_the_limit(nok, general, weekly, root, settings, clock, headers):
    settings.API_RATES = {"chat": "1/m/user"}
    queue = [intent("send_message", channel=str(general.pk), text=text) for text in ("One", "Two")]
    queue.append(intent("add_entry", list=str(weekly.pk), text="eggs"))
    response = post_intents(nok, queue, **headers)
    assert [(result["op_id"], result["outcome"]) for result in response.json()["results"]] == [
        (queue[0]["op_id"], "done")
    ]
    refused = post_intents(nok, queue[1:])
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "81")
    assert refused.json()["error"]["code"] == "throttled"
    assert (bodies(nok), weekly.entries.count()) == (["One"], 0)
    clock(10 + 81)
    assert [result["outcome"] for result in post_intents(nok, queue[1:]).json()["results"]] == ["done"] * 2
    assert (bodies(nok), weekly.entries.count()) == (["One", "Two"], 1)


def test_more_offline_messages_than_the_limit_all_arrive(nok, general, root, settings, clock):
    """A device that was offline sends its queue, and the rest of it again whenever it may."""
    settings.API_RATES = {"chat": "10/m/user"}
    texts = [f"Message {number:02}" for number in range(40)]
    queue = [intent("send_message", channel=str(general.pk), text=text) for text in texts]
    now = start = 10
    while queue:
        response = post_intents(nok, queue)
        if response.status_code == 429:
            now += int(response.headers["Retry-After"])
            clock(now)
        else:
            done = {result["op_id"] for result in response.json()["results"]}
            queue = [each for each in queue if each["op_id"] not in done]
    assert list(Message.objects.filter(author_user=nok.user).order_by("seq").values_list("body", flat=True)) == texts
    assert timedelta(minutes=2) < timedelta(seconds=now - start) < timedelta(minutes=5)
