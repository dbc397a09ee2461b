"""The door for what was done without a signal. What it comes to is in tests/groceries/test_settling.py."""

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
from tests.cast import at_once, by, sign_in


def intent(kind, op_id=None, *, ago=0, seen=None, **data):
    """`ago`: minutes since the person did it."""
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


def send(program, *intents, **options):
    answer = program.post("intents", body(*intents, **options))
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def test_a_queue_is_done_in_order(program, nok, weekly, events):
    mine = uuid4()
    queue = [
        intent("add_entry", mine, list=weekly.pk, text="2 l milk"),
        intent("step_entry", entry=mine, steps=1),
        intent("change_entry", entry=mine, note="the blue one"),
        intent("purchase_entry", entry=mine, price="45"),
    ]
    results = send(program(nok), *queue)
    assert [(each["op_id"], each["outcome"], each["lost"]) for each in results] == [
        (each["op_id"], "done", []) for each in queue
    ]
    entry = ListEntry.objects.get(list=weekly)
    assert (str(entry), entry.note, entry.state, str(entry.price_paid)) == (
        "Milk (3 liter)", "the blue one", "purchased", "45.00",
    )  # fmt: skip
    assert [each["seq"] for each in results] == [event.seq for event in events.of(nok.home)]
    assert {str(event.op_id) for event in events.of(nok.home)} == {each["op_id"] for each in queue}


def test_two_who_reach_for_the_same_thing(program, nok, ben, milk):
    reach = [intent("purchase_entry", seen=1, entry=milk.pk) for _each in range(2)]
    assert [each["message"] for each in send(program(ben), reach[0])] == [""]
    [late] = send(program(nok), reach[1])
    assert (late["outcome"], late["message"]) == ("done", "Ben just took Milk.")


def test_sent_again_it_gets_the_same_answer_and_changes_nothing(program, nok, ben, weekly, milk, events):
    change_entry(milk, by=by(ben), note="oat")
    queue = [
        intent("add_entry", list=weekly.pk, text="2 eggs"),
        intent("change_entry", ago=5, seen=1, entry=milk.pk, note="soy"),
        intent("change_entry", seen=1, entry=milk.pk, quantity="lots"),
    ]
    first = send(program(nok), *queue)
    assert [each["outcome"] for each in first] == ["done", "overtaken", "refused"]
    told = events(nok.home)
    assert send(program(nok), *queue) == first
    assert events(nok.home) == told


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_the_same_time_it_is_done_once(program, nok, weekly):
    queue = [intent("add_entry", list=weekly.pk, text=text) for text in ("2 eggs", "rice")]
    answers = at_once(*[partial(send, program(nok), *queue) for _each in range(4)])
    assert all(answer == answers[0] for answer in answers)
    assert sorted(map(str, ListEntry.objects.filter(list=weekly))) == ["Eggs (2 piece)", "Rice (1 piece)"]


def test_the_same_op_id_cannot_mean_something_else(program, nok, weekly):
    op_id = uuid4()
    send(program(nok), intent("add_entry", op_id, list=weekly.pk, text="eggs"))
    [again] = send(program(nok), intent("add_entry", op_id, list=weekly.pk, text="ham"))
    assert (again["outcome"], again["message"]) == ("refused", "This change was already sent with different content.")
    assert ListEntry.objects.filter(list=weekly).count() == 1


def test_two_people_may_choose_the_same_op_id(program, nok, ben, weekly):
    op_id = uuid4()
    for who in (nok, ben):
        send(program(who), intent("add_entry", op_id, list=weekly.pk, text="2 eggs"))
    assert str(ListEntry.objects.get(list=weekly)) == "Eggs (4 piece)"


@pytest.mark.parametrize("hours", [-7, 0, 9])
def test_the_skew_of_a_clock_is_taken_off(program, nok, ben, milk, hours):
    """Nok's device thinks that it is another hour; she changed it ten minutes ago, and Ben just now."""
    change_entry(milk, by=by(ben), note="oat")
    skew = timedelta(hours=hours)
    hers = intent("change_entry", seen=1, entry=milk.pk, note="soy")
    hers["meant_at"] = (timezone.now() + skew - timedelta(minutes=10)).isoformat()
    [result] = send(program(nok), hers, skew=skew)
    assert (result["outcome"], result["message"]) == ("overtaken", "Ben changed the note to “oat” after you.")
    meant = Event.objects.get(type="list_item_overtaken").meant_at
    assert abs(timezone.now() - timedelta(minutes=10) - meant) < timedelta(minutes=1)


@pytest.mark.parametrize(("meant_at", "now"), [("9999-12-31T00:00:00Z", "1970-01-01T00:00:00Z"),
                                               ("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z")])  # fmt: skip
def test_nothing_was_meant_in_the_future_nor_before_people_had_lists(program, nok, weekly, meant_at, now):
    queue = [intent("add_entry", list=weekly.pk, text="eggs") | {"meant_at": meant_at}]
    answer = program(nok).post("intents", {"now": now, "intents": queue})
    assert answer.json()["results"][0]["outcome"] == "done"
    event = Event.objects.get(type="list_item_added")
    assert timedelta() <= event.created_at - event.meant_at < timedelta(days=366)


def test_what_is_refused_stops_nothing_behind_it(program, nok, weekly, events):
    results = send(
        program(nok),
        intent("change_entry", entry=uuid4(), note="soy"),
        intent("add_entry", list=uuid4(), text="eggs"),
        intent("add_entry", list=weekly.pk),
        intent("dance"),
        intent("step_entry", entry="milk", steps="many"),
        intent("add_entry", list=weekly.pk, text="eggs"),
    )
    assert [(each["outcome"], each["message"]) for each in results] == [
        ("refused", "That is not here any more."),
        ("refused", "There is no such list here."),
        ("refused", "Say what by `text` or by `name`."),
        ("refused", "Unknown kind."),
        ("refused", "Must be a valid UUID. A valid integer is required."),
        ("done", ""),
    ]
    assert events(nok.home) == ["list_item_added"]


def test_an_amount_is_read_as_it_is_typed(program, nok, milk):
    send(program(nok), intent("change_entry", seen=1, entry=milk.pk, quantity="1½", unit="litres"))
    milk.refresh_from_db()
    assert str(milk) == "Milk (1.5 liter)"


def test_who_somebody_else_was_brings_nothing_in(program, nok, ben, weekly, events):
    """An old tab of Nok's must not speak as Ben."""
    queue = {**body(intent("add_entry", list=weekly.pk, text="eggs")), "by": str(nok.user_id)}
    assert program(ben).post("intents", queue).status_code == 401
    assert events(nok.home) == []
    assert program(nok).post("intents", queue).status_code == 200


def test_at_most_a_hundred_at_once(program, nok, weekly):
    queue = [intent("add_entry", list=weekly.pk, text="eggs") for _each in range(101)]
    assert program(nok).post("intents", body(*queue)).status_code == 400
    assert program(nok).post("intents", {"intents": []}).status_code == 400


def test_a_stranger_stays_outside(program, nok, mai, weekly, milk, events):
    stranger = program(mai)
    stranger.home_id = nok.home_id
    queue = body(intent("add_entry", list=weekly.pk, text="eggs"))
    assert stranger.post("intents", queue).status_code == 403
    results = send(
        program(mai),
        intent("add_entry", list=weekly.pk, text="eggs"),
        intent("change_entry", entry=milk.pk, note="soy"),
        intent("remove_entry", entry=milk.pk),
    )
    assert {each["outcome"] for each in results} == {"refused"}
    assert events(nok.home) == []
    assert program().post(f"/homes/{nok.home_id}/intents", queue).status_code == 401


@pytest.mark.parametrize(("scopes", "outcomes"), [(["write"], ["done", "refused"]), (["write", "chat"], ["done"] * 2)])
def test_a_token_speaks_with_the_scope_for_it(program, nok, weekly, general, scopes, outcomes):
    key = ApiToken.new_key()
    token = ApiToken(user=nok.user, name="Display", prefix=key[:8], key_hash=ApiToken.hash_key(key))
    token.scopes = scopes
    token.save(force_insert=True)
    results = send(
        program(nok, token=key),
        intent("add_entry", list=weekly.pk, text="eggs"),
        intent("send_message", channel=general.pk, text="On my way"),
    )
    assert [each["outcome"] for each in results] == outcomes


def test_a_browser_shows_its_csrf_token(nok, weekly):
    browser = sign_in(nok)
    browser.handler.enforce_csrf_checks = True
    url, queue = f"/api/homes/{nok.home_id}/intents", body(intent("add_entry", list=weekly.pk, text="eggs"))
    assert browser.post(url, queue, content_type="application/json").status_code == 403
    browser.get(f"/h/{nok.home_id}/list/", follow=True)
    headers = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    assert browser.post(url, queue, content_type="application/json", headers=headers).status_code == 200


def test_a_list_that_is_done_sends_it_on(program, nok, weekly):
    change_list_state(weekly, "completed", by=by(nok))
    [result] = send(program(nok), intent("add_entry", list=weekly.pk, text="eggs"))
    assert result["outcome"] == "done"
    assert result["message"] == "“Weekly shop” is done, so it went onto “Shopping list”."


def test_the_answers_are_kept_with_the_operations(program, nok, weekly):
    [result] = send(program(nok), intent("add_entry", list=weekly.pk, text="eggs"))
    assert Operation.objects.get(user=nok.user, key=result["op_id"]).answer == result


def fail_for(monkeypatch, error, name="poison"):
    """Let adding an entry of that name raise `error`."""
    real = merge.add_entry

    def add(grocery_list, what, **options):
        if what == name:
            Item.objects.filter(home=grocery_list.home_id).delete()  # what was done before it raises is rolled back
            raise error
        return real(grocery_list, what, **options)

    monkeypatch.setattr(merge, "add_entry", add)


def test_intent_that_raises_is_answered_as_failed_and_those_behind_it_are_done(
    program, nok, weekly, milk, monkeypatch, caplog
):
    fail_for(monkeypatch, RuntimeError("a mistake of ours"))
    queue = [intent("add_entry", list=weekly.pk, text=text) for text in ("eggs", "poison", "rice")]
    first = send(program(nok), *queue)
    assert [each["outcome"] for each in first] == ["done", "failed", "done"]
    assert first[1]["message"] == "Something went wrong on our side, so this change wasn't saved."
    assert sorted(map(str, weekly.entries.pending())) == ["Eggs (1 piece)", "Milk (1 liter)", "Rice (1 piece)"]
    assert "a mistake of ours" in caplog.text and queue[1]["op_id"] in caplog.text
    assert send(program(nok), *queue) == first


@pytest.mark.parametrize("error", [OperationalError("deadlock detected"), InterfaceError("connection is closed")])
def test_intent_that_meets_an_error_that_passes_is_not_answered(program, nok, weekly, monkeypatch, error):
    fail_for(monkeypatch, error)
    queue = [intent("add_entry", list=weekly.pk, text=text) for text in ("eggs", "poison")]
    browser = program(nok).client
    browser.raise_request_exception = False
    url = f"/api/homes/{nok.home_id}/intents"
    assert browser.post(url, body(*queue), content_type="application/json").status_code == 503
    monkeypatch.undo()
    assert [each["outcome"] for each in send(program(nok), *queue)] == ["done", "done"]
    assert sorted(map(str, weekly.entries.pending())) == ["Eggs (1 piece)", "Poison (1 piece)"]
