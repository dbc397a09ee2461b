"""From an event to a device: who is notified of what."""

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
from tests.factories import by, run_concurrently


@pytest.fixture
def phone(device, ben):
    """Ben's device."""
    return device(ben)


@pytest.fixture
def eager_tasks():
    """Run Celery tasks in the calling process."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


# Mentions


def test_mentioned_member_is_notified(nok, ben, general, phone, push):
    send_message(general, "@Ben, are there eggs?", by=by(nok))
    push(nok.home)
    assert phone.received == [
        {
            "title": "Nok in #general",
            "body": "@Ben, are there eggs?",
            "url": f"/h/{nok.home_id}/chat/{general.pk}/",
            "tag": phone.received[0]["tag"],
            "icon": static("icons/192.png"),
        }
    ]
    assert (phone.request_headers[0]["Urgency"], phone.request_headers[0]["TTL"]) == ("high", "86400")
    assert phone.request_headers[0]["Topic"] == phone.received[0]["tag"]


@pytest.mark.parametrize("text", ["Ben, hello", "@Bengt", "ben@ben.example", "hello", "@Ploy"])
def test_member_who_is_not_mentioned_is_not_notified(nok, ben, general, phone, push, text):
    send_message(general, text, by=by(nok))
    push(nok.home)
    assert phone.received == []


def test_notification_of_a_reply_links_to_its_thread(nok, ben, general, phone, push):
    root = send_message(general, "Dinner?", by=by(nok))
    send_message(general, "@ben soup", by=by(nok), parent=root)
    push(nok.home)
    assert [notice["url"] for notice in phone.received] == [f"/h/{nok.home_id}/chat/{general.pk}/{root.pk}/"]


def test_direct_message_notifies_the_recipient_only(nok, ben, ploy, device, phone, push):
    others = device(ploy)
    send_message(open_dm(ben.user, by=by(nok)), "It's a secret", by=by(nok))
    push(nok.home)
    assert (phone.titles, phone.received[0]["body"], others.received) == (["Nok"], "It's a secret", [])


def test_author_and_asker_of_pixie_are_not_notified(nok, ben, general, pixie, phone, push):
    send_message(general, "I am @Ben", by=by(ben))
    send_message(open_assistant(pixie, by=by(ben)), "@Ben, done.", by=by(ben).as_agent(pixie))
    push(nok.home)
    assert phone.received == []


def test_private_room_notifies_members_at_the_time_of_sending(nok, ben, phone, push):
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
    assert (phone.received, Delivery.objects.count()) == ([], 0)


def test_message_that_was_read_or_deleted_is_not_notified(nok, ben, general, phone, push):
    read, deleted = (send_message(general, text, by=by(nok)) for text in ("@Ben, one", "@Ben, two"))
    dispatch.collect(nok.home_id)
    mark_read(general, ben.user, read.seq)
    delete_message(deleted, by=by(nok))
    push(nok.home)
    assert phone.received == []


def test_notice_is_written_in_the_language_of_the_recipient(nok, ben, weekly, phone, push, monkeypatch):
    """The language is active while the notice is built."""
    kind, _builder = registry.notices["list_state_changed"]
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


def test_approved_list_notifies_the_other_members(nok, ben, milk, eggs, device, phone, push):
    mine = device(nok)
    change_list_state(milk.list, "approved", by=by(nok))
    push(nok.home)
    assert (phone.titles, phone.received[0]["body"]) == (
        ["“Weekly shop” is ready to shop"],
        "2 things to get. Is anything missing?",
    )
    assert phone.received[0]["url"] == f"/h/{nok.home_id}/lists/{milk.list_id}/"
    assert [answer["label"] for answer in phone.received[0]["answers"]] == ["Add something", "Go shopping"]
    assert (mine.received, phone.request_headers[0]["Urgency"]) == ([], "normal")


def test_list_that_is_no_longer_approved_is_not_notified(nok, ben, weekly, phone, push):
    change_list_state(weekly, "approved", by=by(nok))
    change_list_state(weekly, "draft", by=by(nok))
    change_list_state(weekly, "completed", by=by(nok))
    archive_list(weekly, by=by(nok))
    push(nok.home)
    assert phone.received == []


def test_starting_to_shop_notifies_the_other_members(nok, ben, milk, device, phone, push):
    mine = device(nok)
    start_shopping(milk.list, by=by(nok))
    push(nok.home)
    assert (phone.titles, mine.received) == (["Nok is going shopping: anything else?"], [])
    assert (phone.received[0]["body"], phone.request_headers[0]["TTL"]) == ("Put it on “Weekly shop” now.", "3600")
    assert phone.received[0]["url"] == f"/h/{nok.home_id}/lists/{milk.list_id}/"


def test_finished_shopping_trip_is_not_notified(nok, ben, milk, phone, push):
    start_shopping(milk.list, by=by(nok))
    end_shopping(milk.list, by=by(nok))
    push(nok.home)
    assert phone.received == []


# Recipients


def test_all_devices_of_a_member_are_notified(nok, ben, general, device, phone, push):
    laptop = device(ben, "Chrome, Linux")
    send_message(general, "@Ben", by=by(nok))
    push(nok.home)
    assert (len(phone.received), len(laptop.received)) == (1, 1)


def test_device_is_not_notified_of_earlier_events(nok, ben, general, device, push, freeze_time):
    send_message(general, "@Ben, first", by=by(nok))
    freeze_time("2026-03-31 12:01")
    phone = device(ben)
    send_message(general, "@Ben, second", by=by(nok))
    push(nok.home)
    assert [notice["body"] for notice in phone.received] == ["@Ben, second"]


def test_members_of_another_home_are_not_notified(nok, mai, weekly, device, push):
    strange = device(mai)
    change_list_state(weekly, "approved", by=by(nok))
    push(nok.home)
    push(mai.home)
    assert strange.received == []


def test_former_member_is_not_notified_and_loses_the_device(nok, ben, general, phone, push):
    send_message(general, "@Ben", by=by(nok))
    dispatch.collect(nok.home_id)
    remove_member(ben, by=by(nok))
    push(nok.home)
    assert (phone.received, PushSubscription.objects.count()) == ([], 0)


def test_former_member_with_another_home_keeps_the_device(nok, ben, mai, device, push):
    phone = device(ben)
    _invitation, token = invite(by=by(mai))
    elsewhere = accept_invitation(token, ben.user, origin="browser")
    remove_member(ben, by=by(nok))
    send_message(open_dm(ben.user, by=by(mai)), "Hello", by=by(mai))
    push(elsewhere.home)
    assert phone.titles == ["Mai"]


def test_locked_account_is_not_notified(nok, ben, general, phone, push):
    send_message(general, "@Ben", by=by(nok))
    dispatch.collect(nok.home_id)
    ben.user.is_active = False
    ben.user.save()
    push(nok.home)
    send_message(general, "@Ben", by=by(nok))
    push(nok.home)
    assert phone.received == []


# Settings


def test_kind_that_is_turned_off_is_not_sent(nok, ben, general, weekly, phone, push):
    update_notice_choice(ben, {"mentioned": False}, None, None)
    send_message(general, "@Ben", by=by(nok))
    change_list_state(weekly, "approved", by=by(nok))
    push(nok.home)
    assert phone.titles == ["“Weekly shop” is ready to shop"]


def test_turning_a_kind_off_drops_queued_deliveries(nok, ben, general, phone, push):
    send_message(general, "@Ben", by=by(nok))
    dispatch.collect(nok.home_id)
    update_notice_choice(ben, {"mentioned": False}, None, None)
    push(nok.home)
    assert phone.received == []


# Quiet hours


def test_quiet_hours_delay_deliveries_and_combine_them(nok, ben, general, weekly, phone, push, freeze_time):
    freeze_time("2026-03-31 23:00")
    send_message(general, "@Ben, one", by=by(nok))
    send_message(open_dm(ben.user, by=by(nok)), "two", by=by(nok))
    send_message(general, "@Ben, three", by=by(nok))
    change_list_state(weekly, "approved", by=by(nok))
    push(nok.home)
    freeze_time("2026-04-01 06:59")
    push(nok.home)
    assert phone.received == []
    freeze_time("2026-04-01 07:00")
    push(nok.home)
    assert phone.titles == ["3 notifications from Apartment 42"]
    assert phone.received[0]["body"].splitlines() == ["Nok in #general", "Nok", "“Weekly shop” is ready to shop"]
    assert phone.received[0]["url"] == f"/h/{nok.home_id}/"
    assert Delivery.objects.count() == 0


def test_event_that_expires_during_quiet_hours_is_not_queued(nok, ben, weekly, phone, push, freeze_time):
    freeze_time("2026-03-31 12:30")
    update_notice_choice(ben, {}, time(12), time(1))
    change_list_state(weekly, "approved", by=by(nok))
    push(nok.home)
    assert (Delivery.objects.count(), phone.received) == (0, [])


def test_new_quiet_hours_delay_queued_deliveries(nok, ben, general, phone, push, freeze_time):
    freeze_time("2026-03-31 21:30")
    send_message(general, "@Ben", by=by(nok))
    dispatch.collect(nok.home_id)
    update_notice_choice(ben, {}, time(21), time(8))
    push(nok.home)
    assert phone.received == []
    freeze_time("2026-04-01 08:00")
    push(nok.home)
    assert len(phone.received) == 1


# Reliability


def test_collecting_twice_sends_once(nok, ben, general, phone, push):
    send_message(general, "@Ben", by=by(nok))
    push(nok.home)
    push(nok.home)
    assert len(phone.received) == 1


def test_sweep_sends_what_a_lost_nudge_left(nok, ben, general, phone, eager_tasks):
    send_message(general, "@Ben", by=by(nok))  # without a commit there is no nudge
    assert dispatch.waiting_homes() == {nok.home_id}
    tasks.sweep_notices()
    assert (len(phone.received), dispatch.waiting_homes(), dispatch.waiting_devices()) == (1, set(), set())


def test_commit_triggers_delivery(nok, ben, general, phone, eager_tasks, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send_message(general, "@Ben", by=by(nok))
    assert len(phone.received) == 1


def test_delivery_of_a_dead_worker_is_sent_after_the_lease(nok, ben, general, phone, push, monkeypatch, freeze_time):
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
    assert dispatch.waiting_devices() == set()  # the worker may be alive and slow
    freeze_time("2026-03-31 12:01")
    push(nok.home)
    assert len(phone.received) == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_send_once(nok, ben, general, phone):
    send_message(general, "@Ben", by=by(nok))
    run_concurrently(*[lambda: dispatch.collect(nok.home_id)] * 4)
    [device_id] = dispatch.waiting_devices()
    run_concurrently(*[lambda: dispatch.deliver(device_id)] * 4)
    assert len(phone.received) == 1


def test_failing_notice_builder_does_not_block_other_notices(nok, ben, general, weekly, phone, push, monkeypatch):
    kind, _builder = registry.notices["list_state_changed"]
    monkeypatch.setitem(registry.notices, "list_state_changed", (kind, lambda event, member: 1 / 0))
    change_list_state(weekly, "approved", by=by(nok))
    send_message(general, "@Ben", by=by(nok))
    push(nok.home)
    assert phone.titles == ["Nok in #general"]


def test_collecting_without_devices_costs_one_query(nok, ben, general, django_assert_num_queries):
    send_message(general, "@Ben", by=by(nok))
    with django_assert_num_queries(1):
        assert dispatch.collect(nok.home_id) == set()
    assert dispatch.waiting_homes() == set()
