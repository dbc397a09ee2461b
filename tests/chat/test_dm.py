from functools import partial

import pytest

from chat.actions import join_channel, leave_channel, open_assistant, open_dm, send_message
from chat.models import Channel, Message
from pantry.errors import ActionError, Forbidden
from tests.cast import at_once, by


def test_a_talk_between_two_is_theirs_alone(nok, ben, ploy):
    talk = open_dm(ben.user, by=by(nok))
    send_message(talk, "Ploy's present?", by=by(nok))
    assert [Message.objects.visible_to(who).count() for who in (nok, ben, ploy)] == [1, 1, 0]


def test_either_opens_the_same_talk(nok, ben, events):
    assert open_dm(ben.user, by=by(nok)) == open_dm(nok.user, by=by(ben))
    assert events(nok.home) == ["channel_joined", "channel_joined", "channel_created"]


def test_nobody_talks_with_themselves_or_a_stranger(nok, mai):
    for other in (nok.user, mai.user):
        with pytest.raises(ActionError):
            open_dm(other, by=by(nok))


def test_a_third_is_never_added_and_neither_leaves(nok, ben, ploy):
    talk = open_dm(ben.user, by=by(nok))
    with pytest.raises(Forbidden):
        join_channel(talk, ploy.user, by=by(nok))
    with pytest.raises(Forbidden):
        leave_channel(talk, nok.user, by=by(nok))
    assert open_dm(ben.user, by=by(nok)) in Channel.objects.visible_to(nok)


def test_a_talk_with_pixie_is_the_persons_own(nok, ben, pixie):
    mine, bens = (open_assistant(pixie, by=by(who)) for who in (nok, ben))
    assert mine != bens
    assert mine in Channel.objects.visible_to(nok)
    assert mine not in Channel.objects.visible_to(ben)


def test_a_title_begins_another_talk_with_pixie(nok, pixie):
    mine = open_assistant(pixie, by=by(nok))
    party = open_assistant(pixie, by=by(nok), title="Party")
    assert party != mine
    assert open_assistant(pixie, by=by(nok), title="Party") == party
    assert open_assistant(pixie, by=by(nok)) == mine


@pytest.mark.django_db(transaction=True)
def test_two_who_greet_each_other_at_once_meet_in_one_talk(nok, ben):
    talks = at_once(*[partial(open_dm, ben.user, by=by(nok)), partial(open_dm, nok.user, by=by(ben))] * 3)
    assert len(set(talks)) == 1
