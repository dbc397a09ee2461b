"""From what happens at home to a device: who is told, of what, in which words."""

from datetime import time

import pytest
from django.templatetags.static import static
from django.utils.translation import get_language

from chat.actions import (
    create_channel,
    delete_message,
    join_channel,
    leave_channel,
    mark_read,
    open_assistant,
    open_dm,
    send_message,
)
from groceries.actions import archive_list, change_list_state, end_shopping, start_shopping
from homes.actions import accept_invitation, invite, remove_member
from homes.notifications import dispatch, registry, tasks
from homes.notifications.actions import update_notice_choice
from homes.notifications.models import Delivery, PushSubscription
from pantry.celery import app
from tests.cast import at_once, by


@pytest.fixture
def phone(device, ben):
    """Ben's."""
    return device(ben)


@pytest.fixture
def at_once_done():
    """A task is done where it is asked for."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


# Mentioned


def test_who_is_named_is_told(nok, ben, general, phone, push):
    send_message(general, "@Ben, are there eggs?", by=by(nok))
    push(nok.home)
    assert phone.heard == [
        {
            "title": "Nok in #general",
            "body": "@Ben, are there eggs?",
            "url": f"/h/{nok.home_id}/chat/{general.pk}/",
            "tag": phone.heard[0]["tag"],
            "icon": static("icons/192.png"),
        }
    ]
    assert (phone.told[0]["Urgency"], phone.told[0]["TTL"]) == ("high", "86400")
    assert phone.told[0]["Topic"] == phone.heard[0]["tag"]


@pytest.mark.parametrize("text", ["Ben, hello", "@Bengt", "ben@ben.example", "hello", "@Ploy"])
def test_who_is_not_named_is_not_told(nok, ben, general, phone, push, text):
    send_message(general, text, by=by(nok))
    push(nok.home)
    assert phone.heard == []


def test_a_reply_leads_to_its_thread(nok, ben, general, phone, push):
    root = send_message(general, "Dinner?", by=by(nok))
    send_message(general, "@ben soup", by=by(nok), parent=root)
    push(nok.home)
    assert [notice["url"] for notice in phone.heard] == [f"/h/{nok.home_id}/chat/{general.pk}/{root.pk}/"]


def test_what_is_written_to_one_alone_is_told(nok, ben, ploy, device, phone, push):
    others = device(ploy)
    send_message(open_dm(ben.user, by=by(nok)), "It's a secret", by=by(nok))
    push(nok.home)
    assert (phone.titles, phone.heard[0]["body"], others.heard) == (["Nok"], "It's a secret", [])


def test_who_speaks_is_not_told_nor_is_whom_pixie_answers(nok, ben, general, pixie, phone, push):
    send_message(general, "I am @Ben", by=by(ben))
    send_message(open_assistant(pixie, by=by(ben)), "@Ben, done.", by=by(ben).as_agent(pixie))
    push(nok.home)
    assert phone.heard == []


def test_in_a_private_room_only_who_is_inside_when_it_is_sent_is_told(nok, ben, phone, push):
    room = create_channel("presents", by=by(nok), is_private=True)
    send_message(room, "@Ben must not know", by=by(nok))
    push(nok.home)
    assert Delivery.objects.count() == 0
    join_channel(room, ben.user, by=by(nok))
    send_message(room, "@Ben may know", by=by(nok))
    dispatch.collect(nok.home_id)
    assert Delivery.objects.count() == 1
    leave_channel(room, ben.user, by=by(nok))
    push(nok.home)
    assert (phone.heard, Delivery.objects.count()) == ([], 0)


def test_what_was_read_or_taken_back_meanwhile_is_not_told(nok, ben, general, phone, push):
    read, gone = (send_message(general, text, by=by(nok)) for text in ("@Ben, one", "@Ben, two"))
    dispatch.collect(nok.home_id)
    mark_read(general, ben.user, read.seq)
    delete_message(gone, by=by(nok))
    push(nok.home)
    assert phone.heard == []


def test_it_speaks_the_language_of_who_hears_it(nok, ben, weekly, phone, push, monkeypatch):
    """Which is active while the notice is written."""
    kind, _draw = registry.notices["list_state_changed"]
    monkeypatch.setitem(
        registry.notices,
        "list_state_changed",
        (kind, lambda event, member: registry.Notice(get_language() or "", "", "/", "language")),
    )
    ben.user.locale = "th"
    ben.user.save()
    change_list_state(weekly, "approved", by=by(nok))
    push(nok.home)
    assert phone.titles == ["th"]


# Lists


def test_a_list_that_is_ready_is_told_to_the_others(nok, ben, milk, eggs, device, phone, push):
    mine = device(nok)
    change_list_state(milk.list, "approved", by=by(nok))
    push(nok.home)
    assert (phone.titles, phone.heard[0]["body"]) == (["“Weekly shop” is ready to shop"], "2 things to get.")
    assert phone.heard[0]["url"] == f"/h/{nok.home_id}/lists/{milk.list_id}/"
    assert (mine.heard, phone.told[0]["Urgency"]) == ([], "normal")


def test_a_list_that_is_so_no_more_is_not_told(nok, ben, weekly, phone, push):
    change_list_state(weekly, "approved", by=by(nok))
    change_list_state(weekly, "draft", by=by(nok))
    change_list_state(weekly, "completed", by=by(nok))
    archive_list(weekly, by=by(nok))
    push(nok.home)
    assert phone.heard == []


def test_who_goes_shopping_asks_the_others(nok, ben, milk, device, phone, push):
    mine = device(nok)
    start_shopping(milk.list, by=by(nok))
    push(nok.home)
    assert (phone.titles, mine.heard) == (["Nok is going shopping: anything else?"], [])
    assert (phone.heard[0]["body"], phone.told[0]["TTL"]) == ("Put it on “Weekly shop” now.", "3600")
    assert phone.heard[0]["url"] == f"/h/{nok.home_id}/lists/{milk.list_id}/"


def test_who_is_back_asks_no_more(nok, ben, milk, phone, push):
    start_shopping(milk.list, by=by(nok))
    end_shopping(milk.list, by=by(nok))
    push(nok.home)
    assert phone.heard == []


# To whom


def test_every_device_of_a_person_is_told(nok, ben, general, device, phone, push):
    laptop = device(ben, "Chrome, Linux")
    send_message(general, "@Ben", by=by(nok))
    push(nok.home)
    assert (len(phone.heard), len(laptop.heard)) == (1, 1)


def test_a_device_hears_nothing_from_before_it_came(nok, ben, general, device, push, clock):
    send_message(general, "@Ben, first", by=by(nok))
    clock("2026-03-31 12:01")
    phone = device(ben)
    send_message(general, "@Ben, second", by=by(nok))
    push(nok.home)
    assert [notice["body"] for notice in phone.heard] == ["@Ben, second"]


def test_another_home_hears_nothing(nok, mai, weekly, device, push):
    strange = device(mai)
    change_list_state(weekly, "approved", by=by(nok))
    push(nok.home)
    push(mai.home)
    assert strange.heard == []


def test_who_left_the_home_is_not_told(nok, ben, general, phone, push):
    send_message(general, "@Ben", by=by(nok))
    dispatch.collect(nok.home_id)
    remove_member(ben, by=by(nok))
    push(nok.home)
    assert (phone.heard, PushSubscription.objects.count()) == ([], 0)


def test_who_has_another_home_keeps_the_device_for_that(nok, ben, mai, device, push):
    phone = device(ben)
    _invitation, token = invite(by=by(mai))
    elsewhere = accept_invitation(token, ben.user, origin="browser")
    remove_member(ben, by=by(nok))
    send_message(open_dm(ben.user, by=by(mai)), "Hello", by=by(mai))
    push(elsewhere.home)
    assert phone.titles == ["Mai"]


def test_an_account_that_is_closed_is_not_told(nok, ben, general, phone, push):
    send_message(general, "@Ben", by=by(nok))
    dispatch.collect(nok.home_id)
    ben.user.is_active = False
    ben.user.save()
    push(nok.home)
    send_message(general, "@Ben", by=by(nok))
    push(nok.home)
    assert phone.heard == []


# Choosing


def test_a_kind_that_is_not_wanted_is_not_told(nok, ben, general, weekly, phone, push):
    update_notice_choice(ben, {"mentioned": False}, None, None)
    send_message(general, "@Ben", by=by(nok))
    change_list_state(weekly, "approved", by=by(nok))
    push(nok.home)
    assert phone.titles == ["“Weekly shop” is ready to shop"]


def test_a_choice_that_is_made_while_it_is_on_its_way_counts(nok, ben, general, phone, push):
    send_message(general, "@Ben", by=by(nok))
    dispatch.collect(nok.home_id)
    update_notice_choice(ben, {"mentioned": False}, None, None)
    push(nok.home)
    assert phone.heard == []


# Quiet hours


def test_in_quiet_hours_it_is_held_and_then_told_as_one(nok, ben, general, weekly, phone, push, clock):
    clock("2026-03-31 23:00")
    send_message(general, "@Ben, one", by=by(nok))
    send_message(open_dm(ben.user, by=by(nok)), "two", by=by(nok))
    send_message(general, "@Ben, three", by=by(nok))
    change_list_state(weekly, "approved", by=by(nok))
    push(nok.home)
    clock("2026-04-01 06:59")
    push(nok.home)
    assert phone.heard == []
    clock("2026-04-01 07:00")
    push(nok.home)
    assert phone.titles == ["3 notifications from Apartment 42"]
    assert phone.heard[0]["body"].splitlines() == ["Nok in #general", "Nok", "“Weekly shop” is ready to shop"]
    assert phone.heard[0]["url"] == f"/h/{nok.home_id}/"
    assert Delivery.objects.count() == 0


def test_what_is_no_news_by_the_end_of_them_is_not_held(nok, ben, weekly, phone, push, clock):
    clock("2026-03-31 12:30")
    update_notice_choice(ben, {}, time(12), time(1))
    change_list_state(weekly, "approved", by=by(nok))
    push(nok.home)
    assert (Delivery.objects.count(), phone.heard) == (0, [])


def test_quiet_hours_that_are_chosen_while_it_is_on_its_way_hold_it(nok, ben, general, phone, push, clock):
    clock("2026-03-31 21:30")
    send_message(general, "@Ben", by=by(nok))
    dispatch.collect(nok.home_id)
    update_notice_choice(ben, {}, time(21), time(8))
    push(nok.home)
    assert phone.heard == []
    clock("2026-04-01 08:00")
    push(nok.home)
    assert len(phone.heard) == 1


# Nothing is lost, nothing is doubled


def test_reading_the_log_twice_tells_once(nok, ben, general, phone, push):
    send_message(general, "@Ben", by=by(nok))
    push(nok.home)
    push(nok.home)
    assert len(phone.heard) == 1


def test_what_a_lost_nudge_left_is_found(nok, ben, general, phone, at_once_done):
    send_message(general, "@Ben", by=by(nok))  # and the process died before its nudge
    assert dispatch.waiting_homes() == {nok.home_id}
    tasks.sweep_notices()
    assert (len(phone.heard), dispatch.waiting_homes(), dispatch.waiting_devices()) == (1, set(), set())


def test_a_commit_sets_it_going(nok, ben, general, phone, at_once_done, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send_message(general, "@Ben", by=by(nok))
    assert len(phone.heard) == 1


def test_a_worker_that_dies_while_it_tells_is_followed_by_another(nok, ben, general, phone, push, monkeypatch, clock):
    class Died(BaseException):
        pass

    def die(*args, **kwargs):
        raise Died

    send_message(general, "@Ben", by=by(nok))
    dispatch.collect(nok.home_id)
    with monkeypatch.context() as dying:
        dying.setattr("homes.notifications.web_push.send", die)
        with pytest.raises(Died):
            push(nok.home)
    assert dispatch.waiting_devices() == set()  # it may be alive, and only slow
    clock("2026-03-31 12:01")
    push(nok.home)
    assert len(phone.heard) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_once(nok, ben, general, phone):
    send_message(general, "@Ben", by=by(nok))
    at_once(*[lambda: dispatch.collect(nok.home_id)] * 4)
    [device_id] = dispatch.waiting_devices()
    at_once(*[lambda: dispatch.deliver(device_id)] * 4)
    assert len(phone.heard) == 1


def test_one_notice_that_cannot_be_written_keeps_no_other_back(nok, ben, general, weekly, phone, push, monkeypatch):
    kind, _draw = registry.notices["list_state_changed"]
    monkeypatch.setitem(registry.notices, "list_state_changed", (kind, lambda event, member: 1 / 0))
    change_list_state(weekly, "approved", by=by(nok))
    send_message(general, "@Ben", by=by(nok))
    push(nok.home)
    assert phone.titles == ["Nok in #general"]


def test_a_home_without_devices_costs_one_query(nok, ben, general, django_assert_num_queries):
    send_message(general, "@Ben", by=by(nok))
    with django_assert_num_queries(1):
        assert dispatch.collect(nok.home_id) == set()
    assert dispatch.waiting_homes() == set()
