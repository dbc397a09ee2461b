from functools import partial
from uuid import uuid4

import pytest

from chat.actions import create_channel, delete_message, edit_message, send_message
from chat.models import ChannelMember, Message
from pantry.errors import ActionError, Forbidden, StaleVersion
from tests.factories import by, run_concurrently


def test_sending_a_message_stores_it_and_records_event(nok, general, events):
    message = send_message(general, "  We are out of milk\x00 ", by=by(nok))
    assert (message.body, message.author_user, message.state) == ("We are out of milk", nok.user, "complete")
    (event,) = events.of(nok.home)
    assert (event.type, event.seq, event.channel_id) == ("chat_message", message.seq, None)
    assert event.data["message"]["body"] == "We are out of milk"


def test_reply_to_a_reply_belongs_to_the_first_message(nok, ben, general):
    root = send_message(general, "Pizza tonight?", by=by(nok))
    reply = send_message(general, "Yes!", by=by(ben), parent=root)
    assert send_message(general, "With olives", by=by(nok), parent=reply).parent_id == root.pk
    assert list(Message.objects.roots()) == [root]


def test_reply_in_a_thread_of_another_channel_is_rejected(nok, general):
    holidays = create_channel("holidays", by=by(nok))
    root = send_message(holidays, "Where to?", by=by(nok))
    with pytest.raises(ActionError):
        send_message(general, "The sea", by=by(nok), parent=root)


def test_message_of_an_agent_has_the_agent_as_author(nok, general, pixie, events):
    message = send_message(general, "Done.", by=by(nok).as_agent(pixie))
    assert (message.author_agent, message.author_user) == (pixie, None)
    (event,) = events.of(nok.home)
    assert (event.type, event.actor_user, event.actor_agent) == ("chat_message", nok.user, pixie)


@pytest.mark.parametrize("body", ["", " \n ", "\x00", "x" * 4001])
def test_empty_or_too_long_message_is_rejected(nok, general, events, body):
    with pytest.raises(ActionError):
        send_message(general, body, by=by(nok))
    assert events(nok.home) == []


def test_message_of_maximum_length_is_stored(nok, general):
    assert len(send_message(general, "x" * 4000, by=by(nok)).body) == 4000


def test_sending_twice_with_one_id_creates_one_message(nok, general, events):
    pk = uuid4()
    first = send_message(general, "Hello", by=by(nok), pk=pk)
    assert send_message(general, "Hello", by=by(nok), pk=pk) == first
    assert events(nok.home) == ["chat_message"]


def test_sending_with_id_of_another_message_is_rejected(nok, ben, mai, general):
    message = send_message(general, "Hello", by=by(nok))
    with pytest.raises(ActionError):
        send_message(general, "Hello", by=by(ben), pk=message.pk)
    her_room = mai.home.channels.get(name="general")
    with pytest.raises(ActionError):
        send_message(her_room, "Hello", by=by(mai), pk=message.pk)


def test_sending_a_message_marks_it_as_read(nok, general):
    membership = ChannelMember.objects.create(channel=general, user=nok.user)
    message = send_message(general, "Hello", by=by(nok))
    membership.refresh_from_db()
    assert membership.last_read_seq == message.seq


def test_message_event_in_a_private_room_is_private(nok, events):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    send_message(surprise, "Ben's birthday", by=by(nok))
    assert {event.channel_id for event in events.of(nok.home)} == {surprise.pk}


def test_editing_own_message_updates_version_and_records_changes(nok, general, events):
    message = send_message(general, "Hallo", by=by(nok))
    edited = edit_message(message, "Hello", by=by(nok))
    assert (edited.body, edited.version) == ("Hello", 2)
    assert edited.edited_at is not None
    assert events(nok.home) == ["chat_message", "message_edited"]
    assert events.of(nok.home)[-1].changes == {"body": ["Hallo", "Hello"]}


def test_editing_an_old_version_raises_stale_version(nok, general):
    message = send_message(general, "Hallo", by=by(nok))
    edit_message(message, "Hello", by=by(nok))
    with pytest.raises(StaleVersion) as raised:
        edit_message(message, "Hi", by=by(nok), version=1)
    assert raised.value.current.body == "Hello"


def test_changing_a_message_of_another_user_is_forbidden(nok, ben, general):
    message = send_message(general, "Hello", by=by(nok))
    for change in (partial(edit_message, message, "Bye"), partial(delete_message, message)):
        with pytest.raises(Forbidden):
            change(by=by(ben))


def test_editing_past_maximum_length_is_rejected_with_the_limit(nok, general, events):
    message = send_message(general, "Hello", by=by(nok))
    with pytest.raises(ActionError, match="4000 characters at most"):
        edit_message(message, "x" * 4001, by=by(nok))
    message.refresh_from_db()
    assert (message.body, events(nok.home)) == ("Hello", ["chat_message"])
    assert len(edit_message(message, "x" * 4000, by=by(nok)).body) == 4000


def test_editing_to_an_empty_text_is_rejected(nok, general):
    message = send_message(general, "Hello", by=by(nok))
    with pytest.raises(ActionError):
        edit_message(message, " ", by=by(nok))


def test_deleting_a_message_keeps_an_empty_row(nok, general, events):
    message = send_message(general, "Oops", by=by(nok))
    deleted = delete_message(message, by=by(nok))
    assert (deleted.body, deleted.pk) == ("", message.pk)
    assert deleted.deleted_at is not None
    assert events(nok.home) == ["chat_message", "message_deleted"]
    with pytest.raises(ActionError):
        edit_message(message, "Hello again", by=by(nok))


@pytest.mark.django_db(transaction=True)
def test_concurrent_messages_have_distinct_ordered_seqs(nok, ben, general):
    calls = [
        partial(send_message, general, f"{member.name} {number}", by=by(member), pk=uuid4() if has_id else None)
        for number, has_id in enumerate([True, False] * 3)
        for member in (nok, ben)
    ]
    messages = run_concurrently(*calls)
    seqs = [message.seq for message in messages]
    assert len(set(seqs)) == len(calls)
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == sorted(seqs)
