"""What agents do for somebody is bounded by the scopes of the token, whichever way the request came."""

from datetime import timedelta
from itertools import chain, combinations
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.actions import create_channel, edit_message, send_message
from chat.models import Message
from groceries.models import ListEntry
from homes.accounts.actions import create_api_token
from homes.accounts.models import ApiToken
from homes.events.actor import Actor
from homes.events.models import Event
from homes.live.authentication import Session
from homes.live.consumer import run_command
from pixie.actions import cancel_scheduled, fire_scheduled, remember_passage, schedule_message
from pixie.mcp.auth import Caller
from pixie.mcp.server import run_tool
from pixie.models import Passage, PendingAction, PendingState, Run, ScheduledMessage
from pixie.nlu.outcome import Proposal
from pixie.runs import confirmations
from pixie.runs.outcomes import Refusal
from pixie.runs.tool_calls import try_tool
from pixie.tools import TOOLS
from tests.api.client import ApiClient
from tests.factories import by
from tests.pixie.conftest import answer_to
from tests.pixie.providers import Call, Reply
from tests.pixie.runs import MODEL_REQUEST, agent_messages, process_home

SCOPES = ApiToken.SCOPES
SUBSETS = [list(each) for each in chain.from_iterable(combinations(SCOPES, size) for size in range(len(SCOPES) + 1))]
TALKING = [["chat"], ["read", "chat"], ["write", "chat"], ["read", "write", "chat"], ["chat", "admin"], [*SCOPES]]
PARTS = [["chat"], ["read", "chat"], ["write", "chat"], [*SCOPES]]  # enough for a way that only hands them on
ASKED = {
    "read": "what's on the list?",
    "write": "add 7 dragonfruits",
    "chat": "remember that the gate code is 4711",
}  # by the scope of the tool


@pytest.fixture
def limited(nok):
    """`limited("chat")`: an API client with a personal token of Nok's, the `row`."""

    def create(*scopes):
        row, raw = create_api_token(nok.user, "Assistant", list(scopes), home=nok.home)
        client = ApiClient(nok, token=raw)
        client.row = row
        return client

    return create


def is_done(scope):
    """Return whether the tool of the scope has done its work."""
    if scope == "read":
        return any("Milk" in body for body in agent_messages())
    if scope == "write":
        return ListEntry.objects.filter(item__name="Dragonfruits").exists()
    return Passage.objects.filter(content__contains="4711").exists()


# The ways in which a message reaches an agent


def by_chat(me, text, root):
    body = {"home_id": str(me.home_id), "message": text}
    assert me.post("/chat?wait=0", body).status_code == 202


def by_chat_in_thread(me, text, root):
    thread = me.post("threads", {"title": "Shopping"}).json()["id"]
    body = {"home_id": str(me.home_id), "message": text, "thread_id": thread, "route": "local"}
    assert me.post("/chat?wait=0", body).status_code == 202


def by_thread(me, text, root):
    thread = me.post("threads", {}).json()["id"]
    assert me.post(f"threads/{thread}/messages", {"content": text}).status_code == 201


def by_room(me, text, root):
    url = f"channels/{root.channel_id}/messages"
    assert me.post(url, {"content": f"@pixie {text}"}).status_code == 201


def by_reply(me, text, root):
    url = f"channels/{root.channel_id}/messages/{root.pk}/replies"
    assert me.post(url, {"content": f"@pixie {text}"}).status_code == 201


def by_edit(me, text, root):
    """Edit a message that was sent with all rights, before the agent reads it."""
    message = send_message(root.channel, "@pixie hello", by=by(me.member))
    url = f"channels/{root.channel_id}/messages/{message.pk}"
    assert me.patch(url, {"content": f"@pixie {text}", "version": 1}).status_code == 200


def by_mcp(me, text, root):
    caller = Caller.of(me.member.user, me.row, None)
    assert not run_tool(caller, "post_message", {"text": f"Pixie, {text}"}).is_error


def by_intent(me, text, root):
    data = {"channel": str(root.channel_id), "text": f"@pixie {text}"}
    now = timezone.now().isoformat()
    intent = {"op_id": str(uuid4()), "kind": "send_message", "meant_at": now, "data": data}
    answer = me.post("intents", {"now": now, "intents": [intent]})
    assert answer.json()["results"][0]["outcome"] == "done"


def by_socket(me, text, root):
    session = Session(me.home_id, me.member.user_id, me.token, None, frozenset(), None)
    frame = {"type": "chat_message", "op_id": str(uuid4()), "channel_id": str(root.channel_id)}
    frame = run_command(session, {**frame, "content": f"@pixie {text}"})
    assert frame is None or '"done"' in frame.text


def by_schedule(me, text, root):
    at = (timezone.now() + timedelta(hours=1)).isoformat()
    assert me.post("scheduled", {"prompt": text, "trigger_at": at}).status_code == 201
    fire_scheduled(ScheduledMessage.objects.get(), timezone.now() + timedelta(hours=2))


def by_repeated_schedule(me, text, root):
    body = {"prompt": text, "trigger_at": (timezone.now() + timedelta(hours=1)).isoformat(), "rrule": "FREQ=DAILY"}
    assert me.post("scheduled", body).status_code == 201
    for days in (1, 2):
        assert fire_scheduled(ScheduledMessage.objects.get(), timezone.now() + timedelta(days=days))


def by_schedule_tool(me, text, root):
    caller = Caller.of(me.member.user, me.row, None)
    at = (timezone.now() + timedelta(hours=1)).isoformat()
    assert not run_tool(caller, "schedule_message", {"prompt": text, "at": at}).is_error
    fire_scheduled(ScheduledMessage.objects.get(), timezone.now() + timedelta(hours=2))


def by_resumed_schedule(me, text, root):
    """Resume what was scheduled with all rights."""
    scheduled = schedule_message(text, timezone.now() + timedelta(hours=1), by=by(me.member))
    cancel_scheduled(scheduled, by=by(me.member))
    assert me.post(f"scheduled/{scheduled.pk}/resume").status_code == 200
    fire_scheduled(scheduled, timezone.now() + timedelta(hours=2))


def by_uncancelled_schedule(me, text, root):
    scheduled = schedule_message(text, timezone.now() + timedelta(hours=1), by=by(me.member))
    op_id = uuid4()
    cancel_scheduled(scheduled, by=by(me.member, op_id=op_id))
    assert me.post("undo", {"seq": Event.objects.get(op_id=op_id).seq}).status_code == 200
    fire_scheduled(scheduled, timezone.now() + timedelta(hours=2))


WAYS = {
    by_chat: {"chat"}, by_chat_in_thread: {"chat"}, by_thread: {"chat"}, by_room: {"chat"}, by_reply: {"chat"},
    by_edit: {"chat"}, by_mcp: {"chat"}, by_intent: {"write", "chat"}, by_socket: {"read", "chat"},
    by_schedule: {"chat"}, by_repeated_schedule: {"chat"}, by_schedule_tool: {"chat"}, by_resumed_schedule: {"chat"},
    by_uncancelled_schedule: {"write", "chat"},
}  # fmt: skip  # with the scopes that the way itself needs


def case_id(value):
    return value.__name__ if callable(value) else "+".join(value)


CASES = [
    (way, scopes)
    for way, needed in WAYS.items()
    for scopes in (TALKING if way is by_chat else PARTS)
    if needed <= {*scopes}
]


@pytest.mark.parametrize(("way", "scopes"), CASES, ids=case_id)
def test_agent_does_what_the_token_may(way, scopes, nok, milk, general, limited):
    root = send_message(general, "Who is in?", by=by(nok))
    me = limited(*scopes)
    for scope, text in ASKED.items():
        way(me, text, root)
        process_home(nok.home_id)
        refusal = f"This token lacks the scope “{scope}”."
        assert is_done(scope) == (scope in scopes), scope
        assert (refusal in agent_messages()) == (scope not in scopes), scope
        ScheduledMessage.objects.update(status="fired")
        if way is by_repeated_schedule or way in (by_schedule, by_schedule_tool):
            Run.objects.all().delete()
            ScheduledMessage.objects.all().delete()


@pytest.mark.parametrize("way", [by_chat, by_room, by_mcp, by_schedule])
def test_without_a_personal_token_the_agent_does_everything(way, nok, milk, general):
    root, me = send_message(general, "Who is in?", by=by(nok)), ApiClient(nok)
    me.row = None
    for scope, text in ASKED.items():
        way(me, text, root)
        process_home(nok.home_id)
        assert is_done(scope)
        ScheduledMessage.objects.all().delete()
    assert not Message.objects.exclude(scopes=None).exists()


@pytest.mark.parametrize("scopes", SUBSETS, ids="+".join)
def test_every_tool_needs_its_scope(nok, weekly, general, scopes):
    actor = Actor.of(nok, scopes=scopes)
    for tool in TOOLS.values():
        outcome = try_tool(actor, Proposal(tool.name, {}, 1.0), is_confirmed=True)
        assert (outcome == Refusal(f"This token lacks the scope “{tool.scope}”.")) == (tool.scope not in scopes)


def test_schedule_and_message_show_nothing_of_the_scopes(nok, general, limited):
    by_schedule(limited("chat"), "add eggs", None)
    by_room(limited("chat"), "add eggs", send_message(general, "Hello", by=by(nok)))
    me = ApiClient(nok)
    for url in ("scheduled?status=fired", f"channels/{general.pk}/messages", "events?limit=1000", "audit", "export"):
        answer = me.get(url)
        assert answer.status_code == 200
        assert "scopes" not in answer.text


# Confirmation


@pytest.fixture
def question(tell, weekly):
    """Pixie's question whether to add a lot of lemons, from a message with all rights."""
    return tell("add 5000 lemons")


@pytest.mark.parametrize("scopes", TALKING, ids="+".join)
@pytest.mark.parametrize("way", ["chat", "thread", "text"])
def test_yes_does_what_the_token_that_says_it_may(nok, question, limited, scopes, way):
    me = limited(*scopes)
    if way == "text":
        me.post(f"threads/{question.channel_id}/messages", {"content": "yes"})
        process_home(nok.home_id)
        reply = agent_messages()[-1]
    elif way == "thread":
        response = me.post(f"threads/{question.channel_id}/messages/{question.pk}/confirm", {"confirm": True})
    else:
        body = {"home_id": str(nok.home_id), "message_id": str(question.pk), "confirm": True}
        response = me.post("/chat/confirm", body)
    if way != "text":
        reply = response.text
        assert response.status_code == (200 if "write" in scopes else 403)
        assert bool(response.json().get("list_items")) == ({"read", "write"} <= {*scopes})
    assert ListEntry.objects.exists() == ("write" in scopes)
    assert ("lacks the scope “write”" in reply) == ("write" not in scopes)
    state = PendingAction.objects.get(message=question).state
    assert state == (PendingState.CONFIRMED if "write" in scopes else PendingState.WAITING)
    if "write" not in scopes:  # who may do it still can
        confirmations.decide(question, yes=True, by=by(nok))
        assert ListEntry.objects.exists()


@pytest.mark.parametrize("scopes", TALKING, ids="+".join)
def test_no_needs_no_scope_of_the_act(nok, question, limited, scopes):
    body = {"home_id": str(nok.home_id), "message_id": str(question.pk), "confirm": False}
    assert limited(*scopes).post("/chat/confirm", body).status_code == 200
    assert PendingAction.objects.get(message=question).state == PendingState.DECLINED


def test_question_to_a_token_without_read_quotes_only_its_own_words(nok, agent_chat, limited):
    remember_passage("The gate code is 4711", by=by(nok))
    me = limited("chat")
    by_chat(me, "forget what you know about the gate code", None)
    process_home(nok.home_id)
    question = PendingAction.objects.get().message
    assert "4711" not in question.body
    assert "gate code" in question.body
    response = run_tool(Caller.of(nok.user, me.row, None), "forget", {"query": "gate code"})
    assert "4711" not in str(response)
    assert "gate code" in response.structured_content["asks"]
    response = run_tool(Caller.of(nok.user, limited("read", "chat").row, None), "forget", {"query": "gate code"})
    assert "4711" in response.structured_content["asks"]


# Undo


def test_undo_needs_the_scope_of_what_is_undone(nok, weekly, general, limited, tell):
    tell("add eggs")
    tell("post in general: dinner is ready")
    tell("remember that the gate code is 4711")
    for scopes in (["read", "write"], ["chat"], ["read", "write", "chat"]):
        me = limited(*scopes)
        for event_type, needed in (
            ("list_item_added", {"write"}),
            ("passage_remembered", {"write", "chat"}),
            ("chat_message", {"write", "chat"}),
        ):
            events = Event.objects.filter(
                home=nok.home, type=event_type, actor_user=nok.user, actor_agent__isnull=False
            )
            answer = me.post("undo", {"seq": events.get().seq})
            assert answer.status_code == (200 if needed <= {*scopes} else 403), (event_type, scopes)


def test_asking_to_undo_needs_the_scope_of_what_is_undone(nok, weekly, general, limited, tell):
    tell("remember that the gate code is 4711")
    for scopes in (["chat"], ["read", "chat"]):
        by_chat(limited(*scopes), "undo that", None)
        process_home(nok.home_id)
        assert agent_messages()[-1] == "This token lacks the scope “write”."
    caller = Caller.of(nok.user, limited("write").row, None)
    answer = Message.objects.filter(metadata__has_key="receipt").exclude(metadata__receipt=None).get()
    result = run_tool(caller, "undo", {"message": str(answer.pk)})
    assert (result.is_error, result.content[0].text) == (True, "This token lacks the scope “chat”.")
    assert is_done("chat")
    assert not run_tool(
        Caller.of(nok.user, limited("write", "chat").row, None), "undo", {"message": str(answer.pk)}
    ).is_error
    assert not is_done("chat")


# What the answers show


TOOL_CALLS = [
    ("add_item", {"name": "milk"}), ("mark_purchased", {"name": "milk"}),
    ("change_item", {"name": "milk", "unit": "kg"}),
    ("remove_item", {"name": "milk"}), ("set_recurring", {"name": "milk", "frequency": "weekly"}), ("undo", {}),
    ("add_item", {"name": "milk", "quantity": 5000}),
    ("post_message", {"text": "hello", "room": "nowhere"}), ("post_message", {"text": "hello"}),
    ("remember", {"content": "The safe is behind the picture"}), ("forget", {"query": "safe code"}),
    ("cancel_scheduled", {}), ("cancel_scheduled", {"what": "safe"}),
    ("schedule_message", {"prompt": "hello", "at": "2030-01-01T00:00"}),
    ("clear_list", {}), ("clear_list", {"list": "list", "keep": ["eggs"]}), ("mark_all_purchased", {}),
    ("put_back", {"name": "milk"}), ("move_item", {"name": "milk", "to_list": "nowhere"}),
    ("move_item", {"name": "milk", "to_list": "list"}), ("swap_item", {"name": "milk", "new": "tea"}),
    ("swap_item", {"name": "milk", "new": "tea", "quantity": 5000}),
    ("set_aisle", {"name": "milk", "category": "dairy"}),
    ("set_aisle", {"name": "milk", "category": "nowhere"}), ("have_at_home", {"name": "milk"}),
    ("clear_list", {"count": "many", "items": "none", "quantity": [1]}),
    ("approve_list", {}), ("complete_list", {}), ("add_item", {"name": "milk", "list": "nowhere"}),
    ("start_list", {"name": "Party"}), ("start_list", {"like": "weekly"}), ("start_list", {"like": "nowhere"}),
    ("add_expense", {"what": "Pizza", "amount": 5}),
    ("add_expense", {"what": "Pizza", "amount": 5, "paid_by": "Somebody", "among": ["Nobody"]}),
    ("correct_price", {"name": "milk", "price": 5}), ("set_trip_total", {"total": 5}),
    ("rename_item", {"name": "milk", "new": "Tea"}), ("merge_items", {"name": "milk", "into": "milk"}),
    ("add_text", {"text": "2 l milk"}), ("add_text", {"text": "2 l milk", "list": "nowhere"}),
    ("rename_list", {"name": "Party"}), ("archive_list", {}), ("delete_list", {}), ("delete_list", {"list": "nowhere"}),
    ("add_item", {"name": "milk", "store": "Lidl", "price": 5}), ("change_item", {"name": "milk", "store": "Lidl"}),
]  # fmt: skip


@pytest.fixture
def secrets(nok, weekly, general, milk):
    """A home in which whatever only readers know has the word `Hush` in it, or the number 8642."""
    milk.item.name = "Hush milk"
    milk.item.save()
    milk.quantity, milk.note = 8642, "Hush"
    milk.save()
    weekly.name = "Hush list"
    weekly.save()
    create_channel("hush room", by=by(nok))
    remember_passage("The safe code is Hush 8642", by=by(nok))
    for prompt in ("Remind us: open the safe, Hush", "Remind us: close the safe, Hush"):
        schedule_message(prompt, timezone.now() + timedelta(days=1), by=by(nok))
    send_message(general, "Hush 8642", by=by(nok))


def shows_secrets(text):
    return "hush" in text.lower() or "8642" in text


@pytest.mark.parametrize(("tool", "arguments"), TOOL_CALLS, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("confirmed", [False, True])
def test_tools_tell_nothing_to_a_token_without_read(nok, secrets, limited, tool, arguments, confirmed):
    caller = Caller.of(nok.user, limited(TOOLS[tool].scope).row, None)
    result = run_tool(caller, tool, {**arguments, "confirmed": confirmed})
    assert not shows_secrets(f"{result.content[0].text} {result.structured_content}")


def test_the_same_calls_would_tell_secrets(nok, secrets, limited):
    caller = Caller.of(nok.user, limited("read", "write", "chat").row, None)
    told = [run_tool(caller, tool, {**arguments, "confirmed": False}) for tool, arguments in TOOL_CALLS]
    assert len([result for result in told if shows_secrets(f"{result.content} {result.structured_content}")]) > 6


SAID = [
    "add milk", "we need mlik", "I got the milk for 45", "take the milk off the list", "make it 2 kg of milk",
    "remove it", "milk every week", "what's on the list?", "how much did we spend this month?", "search for the safe",
    "sum up the day", "what do you remember about the safe?", "what is scheduled?", "undo that",
    "cancel the reminder about the safe", "forget what you know about the safe", "tell safe romo: hello",
    "post “hello” in #nowhere", "hello", "add eggs and milk", "add 5000 milk",
]  # fmt: skip


@pytest.mark.parametrize("scopes", [["chat"], ["write", "chat"], ["read", "write", "chat"]], ids="+".join)
def test_chat_tells_nothing_to_a_token_without_read(nok, secrets, limited, scopes, monkeypatch):
    def wait(run, _seconds):
        process_home(nok.home_id)
        run.refresh_from_db()
        return answer_to(run.trigger_message)

    monkeypatch.setattr("pixie.api.threads.wait_for_answer", wait)
    me, telling = limited(*scopes), []
    for text in SAID:
        response = me.post("/chat", {"home_id": str(nok.home_id), "message": text})
        assert response.status_code == 200
        telling += [text] if shows_secrets(response.text) else []
    assert len(telling) > 10 if "read" in scopes else telling == []


def test_key_of_another_token_gives_no_answer(nok, milk, general, limited):
    body = {"home_id": str(nok.home_id), "message": "what's on the list?"}
    response = ApiClient(nok).post("/chat?wait=0", body, Idempotency_Key="same")
    assert response.status_code == 202
    process_home(nok.home_id)
    again = limited("chat").post("/chat?wait=0", body, Idempotency_Key="same")
    assert again.status_code == 409
    other = limited("chat").post("/chat?wait=0.1", {**body, "message": "hello"}, Idempotency_Key="same")
    assert "Milk" not in other.text


# Language models


@pytest.mark.parametrize("scopes", TALKING, ids="+".join)
def test_model_gets_what_the_token_may_read_and_do(nok, secrets, provider, limited, scopes):
    me = limited(*scopes)
    provider.enqueue(
        Reply(
            calls=(
                Call("list_items"),
                Call("add_item", {"name": "dragonfruits"}),
                Call("remember", {"content": "4711"}),
            )
        ),
        Reply("Well."),
    )
    by_chat(me, MODEL_REQUEST, None)
    process_home(nok.home_id)
    first, second = provider.requests[0], provider.requests[-1]
    assert {tool["name"] for tool in first["tools"]} == {tool.name for tool in TOOLS.values() if tool.scope in scopes}
    assert shows_secrets(str(first["messages"]) + str(first["system"])) == ("read" in scopes)
    assert is_done("write") == ("write" in scopes)
    if "read" not in scopes:
        assert not shows_secrets(str(second["messages"]) + str(second["system"]) + str(agent_messages()))


def test_earlier_conversation_is_for_tokens_that_may_read(nok, agent_chat, weekly, provider, limited):
    send_message(agent_chat, "Hush, the code is 8642", by=by(nok))
    process_home(nok.home_id)
    for scopes in (["chat"], ["read", "chat"]):
        by_chat(limited(*scopes), MODEL_REQUEST, None)
        process_home(nok.home_id)
        assert shows_secrets(str(provider.requests[-1]["messages"])) == ("read" in scopes)


# The readers of the channel


def test_undo_in_a_room_leaves_out_what_its_readers_may_not_see(nok, general, agent_chat, weekly, tell):
    tell("remember that the gate code is 4711")
    assert "4711" not in tell("@pixie undo that", where=general).body
    assert is_done("chat")
    tell("undo that")
    assert not is_done("chat")


def test_rooms_that_readers_may_not_see_are_not_listed(nok, general, agent_chat, weekly, tell):
    create_channel("hideout", by=by(nok), is_private=True)
    assert "#hideout" not in tell("@pixie post “hello” in #nowhere", where=general).body
    assert "#hideout" in tell("post “hello” in #nowhere").body


def test_edit_with_all_rights_does_not_widen_the_scopes(nok, weekly, general, limited):
    me = limited("chat")
    by_room(me, "hello", send_message(general, "Who is in?", by=by(nok)))
    message = Message.objects.get(body="@pixie hello")
    edit_message(message, "@pixie add 7 dragonfruits", by=by(nok))
    process_home(nok.home_id)
    assert not is_done("write")
