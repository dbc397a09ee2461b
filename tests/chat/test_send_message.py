from functools import partial
from uuid import uuid4

import pytest

from chat.actions import create_channel, delete_message, edit_message, send_message
from chat.models import ChannelMember, Message
from pantry.errors import ActionError, Forbidden, StaleVersion
from tests.cast import at_once, by


def test_what_is_said_is_in_the_room_and_in_the_log(nok, general, events):
    message = send_message(general, "  We are out of milk\x00 ", by=by(nok))
    assert (message.body, message.author_user, message.state) == ("We are out of milk", nok.user, "complete")
    (event,) = events.of(nok.home)
    assert (event.type, event.seq, event.channel_id) == ("chat_message", message.seq, None)
    assert event.data["message"]["body"] == "We are out of milk"


def test_an_answer_stands_in_the_thread_of_its_first_message(nok, ben, general):
    root = send_message(general, "Pizza tonight?", by=by(nok))
    answer = send_message(general, "Yes!", by=by(ben), parent=root)
    assert send_message(general, "With olives", by=by(nok), parent=answer).parent_id == root.pk
    assert list(Message.objects.roots()) == [root]


def test_a_thread_of_another_room_is_refused(nok, general):
    holidays = create_channel("holidays", by=by(nok))
    root = send_message(holidays, "Where to?", by=by(nok))
    with pytest.raises(ActionError):
        send_message(general, "The sea", by=by(nok), parent=root)


def test_what_the_agent_says_has_the_agent_as_its_one_author(nok, general, pixie, events):
    message = send_message(general, "Done.", by=by(nok).as_agent(pixie))
    assert (message.author_agent, message.author_user) == (pixie, None)
    (event,) = events.of(nok.home)
    assert (event.type, event.actor_user, event.actor_agent) == ("chat_message", nok.user, pixie)


@pytest.mark.parametrize("body", ["", " \n ", "\x00", "x" * 4001])
def test_nothing_and_too_much_are_refused(nok, general, events, body):
    with pytest.raises(ActionError):
        send_message(general, body, by=by(nok))
    assert events(nok.home) == []


def test_the_longest_message_is_kept_whole(nok, general):
    assert len(send_message(general, "x" * 4000, by=by(nok)).body) == 4000


def test_a_message_named_by_its_device_is_said_once(nok, general, events):
    pk = uuid4()
    first = send_message(general, "Hello", by=by(nok), pk=pk)
    assert send_message(general, "Hello", by=by(nok), pk=pk) == first
    assert events(nok.home) == ["chat_message"]


def test_nobody_speaks_under_the_name_of_anothers_message(nok, ben, mai, general):
    message = send_message(general, "Hello", by=by(nok))
    with pytest.raises(ActionError):
        send_message(general, "Hello", by=by(ben), pk=message.pk)
    her_room = mai.home.channels.get(name="general")
    with pytest.raises(ActionError):
        send_message(her_room, "Hello", by=by(mai), pk=message.pk)


def test_what_one_said_oneself_counts_as_read(nok, general):
    seat = ChannelMember.objects.create(channel=general, user=nok.user)
    message = send_message(general, "Hello", by=by(nok))
    seat.refresh_from_db()
    assert seat.last_read_seq == message.seq


def test_what_is_said_in_private_is_for_the_private_room(nok, events):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    send_message(surprise, "Ben's birthday", by=by(nok))
    assert {event.channel_id for event in events.of(nok.home)} == {surprise.pk}


def test_ones_own_words_can_be_changed(nok, general, events):
    message = send_message(general, "Hallo", by=by(nok))
    edited = edit_message(message, "Hello", by=by(nok))
    assert (edited.body, edited.version) == ("Hello", 2)
    assert edited.edited_at is not None
    assert events(nok.home) == ["chat_message", "message_edited"]
    assert events.of(nok.home)[-1].changes == {"body": ["Hallo", "Hello"]}


def test_who_edits_an_older_version_is_told_the_newer(nok, general):
    message = send_message(general, "Hallo", by=by(nok))
    edit_message(message, "Hello", by=by(nok))
    with pytest.raises(StaleVersion) as refusal:
        edit_message(message, "Hi", by=by(nok), version=1)
    assert refusal.value.current.body == "Hello"


def test_anothers_words_are_theirs(nok, ben, general):
    message = send_message(general, "Hello", by=by(nok))
    for change in (partial(edit_message, message, "Bye"), partial(delete_message, message)):
        with pytest.raises(Forbidden):
            change(by=by(ben))


def test_editing_a_message_past_its_greatest_length_is_refused_with_the_number(nok, general, events):
    message = send_message(general, "Hello", by=by(nok))
    with pytest.raises(ActionError, match="4000 letters at most"):
        edit_message(message, "x" * 4001, by=by(nok))
    message.refresh_from_db()
    assert (message.body, events(nok.home)) == ("Hello", ["chat_message"])
    assert len(edit_message(message, "x" * 4000, by=by(nok)).body) == 4000


def test_nothing_is_no_edit(nok, general):
    message = send_message(general, "Hello", by=by(nok))
    with pytest.raises(ActionError):
        edit_message(message, " ", by=by(nok))


def test_deleted_words_are_gone_and_their_place_stays(nok, general, events):
    message = send_message(general, "Oops", by=by(nok))
    gone = delete_message(message, by=by(nok))
    assert (gone.body, gone.pk) == ("", message.pk)
    assert gone.deleted_at is not None
    assert events(nok.home) == ["chat_message", "message_deleted"]
    with pytest.raises(ActionError):
        edit_message(message, "Hello again", by=by(nok))


@pytest.mark.django_db(transaction=True)
def test_all_who_speak_at_once_are_heard_in_one_order(nok, ben, general):
    said = [
        partial(send_message, general, f"{who.name} {number}", by=by(who), pk=uuid4() if named else None)
        for number, named in enumerate([True, False] * 3)
        for who in (nok, ben)
    ]
    messages = at_once(*said)
    numbers = [message.seq for message in messages]
    assert len(set(numbers)) == len(said)
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == sorted(numbers)
