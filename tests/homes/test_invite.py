from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from homes.actions import accept_invitation, invite, remove_member, revoke_invitation
from homes.events.models import Event, Origin
from homes.models import Invitation, Membership
from pantry.errors import ActionError, Forbidden
from tests.factories import by, move_in, person, run_concurrently

pytestmark = pytest.mark.both_databases


def accept(token, user):
    return accept_invitation(token, user, origin=Origin.BROWSER)


def test_accepting_an_invitation_creates_a_membership(nok, events):
    _invitation, token = invite(by=by(nok), email="ben@example.com")
    ben = accept(token, person("Ben"))
    assert (ben.home, ben.role, ben.number) == (nok.home, "member", 2)
    assert events(nok.home) == ["invitation_created", "member_joined", "invitation_accepted"]


def test_invitation_can_be_for_an_owner(nok):
    _invitation, token = invite(by=by(nok), role="owner")
    assert accept(token, person("Ben")).is_owner


def test_invitation_token_is_not_stored(nok):
    invitation, token = invite(by=by(nok))
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values())
    assert token not in str(list(Event.objects.values()))


def test_member_inviting_is_told_which_owner_to_ask(ben):
    with pytest.raises(Forbidden, match="Ask Nok"):
        invite(by=by(ben))


def test_invitation_cannot_be_used_by_a_second_person(nok):
    _invitation, token = invite(by=by(nok))
    accept(token, person("Ben"))
    with pytest.raises(ActionError, match="already been used"):
        accept(token, person("Ploy"))


def test_accepting_an_invitation_is_idempotent_for_members(nok, events):
    _invitation, token = invite(by=by(nok))
    user = person("Ben")
    assert accept(token, user) == accept(token, user)
    assert accept(token, nok.user) == nok
    assert events(nok.home).count("member_joined") == 1


def test_revoking_an_invitation_is_idempotent_and_closes_it(nok, events):
    invitation, token = invite(by=by(nok))
    revoke_invitation(revoke_invitation(invitation, by=by(nok)), by=by(nok))
    with pytest.raises(ActionError, match="revoked"):
        accept(token, person("Ben"))
    assert events(nok.home) == ["invitation_created", "invitation_revoked"]


def test_revoking_a_used_invitation_changes_nothing(nok, events):
    invitation, token = invite(by=by(nok))
    accept(token, person("Ben"))
    assert revoke_invitation(invitation, by=by(nok)).state == "used"


def test_member_revoking_an_invitation_is_forbidden(nok, ben):
    invitation, _token = invite(by=by(nok))
    with pytest.raises(Forbidden):
        revoke_invitation(invitation, by=by(ben))


def test_invitation_expires_after_seven_days(nok, monkeypatch):
    invitation, token = invite(by=by(nok))
    monkeypatch.setattr(timezone, "now", lambda: invitation.expires_at - timedelta(seconds=1))
    assert invitation.state == "open"
    monkeypatch.setattr(timezone, "now", lambda: invitation.expires_at)
    with pytest.raises(ActionError, match="expired"):
        accept(token, person("Ben"))


@pytest.mark.parametrize("token", ["", "nonsense", "ไม่ใช่", "\ud800"])
def test_unknown_token_is_rejected(nok, token):
    with pytest.raises(ActionError, match="isn.t an invitation link"):
        accept(token, person("Ben"))


def test_former_member_can_be_invited_again(nok, ben):
    remove_member(ben, by=by(nok))
    _invitation, token = invite(by=by(nok))
    assert accept(token, ben.user).home == nok.home


@pytest.mark.django_db(transaction=True)
def test_concurrent_accepts_of_one_invitation_admit_one_person(nok):
    _invitation, token = invite(by=by(nok))

    def try_to_accept(user):
        try:
            return accept(token, user).user
        except ActionError:
            return None

    users = [person(f"User {number}") for number in range(8)]
    assert run_concurrently(*[partial(try_to_accept, user) for user in users]).count(None) == 7
    assert Membership.objects.filter(home=nok.home).count() == 2


@pytest.mark.django_db(transaction=True)
def test_members_joining_concurrently_get_distinct_numbers(nok):
    run_concurrently(*[partial(move_in, nok, name) for name in ("Ben", "Ploy", "Som", "Lek")])
    numbers = Membership.objects.filter(home=nok.home).values_list("number", flat=True)
    assert sorted(numbers) == [1, 2, 3, 4, 5]
