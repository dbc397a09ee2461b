from functools import partial

import pytest
from django.test import Client

from chat.actions import create_channel, join_channel, send_message
from chat.models import Channel, Message
from homes.accounts.actions import create_api_token
from homes.actions import accept_invitation, change_role, invite, remove_member
from homes.events.models import Origin
from homes.models import Home, Membership
from pantry.errors import ActionError, Forbidden
from tests.factories import by, found_home, run_concurrently

pytestmark = pytest.mark.both_databases


def test_removing_a_member_deletes_the_membership(nok, ben, events):
    remove_member(ben, by=by(nok))
    assert list(Membership.objects.filter(home=nok.home)) == [nok]
    assert not Home.objects.for_user(ben.user).exists()
    (event,) = events.of(nok.home)
    assert (event.type, event.data["member"]["user_id"]) == ("member_left", str(ben.user_id))


def test_member_can_leave(nok, ben, events):
    remove_member(ben, by=by(ben))
    assert events.of(nok.home)[-1].actor_user == ben.user


def test_member_removing_someone_else_is_forbidden(nok, ben, ploy):
    for member in (nok, ploy):
        with pytest.raises(Forbidden, match="Ask Nok"):
            remove_member(member, by=by(ben))


def test_messages_of_a_removed_member_stay(nok, ben, general):
    send_message(general, "Bye", by=by(ben))
    remove_member(ben, by=by(ben))
    assert Message.objects.get().author_user == ben.user


def test_last_owner_cannot_leave(nok, ben):
    with pytest.raises(ActionError, match="owner first"):
        remove_member(nok, by=by(nok))
    change_role(ben, "owner", by=by(nok))
    remove_member(nok, by=by(nok))
    assert Membership.objects.get(home=ben.home).user == ben.user


def test_rejoining_member_is_not_in_former_private_rooms(nok, ben):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    join_channel(surprise, ben.user, by=by(nok))
    remove_member(ben, by=by(nok))
    _invitation, token = invite(by=by(nok))
    ben = accept_invitation(token, ben.user, origin=Origin.BROWSER)
    assert surprise not in Channel.objects.visible_to(ben)


@pytest.mark.parametrize("remover", ["nok", "ben"])
def test_tokens_for_the_home_alone_do_not_work_again_for_a_rejoining_member(nok, ben, remover):
    elsewhere = found_home(ben.user, "Soi 11")
    _for_home, key = create_api_token(ben.user, "Display", ["read"], home=ben.home)
    others = [
        create_api_token(ben.user, "All", ["read"]),
        create_api_token(ben.user, "S", ["read"], home=elsewhere.home),
    ]
    remove_member(ben, by=by({"nok": nok, "ben": ben}[remover]))
    _invitation, token = invite(by=by(nok))
    accept_invitation(token, ben.user, origin=Origin.BROWSER)
    keys = [key, *(other for _token, other in others)]
    answers = [Client(headers={"Authorization": f"Bearer {each}"}).get("/api/homes") for each in keys]
    assert [answer.status_code for answer in answers] == [401, 200, 200]


@pytest.mark.django_db(transaction=True)
def test_two_owners_leaving_concurrently_leaves_one_owner(nok, ben):
    change_role(ben, "owner", by=by(nok))

    def leave(member):
        try:
            remove_member(member, by=by(member))
        except ActionError:
            return "stays"

    assert run_concurrently(partial(leave, nok), partial(leave, ben)).count("stays") == 1
    assert Membership.objects.get(home=nok.home).is_owner
