"""Counts of unread messages."""

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
from tests.counting import queries_of
from tests.factories import by, found_home, move_in

pytestmark = pytest.mark.both_databases


def total(member):
    """Return the total for a freshly loaded member, as a page does."""
    return unread_total(Membership.objects.for_user(member.user).get(home=member.home_id))


def unread(member):
    channels = with_unread(member).filter(unread__gt=0)
    return {channel.name or channel.kind: channel.unread for channel in channels}


@pytest.fixture
def read(django_capture_on_commit_callbacks):
    """Return a function that marks all messages of a channel as read by a member."""

    def mark_all_read(member, channel):
        last = Message.objects.filter(channel=channel).order_by("seq").last()
        with django_capture_on_commit_callbacks(execute=True):
            mark_read(channel, member.user, last.seq)

    return mark_all_read


def test_messages_of_others_are_unread_until_read(nok, ben, general, read):
    for text in ("Hello", "Anybody home?"):
        send_message(general, text, by=by(nok))
    assert unread(ben) == {"general": 2}
    read(ben, general)
    assert unread(ben) == {}
    send_message(general, "Ah", by=by(nok))
    assert unread(ben) == {"general": 1}


def test_own_messages_are_not_unread(nok, ben, general):
    send_message(general, "Hello", by=by(ben))
    assert unread(ben) == {}
    assert unread(nok) == {"general": 1}


def test_sending_a_message_marks_earlier_ones_as_read(nok, ben, general, read):
    send_message(general, "Hello", by=by(nok))
    read(ben, general)
    send_message(general, "Who is there?", by=by(nok))
    send_message(general, "Me", by=by(ben))
    assert unread(ben) == {}


def test_messages_before_joining_are_not_unread(nok, general):
    send_message(general, "Ben moves in today", by=by(nok))
    ben = move_in(nok, "Ben")
    assert unread(ben) == {}
    send_message(general, "Welcome", by=by(nok))
    assert unread(ben) == {"general": 1}


def test_messages_of_an_agent_are_unread(nok, pixie, general):
    send_message(general, "Eggs: on the list now.", by=by(nok).as_agent(pixie))
    assert unread(nok) == {"general": 1}


def test_deleted_messages_are_not_unread(nok, ben, general):
    message = send_message(general, "Hello", by=by(nok))
    delete_message(message, by=by(nok))
    assert unread(ben) == {}


def test_replies_are_unread(nok, ben, general, read):
    root = send_message(general, "Soup?", by=by(ben))
    send_message(general, "Yes", by=by(nok), parent=root)
    assert unread(ben) == {"general": 1}
    read(ben, general)
    assert unread(ben) == {}


def test_private_rooms_count_for_their_members_only(nok, ben, ploy):
    room = create_channel("presents", by=by(nok), is_private=True)
    send_message(room, "A grinder?", by=by(nok))
    send_message(open_dm(ploy.user, by=by(nok)), "Halves?", by=by(nok))
    assert unread(ben) == {}
    assert unread(ploy) == {"dm": 1}
    join_channel(room, ben.user, by=by(nok))
    assert unread(ben) == {"presents": 1}
    leave_channel(room, ben.user, by=by(ben))
    assert unread(ben) == {}


def test_messages_of_another_home_are_not_unread(nok, ben, general):
    second = found_home(ben.user, "The river house")
    send_message(general, "Hello", by=by(nok))
    assert unread(second) == {}
    assert total(second) == 0


def test_read_mark_never_moves_back(nok, ben, general, read):
    first = send_message(general, "Hello", by=by(nok))
    send_message(general, "Anybody?", by=by(nok))
    read(ben, general)
    mark_read(general, ben.user, first.seq)
    assert unread(ben) == {}


# Cached totals


def test_total_sums_all_channels(nok, ben, general):
    send_message(general, "Hello", by=by(nok))
    send_message(open_dm(ben.user, by=by(nok)), "Between us", by=by(nok))
    assert (total(ben), total(nok)) == (2, 0)


def test_total_is_updated_by_messages_and_read_marks(nok, ben, general, read):
    assert total(ben) == 0
    for count in (1, 2, 3):
        send_message(general, "Hello", by=by(nok))
        assert total(ben) == count
    read(ben, general)
    assert total(ben) == 0
    send_message(general, "Hello", by=by(nok))
    assert total(ben) == 1


def test_total_is_cached_between_events(nok, ben, general):
    send_message(general, "Hello", by=by(nok))
    member = Membership.objects.for_user(ben.user).get()
    assert unread_total(member) == 1
    assert queries_of(lambda: unread_total(member)) == 0


def test_total_is_cached_per_member(nok, ben, ploy, general, read):
    send_message(general, "Hello", by=by(nok))
    assert (total(ben), total(ploy)) == (1, 1)
    read(ben, general)
    assert (total(ben), total(ploy)) == (0, 1)


def test_counting_takes_one_query(nok, ben, general):
    def fill(count):
        for number in range(count):
            room = create_channel(f"room {number} of {count}", by=by(nok))
            send_message(room, "Hello", by=by(nok))

    fill(3)
    baseline = queries_of(lambda: list(with_unread(ben)))
    fill(57)
    assert queries_of(lambda: list(with_unread(ben))) == baseline == 1


def test_rejoining_resets_the_total(nok, ben, general):
    send_message(general, "Hello", by=by(nok))
    Membership.objects.filter(pk=ben.pk).update(joined_at=timezone.now() + timedelta(seconds=1))
    assert total(ben) == 0
