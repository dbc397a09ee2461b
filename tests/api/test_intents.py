"""API for offline commands. Their merging is tested in tests/groceries/test_offline_merge.py."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from groceries.actions import change_entry, change_list_state
from groceries.models import Item, ListEntry
from groceries.offline import merge
from homes.accounts.models import ApiToken
from homes.events.models import Event
from pantry.models import Operation
from tests.factories import by, run_concurrently, sign_in

pytestmark = pytest.mark.both_databases


def intent(kind, op_id=None, *, ago=0, seen=None, **data):
    """Return a command that the user made `ago` minutes ago."""
    meant_at = timezone.now() - timedelta(minutes=ago)
    return {
        "op_id": str(op_id or uuid4()),
        "kind": kind,
        "meant_at": meant_at.isoformat(),
        "seen": seen,
        "data": {name: str(value) for name, value in data.items()},
    }


def body(*intents, skew=timedelta()):
    return {"now": (timezone.now() + skew).isoformat(), "intents": list(intents)}


def send(api_client, *intents, **options):
    response = api_client.post("intents", body(*intents, **options))
    assert response.status_code == 200, response.text
    return response.json()["results"]


def test_commands_run_in_order(api_client, nok, weekly, events):
    mine = uuid4()
    queue = [
        intent("add_entry", mine, list=weekly.pk, text="2 l milk"),
        intent("step_entry", entry=mine, steps=1),
        intent("change_entry", entry=mine, note="the blue one"),
        intent("purchase_entry", entry=mine, price="45"),
    ]
    results = send(api_client(nok), *queue)
    assert [(each["op_id"], each["outcome"], each["lost"]) for each in results] == [
        (each["op_id"], "done", []) for each in queue
    ]
    entry = ListEntry.objects.get(list=weekly)
    assert (str(entry), entry.note, entry.state, str(entry.price_paid)) == (
        "Milk (3 liter)", "the blue one", "purchased", "45.00",
    )  # fmt: skip
    assert [each["seq"] for each in results] == [event.seq for event in events.of(nok.home)]
    assert {str(event.op_id) for event in events.of(nok.home)} == {each["op_id"] for each in queue}


def test_two_members_buying_the_same_item_learn_of_each_other(api_client, nok, ben, milk):
    commands = [intent("purchase_entry", seen=1, entry=milk.pk) for _each in range(2)]
    assert [each["message"] for each in send(api_client(ben), commands[0])] == [""]
    [late] = send(api_client(nok), commands[1])
    assert (late["outcome"], late["message"]) == ("done", "Ben just took Milk.")


def test_repeated_command_returns_the_same_result_and_changes_nothing(api_client, nok, ben, weekly, milk, events):
    change_entry(milk, by=by(ben), note="oat")
    queue = [
        intent("add_entry", list=weekly.pk, text="2 eggs"),
        intent("change_entry", ago=5, seen=1, entry=milk.pk, note="soy"),
        intent("change_entry", seen=1, entry=milk.pk, quantity="lots"),
    ]
    first = send(api_client(nok), *queue)
    assert [each["outcome"] for each in first] == ["done", "overtaken", "refused"]
    before = events(nok.home)
    assert send(api_client(nok), *queue) == first
    assert events(nok.home) == before


@pytest.mark.django_db(transaction=True)
def test_concurrent_repetition_runs_the_command_once(api_client, nok, weekly):
    queue = [intent("add_entry", list=weekly.pk, text=text) for text in ("2 eggs", "rice")]
    responses = run_concurrently(*[partial(send, api_client(nok), *queue) for _each in range(4)])
    assert all(response == responses[0] for response in responses)
    assert sorted(map(str, ListEntry.objects.filter(list=weekly))) == ["Eggs (2 piece)", "Rice (1 piece)"]


def test_op_id_reused_for_another_command_is_refused(api_client, nok, weekly):
    op_id = uuid4()
    send(api_client(nok), intent("add_entry", op_id, list=weekly.pk, text="eggs"))
    [again] = send(api_client(nok), intent("add_entry", op_id, list=weekly.pk, text="ham"))
    assert (again["outcome"], again["message"]) == ("refused", "This change was already sent with different content.")
    assert ListEntry.objects.filter(list=weekly).count() == 1


def test_two_users_can_use_the_same_op_id(api_client, nok, ben, weekly):
    op_id = uuid4()
    for who in (nok, ben):
        send(api_client(who), intent("add_entry", op_id, list=weekly.pk, text="2 eggs"))
    assert str(ListEntry.objects.get(list=weekly)) == "Eggs (4 piece)"


@pytest.mark.parametrize("hours", [-7, 0, 9])
def test_clock_skew_of_the_device_is_subtracted(api_client, nok, ben, milk, hours):
    """Nok's clock is wrong by hours. She made the change ten minutes ago, Ben just now."""
    change_entry(milk, by=by(ben), note="oat")
    skew = timedelta(hours=hours)
    command = intent("change_entry", seen=1, entry=milk.pk, note="soy")
    command["meant_at"] = (timezone.now() + skew - timedelta(minutes=10)).isoformat()
    [result] = send(api_client(nok), command, skew=skew)
    assert (result["outcome"], result["message"]) == ("overtaken", "Ben changed the note to “oat” after you.")
    event_time = Event.objects.get(type="list_item_overtaken").meant_at
    assert abs(timezone.now() - timedelta(minutes=10) - event_time) < timedelta(minutes=1)


@pytest.mark.parametrize(("meant_at", "now"), [("9999-12-31T00:00:00Z", "1970-01-01T00:00:00Z"),
                                               ("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z")])  # fmt: skip
def test_time_of_a_command_is_limited_to_the_past_year(api_client, nok, weekly, meant_at, now):
    queue = [intent("add_entry", list=weekly.pk, text="eggs") | {"meant_at": meant_at}]
    response = api_client(nok).post("intents", {"now": now, "intents": queue})
    assert response.json()["results"][0]["outcome"] == "done"
    event = Event.objects.get(type="list_item_added")
    assert timedelta() <= event.created_at - event.meant_at < timedelta(days=366)


def test_refused_command_does_not_stop_later_ones(api_client, nok, weekly, events):
    results = send(
        api_client(nok),
        intent("change_entry", entry=uuid4(), note="soy"),
        intent("add_entry", list=uuid4(), text="eggs"),
        intent("add_entry", list=weekly.pk),
        intent("dance"),
        intent("step_entry", entry="milk", steps="many"),
        intent("add_entry", list=weekly.pk, text="eggs"),
    )
    assert [(each["outcome"], each["message"]) for each in results] == [
        ("refused", "That item no longer exists."),
        ("refused", "That list doesn't exist."),
        ("refused", "Give either `text` or `name`."),
        ("refused", "Unknown kind."),
        ("refused", "This must be a UUID. A valid integer is required."),
        ("done", ""),
    ]
    assert events(nok.home) == ["list_item_added"]


def test_amount_is_parsed_as_typed(api_client, nok, milk):
    send(api_client(nok), intent("change_entry", seen=1, entry=milk.pk, quantity="1½", unit="litres"))
    milk.refresh_from_db()
    assert str(milk) == "Milk (1.5 liter)"


def test_commands_of_another_user_are_rejected(api_client, nok, ben, weekly, events):
    """A tab left open by Nok must not act as Ben."""
    queue = {**body(intent("add_entry", list=weekly.pk, text="eggs")), "by": str(nok.user_id)}
    assert api_client(ben).post("intents", queue).status_code == 401
    assert events(nok.home) == []
    assert api_client(nok).post("intents", queue).status_code == 200


def test_more_than_a_hundred_commands_are_rejected(api_client, nok, weekly):
    queue = [intent("add_entry", list=weekly.pk, text="eggs") for _each in range(101)]
    assert api_client(nok).post("intents", body(*queue)).status_code == 400
    assert api_client(nok).post("intents", {"intents": []}).status_code == 400


def test_non_member_is_rejected(api_client, nok, mai, weekly, milk, events):
    stranger = api_client(mai)
    stranger.home_id = nok.home_id
    queue = body(intent("add_entry", list=weekly.pk, text="eggs"))
    assert stranger.post("intents", queue).status_code == 403
    results = send(
        api_client(mai),
        intent("add_entry", list=weekly.pk, text="eggs"),
        intent("change_entry", entry=milk.pk, note="soy"),
        intent("remove_entry", entry=milk.pk),
    )
    assert {each["outcome"] for each in results} == {"refused"}
    assert events(nok.home) == []
    assert api_client().post(f"/homes/{nok.home_id}/intents", queue).status_code == 401


@pytest.mark.parametrize(("scopes", "outcomes"), [(["write"], ["done", "refused"]), (["write", "chat"], ["done"] * 2)])
def test_token_runs_only_commands_of_its_scopes(api_client, nok, weekly, general, scopes, outcomes):
    key = ApiToken.new_key()
    token = ApiToken(user=nok.user, name="Display", prefix=key[:8], key_hash=ApiToken.hash_key(key))
    token.scopes = scopes
    token.save(force_insert=True)
    results = send(
        api_client(nok, token=key),
        intent("add_entry", list=weekly.pk, text="eggs"),
        intent("send_message", channel=general.pk, text="On my way"),
    )
    assert [each["outcome"] for each in results] == outcomes


def test_browser_session_requires_a_csrf_token(nok, weekly):
    browser = sign_in(nok)
    browser.handler.enforce_csrf_checks = True
    url, queue = f"/api/homes/{nok.home_id}/intents", body(intent("add_entry", list=weekly.pk, text="eggs"))
    assert browser.post(url, queue, content_type="application/json").status_code == 403
    browser.get(f"/h/{nok.home_id}/list/", follow=True)
    headers = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    assert browser.post(url, queue, content_type="application/json", headers=headers).status_code == 200


def test_command_for_a_completed_list_goes_to_the_current_list(api_client, nok, weekly):
    change_list_state(weekly, "completed", by=by(nok))
    [result] = send(api_client(nok), intent("add_entry", list=weekly.pk, text="eggs"))
    assert result["outcome"] == "done"
    assert result["message"] == "“Weekly shop” is done, so it went onto “Groceries”."


def test_results_are_stored_with_the_operations(api_client, nok, weekly):
    [result] = send(api_client(nok), intent("add_entry", list=weekly.pk, text="eggs"))
    assert Operation.objects.get(user=nok.user, key=result["op_id"]).answer == result


def fail_for(monkeypatch, error, name="poison"):
    """Make adding an entry of that name raise `error`."""
    real = merge.add_entry

    def add(grocery_list, what, **options):
        if what == name:
            Item.objects.filter(home=grocery_list.home_id).delete()  # what was done before it raises is rolled back
            raise error
        return real(grocery_list, what, **options)

    monkeypatch.setattr(merge, "add_entry", add)


def test_command_that_raises_fails_and_later_ones_run(api_client, nok, weekly, milk, monkeypatch, caplog):
    fail_for(monkeypatch, RuntimeError("a mistake of ours"))
    queue = [intent("add_entry", list=weekly.pk, text=text) for text in ("eggs", "poison", "rice")]
    first = send(api_client(nok), *queue)
    assert [each["outcome"] for each in first] == ["done", "failed", "done"]
    assert first[1]["message"] == "Something went wrong on our side, so this change wasn't saved."
    assert sorted(map(str, weekly.entries.pending())) == ["Eggs (1 piece)", "Milk (1 liter)", "Rice (1 piece)"]
    assert "a mistake of ours" in caplog.text and queue[1]["op_id"] in caplog.text
    assert send(api_client(nok), *queue) == first


@pytest.mark.parametrize("error", [OperationalError("deadlock detected"), InterfaceError("connection is closed")])
def test_command_with_a_temporary_error_gets_no_result(api_client, nok, weekly, monkeypatch, error):
    fail_for(monkeypatch, error)
    queue = [intent("add_entry", list=weekly.pk, text=text) for text in ("eggs", "poison")]
    browser = api_client(nok).client
    browser.raise_request_exception = False
    url = f"/api/homes/{nok.home_id}/intents"
    assert browser.post(url, body(*queue), content_type="application/json").status_code == 503
    monkeypatch.undo()
    assert [each["outcome"] for each in send(api_client(nok), *queue)] == ["done", "done"]
    assert sorted(map(str, weekly.entries.pending())) == ["Eggs (1 piece)", "Poison (1 piece)"]
