from functools import partial

import pytest

from chat.actions import create_channel, join_channel, send_message
from chat.models import Channel, Message
from homes.actions import accept_invitation, change_role, invite, remove_member
from homes.events.models import Origin
from homes.models import Home, Membership
from pantry.errors import ActionError, Forbidden
from tests.cast import at_once, by


def test_who_is_removed_is_at_home_here_no_more(nok, ben, events):
    remove_member(ben, by=by(nok))
    assert list(Membership.objects.filter(home=nok.home)) == [nok]
    assert not Home.objects.for_user(ben.user).exists()
    (event,) = events.of(nok.home)
    assert (event.type, event.data["member"]["user_id"]) == ("member_left", str(ben.user_id))


def test_a_member_may_leave(nok, ben, events):
    remove_member(ben, by=by(ben))
    assert events.of(nok.home)[-1].actor_user == ben.user


def test_members_remove_nobody_else(nok, ben, ploy):
    for member in (nok, ploy):
        with pytest.raises(Forbidden, match="Ask Nok"):
            remove_member(member, by=by(ben))


def test_what_they_said_stays(nok, ben, general):
    send_message(general, "Bye", by=by(ben))
    remove_member(ben, by=by(ben))
    assert Message.objects.get().author_user == ben.user


def test_the_last_owner_stays(nok, ben):
    with pytest.raises(ActionError, match="owner first"):
        remove_member(nok, by=by(nok))
    change_role(ben, "owner", by=by(nok))
    remove_member(nok, by=by(nok))
    assert Membership.objects.get(home=ben.home).user == ben.user


def test_who_comes_back_is_not_in_the_private_rooms_of_old(nok, ben):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    join_channel(surprise, ben.user, by=by(nok))
    remove_member(ben, by=by(nok))
    _invitation, token = invite(by=by(nok))
    ben = accept_invitation(token, ben.user, origin=Origin.BROWSER)
    assert surprise not in Channel.objects.visible_to(ben)


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays(nok, ben):
    change_role(ben, "owner", by=by(nok))

    def leave(member):
        try:
            remove_member(member, by=by(member))
        except ActionError:
            return "stays"

    assert at_once(partial(leave, nok), partial(leave, ben)).count("stays") == 1
    assert Membership.objects.get(home=nok.home).is_owner
