from functools import partial

import pytest

from chat.actions import create_channel, join_channel, leave_channel, mark_read, send_message
from chat.actions.channels import normalize_room_name
from chat.models import Channel, ChannelMember, Message
from pantry.errors import ActionError
from tests.cast import at_once, by


def rooms(member):
    """The rooms that a member finds, by name."""
    return sorted(Channel.objects.visible_to(member).exclude(name="").values_list("name", flat=True))


def test_every_home_is_born_with_a_room(nok):
    assert rooms(nok) == ["general"]


def test_a_room_is_for_everybody_at_home(nok, ben, mai, events):
    holidays = create_channel("Holidays & trips", by=by(nok), topic="Where  to?")
    assert (holidays.name, holidays.topic) == ("holidays-trips", "Where to?")
    assert rooms(ben) == ["general", "holidays-trips"]
    assert rooms(mai) == ["general"]
    assert events(nok.home) == ["channel_created"]


def test_a_private_room_is_for_those_inside(nok, ben, ploy, events):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    assert (rooms(nok), rooms(ben)) == (["general", "surprise"], ["general"])
    join_channel(surprise, ben.user, by=by(nok))
    assert (rooms(ben), rooms(ploy)) == (["general", "surprise"], ["general"])
    assert events(nok.home) == ["channel_joined", "channel_created", "channel_joined"]
    assert {event.channel_id for event in events.of(nok.home)} == {surprise.pk}


def test_what_is_said_in_a_private_room_stays_there(nok, ben):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    send_message(surprise, "A cake", by=by(nok))
    assert Message.objects.visible_to(nok).count() == 1
    assert not Message.objects.visible_to(ben).exists()


def test_who_leaves_a_private_room_sees_it_no_more(nok, ben, events):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    join_channel(surprise, ben.user, by=by(nok))
    leave_channel(surprise, ben.user, by=by(ben))
    leave_channel(surprise, ben.user, by=by(ben))
    assert rooms(ben) == ["general"]
    assert events(nok.home)[-2:] == ["channel_joined", "channel_left"]


def test_joining_twice_tells_once(nok, ben, general, events):
    join_channel(general, ben.user, by=by(ben))
    join_channel(general, ben.user, by=by(ben))
    assert events(nok.home) == ["channel_joined"]


def test_nobody_from_elsewhere_is_brought_in(nok, mai, general):
    with pytest.raises(ActionError):
        join_channel(general, mai.user, by=by(nok))


@pytest.mark.parametrize("name", ["", "  ", "#", "—"])
def test_a_room_needs_a_name(nok, name):
    with pytest.raises(ActionError):
        create_channel(name, by=by(nok))


def test_a_name_is_taken_once_in_a_home_whether_private_or_not(nok, mai):
    create_channel("holidays", by=by(nok), is_private=True)
    with pytest.raises(ActionError):
        create_channel("#Holidays", by=by(nok))
    create_channel("holidays", by=by(mai))


@pytest.mark.parametrize(
    ("text", "name"),
    [("Food & Shopping", "food-shopping"), ("#General", "general"), ("  ครัว ", "ครัว"), ("x" * 50, "x" * 40)],
)
def test_rooms_are_named_like_addresses(text, name):
    assert normalize_room_name(text) == name


def test_reading_never_goes_back(nok, general):
    for seq in (5, 9, 7):
        mark_read(general, nok.user, seq)
    assert ChannelMember.objects.get(channel=general, user=nok.user).last_read_seq == 9


def test_reading_is_ones_own_affair(nok, general, events):
    mark_read(general, nok.user, 3)
    assert events(nok.home) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_name_at_once_one_is_told(nok, ben):
    def take(member):
        try:
            return create_channel("holidays", by=by(member))
        except ActionError:
            return "taken"

    assert at_once(*[partial(take, who) for who in (nok, ben) * 2]).count("taken") == 3
