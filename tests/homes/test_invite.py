from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from homes.actions import accept_invitation, invite, remove_member, revoke_invitation
from homes.events.models import Event, Origin
from homes.models import Invitation, Membership
from pantry.errors import ActionError, Forbidden
from tests.cast import at_once, by, move_in, person


def come_in(token, user):
    return accept_invitation(token, user, origin=Origin.BROWSER)


def test_the_link_lets_one_person_in(nok, events):
    _invitation, token = invite(by=by(nok), email="ben@example.com")
    ben = come_in(token, person("Ben"))
    assert (ben.home, ben.role, ben.number) == (nok.home, "member", 2)
    assert events(nok.home) == ["invitation_created", "member_joined", "invitation_accepted"]


def test_one_can_be_invited_as_an_owner(nok):
    _invitation, token = invite(by=by(nok), role="owner")
    assert come_in(token, person("Ben")).is_owner


def test_the_token_is_kept_nowhere(nok):
    invitation, token = invite(by=by(nok))
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values())
    assert token not in str(list(Event.objects.values()))


def test_a_member_is_told_whom_to_ask(ben):
    with pytest.raises(Forbidden, match="Ask Nok"):
        invite(by=by(ben))


def test_a_link_lets_no_second_person_in(nok):
    _invitation, token = invite(by=by(nok))
    come_in(token, person("Ben"))
    with pytest.raises(ActionError, match="already been used"):
        come_in(token, person("Ploy"))


def test_who_is_in_already_opens_the_link_again_without_harm(nok, events):
    _invitation, token = invite(by=by(nok))
    user = person("Ben")
    assert come_in(token, user) == come_in(token, user)
    assert come_in(token, nok.user) == nok
    assert events(nok.home).count("member_joined") == 1


def test_a_revoked_link_is_closed_and_revoking_twice_is_harmless(nok, events):
    invitation, token = invite(by=by(nok))
    revoke_invitation(revoke_invitation(invitation, by=by(nok)), by=by(nok))
    with pytest.raises(ActionError, match="revoked"):
        come_in(token, person("Ben"))
    assert events(nok.home) == ["invitation_created", "invitation_revoked"]


def test_what_was_used_is_not_revoked(nok, events):
    invitation, token = invite(by=by(nok))
    come_in(token, person("Ben"))
    assert revoke_invitation(invitation, by=by(nok)).state == "used"


def test_members_revoke_nothing(nok, ben):
    invitation, _token = invite(by=by(nok))
    with pytest.raises(Forbidden):
        revoke_invitation(invitation, by=by(ben))


def test_after_seven_days_the_link_is_old(nok, monkeypatch):
    invitation, token = invite(by=by(nok))
    monkeypatch.setattr(timezone, "now", lambda: invitation.expires_at - timedelta(seconds=1))
    assert invitation.state == "open"
    monkeypatch.setattr(timezone, "now", lambda: invitation.expires_at)
    with pytest.raises(ActionError, match="expired"):
        come_in(token, person("Ben"))


@pytest.mark.parametrize("token", ["", "nonsense", "ไม่ใช่", "\ud800"])
def test_a_link_that_is_none_is_refused(nok, token):
    with pytest.raises(ActionError, match="isn.t an invitation link"):
        come_in(token, person("Ben"))


def test_who_left_may_be_invited_again(nok, ben):
    remove_member(ben, by=by(nok))
    _invitation, token = invite(by=by(nok))
    assert come_in(token, ben.user).home == nok.home


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_open_one_link_at_once_one_comes_in(nok):
    _invitation, token = invite(by=by(nok))

    def try_it(user):
        try:
            return come_in(token, user).user
        except ActionError:
            return None

    crowd = [person(f"Guest{number}") for number in range(8)]
    assert at_once(*[partial(try_it, user) for user in crowd]).count(None) == 7
    assert Membership.objects.filter(home=nok.home).count() == 2


@pytest.mark.django_db(transaction=True)
def test_those_who_come_in_at_once_get_numbers_of_their_own(nok):
    at_once(*[partial(move_in, nok, name) for name in ("Ben", "Ploy", "Som", "Lek")])
    numbers = Membership.objects.filter(home=nok.home).values_list("number", flat=True)
    assert sorted(numbers) == [1, 2, 3, 4, 5]
