from functools import partial

import pytest

from chat.actions import create_channel, join_channel, leave_channel, mark_read, send_message
from chat.actions.channels import normalize_room_name
from chat.models import Channel, ChannelMember, Message
from pantry.errors import ActionError
from tests.factories import by, run_concurrently

pytestmark = pytest.mark.both_databases


def room_names(member):
    """Return the names of the rooms that a member can see."""
    return sorted(Channel.objects.visible_to(member).exclude(name="").values_list("name", flat=True))


def test_new_home_has_general_room(nok):
    assert room_names(nok) == ["general"]


def test_public_room_is_visible_to_all_members(nok, ben, mai, events):
    holidays = create_channel("Holidays & trips", by=by(nok), topic="Where  to?")
    assert (holidays.name, holidays.topic) == ("holidays-trips", "Where to?")
    assert room_names(ben) == ["general", "holidays-trips"]
    assert room_names(mai) == ["general"]
    assert events(nok.home) == ["channel_created"]


def test_private_room_is_visible_to_its_members_only(nok, ben, ploy, events):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    assert (room_names(nok), room_names(ben)) == (["general", "surprise"], ["general"])
    join_channel(surprise, ben.user, by=by(nok))
    assert (room_names(ben), room_names(ploy)) == (["general", "surprise"], ["general"])
    assert events(nok.home) == ["channel_joined", "channel_created", "channel_joined"]
    assert {event.channel_id for event in events.of(nok.home)} == {surprise.pk}


def test_messages_of_a_private_room_are_hidden_from_others(nok, ben):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    send_message(surprise, "A cake", by=by(nok))
    assert Message.objects.visible_to(nok).count() == 1
    assert not Message.objects.visible_to(ben).exists()


def test_leaving_a_private_room_hides_it(nok, ben, events):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    join_channel(surprise, ben.user, by=by(nok))
    leave_channel(surprise, ben.user, by=by(ben))
    leave_channel(surprise, ben.user, by=by(ben))
    assert room_names(ben) == ["general"]
    assert events(nok.home)[-2:] == ["channel_joined", "channel_left"]


def test_joining_twice_records_one_event(nok, ben, general, events):
    join_channel(general, ben.user, by=by(ben))
    join_channel(general, ben.user, by=by(ben))
    assert events(nok.home) == ["channel_joined"]


def test_adding_a_user_of_another_home_is_rejected(nok, mai, general):
    with pytest.raises(ActionError):
        join_channel(general, mai.user, by=by(nok))


@pytest.mark.parametrize("name", ["", "  ", "#", "—"])
def test_room_without_a_name_is_rejected(nok, name):
    with pytest.raises(ActionError):
        create_channel(name, by=by(nok))


def test_room_name_is_unique_within_a_home(nok, mai):
    create_channel("holidays", by=by(nok), is_private=True)
    with pytest.raises(ActionError):
        create_channel("#Holidays", by=by(nok))
    create_channel("holidays", by=by(mai))


@pytest.mark.parametrize(
    ("text", "name"),
    [("Food & Shopping", "food-shopping"), ("#General", "general"), ("  ครัว ", "ครัว"), ("x" * 50, "x" * 40)],
)
def test_room_name_is_normalized(text, name):
    assert normalize_room_name(text) == name


def test_read_mark_never_moves_back(nok, general):
    for seq in (5, 9, 7):
        mark_read(general, nok.user, seq)
    assert ChannelMember.objects.get(channel=general, user=nok.user).last_read_seq == 9


def test_marking_as_read_records_no_event(nok, general, events):
    mark_read(general, nok.user, 3)
    assert events(nok.home) == []


@pytest.mark.django_db(transaction=True)
def test_concurrent_rooms_with_one_name_create_one_room(nok, ben):
    def create(member):
        try:
            return create_channel("holidays", by=by(member))
        except ActionError:
            return "taken"

    assert run_concurrently(*[partial(create, member) for member in (nok, ben) * 2]).count("taken") == 3
