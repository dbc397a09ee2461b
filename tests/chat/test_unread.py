"""What a member has not read yet."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions import (
    create_channel,
    delete_message,
    join_channel,
    leave_channel,
    mark_read,
    open_dm,
    send_message,
)
from chat.models import Message
from chat.unread import unread_total, with_unread
from homes.models import Membership
from tests.cast import by, found_home, move_in
from tests.counting import queries_of


def total(member):
    """As a page of theirs shows it: the member read afresh."""
    return unread_total(Membership.objects.for_user(member.user).get(home=member.home_id))


def unread(member):
    counted = with_unread(member).filter(unread__gt=0)
    return {channel.name or channel.kind: channel.unread for channel in counted}


@pytest.fixture
def read(django_capture_on_commit_callbacks):
    """`read(ben, general)`: Ben sees all that is said there."""

    def all_of(member, channel):
        last = Message.objects.filter(channel=channel).order_by("seq").last()
        with django_capture_on_commit_callbacks(execute=True):
            mark_read(channel, member.user, last.seq)

    return all_of


def test_what_others_say_is_unread_until_it_is_read(nok, ben, general, read):
    for text in ("Hello", "Anybody home?"):
        send_message(general, text, by=by(nok))
    assert unread(ben) == {"general": 2}
    read(ben, general)
    assert unread(ben) == {}
    send_message(general, "Ah", by=by(nok))
    assert unread(ben) == {"general": 1}


def test_what_one_says_oneself_is_read(nok, ben, general):
    send_message(general, "Hello", by=by(ben))
    assert unread(ben) == {}
    assert unread(nok) == {"general": 1}


def test_who_answers_has_read_what_came_before(nok, ben, general, read):
    send_message(general, "Hello", by=by(nok))
    read(ben, general)
    send_message(general, "Who is there?", by=by(nok))
    send_message(general, "Me", by=by(ben))
    assert unread(ben) == {}


def test_what_was_said_before_one_came_is_not_unread(nok, general):
    send_message(general, "Ben moves in today", by=by(nok))
    ben = move_in(nok, "Ben")
    assert unread(ben) == {}
    send_message(general, "Welcome", by=by(nok))
    assert unread(ben) == {"general": 1}


def test_what_pixie_says_is_unread(nok, pixie, general):
    send_message(general, "Eggs: on the list now.", by=by(nok).as_agent(pixie))
    assert unread(nok) == {"general": 1}


def test_what_was_deleted_is_not_unread(nok, ben, general):
    message = send_message(general, "Hello", by=by(nok))
    delete_message(message, by=by(nok))
    assert unread(ben) == {}


def test_answers_in_threads_count(nok, ben, general, read):
    root = send_message(general, "Soup?", by=by(ben))
    send_message(general, "Yes", by=by(nok), parent=root)
    assert unread(ben) == {"general": 1}
    read(ben, general)
    assert unread(ben) == {}


def test_a_room_that_one_is_not_in_does_not_count(nok, ben, ploy):
    room = create_channel("presents", by=by(nok), is_private=True)
    send_message(room, "A grinder?", by=by(nok))
    send_message(open_dm(ploy.user, by=by(nok)), "Halves?", by=by(nok))
    assert unread(ben) == {}
    assert unread(ploy) == {"dm": 1}
    join_channel(room, ben.user, by=by(nok))
    assert unread(ben) == {"presents": 1}
    leave_channel(room, ben.user, by=by(ben))
    assert unread(ben) == {}


def test_another_home_of_the_same_person_does_not_count(nok, ben, general):
    second = found_home(ben.user, "The river house")
    send_message(general, "Hello", by=by(nok))
    assert unread(second) == {}
    assert total(second) == 0


def test_reading_never_goes_back(nok, ben, general, read):
    first = send_message(general, "Hello", by=by(nok))
    send_message(general, "Anybody?", by=by(nok))
    read(ben, general)
    mark_read(general, ben.user, first.seq)
    assert unread(ben) == {}


# All channels together, counted and kept


def test_the_total_is_that_of_all_channels(nok, ben, general):
    send_message(general, "Hello", by=by(nok))
    send_message(open_dm(ben.user, by=by(nok)), "Between us", by=by(nok))
    assert (total(ben), total(nok)) == (2, 0)


def test_the_total_is_right_after_each_message_and_each_reading(nok, ben, general, read):
    assert total(ben) == 0
    for count in (1, 2, 3):
        send_message(general, "Hello", by=by(nok))
        assert total(ben) == count
    read(ben, general)
    assert total(ben) == 0
    send_message(general, "Hello", by=by(nok))
    assert total(ben) == 1


def test_the_total_is_kept_while_nothing_happens(nok, ben, general):
    send_message(general, "Hello", by=by(nok))
    member = Membership.objects.for_user(ben.user).get()
    assert unread_total(member) == 1
    assert queries_of(lambda: unread_total(member)) == 0


def test_the_total_of_one_is_not_that_of_another(nok, ben, ploy, general, read):
    send_message(general, "Hello", by=by(nok))
    assert (total(ben), total(ploy)) == (1, 1)
    read(ben, general)
    assert (total(ben), total(ploy)) == (0, 1)


def test_counting_costs_one_query_however_much_was_said(nok, ben, general):
    def fill(count):
        for number in range(count):
            room = create_channel(f"room {number} of {count}", by=by(nok))
            send_message(room, "Hello", by=by(nok))

    fill(3)
    few = queries_of(lambda: list(with_unread(ben)))
    fill(57)
    assert queries_of(lambda: list(with_unread(ben))) == few == 1


def test_who_came_back_begins_anew(nok, ben, general):
    send_message(general, "Hello", by=by(nok))
    Membership.objects.filter(pk=ben.pk).update(joined_at=timezone.now() + timedelta(seconds=1))
    assert total(ben) == 0
