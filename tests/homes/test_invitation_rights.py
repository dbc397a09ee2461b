"""An invitation is worth what its maker may do now, not what they could do when they made it."""

import pytest
from django.test import Client

from homes.accounts.models import User
from homes.actions import accept_invitation, change_role, invite, remove_member
from homes.events.models import Origin
from homes.models import Invitation, Membership
from pantry.errors import ActionError
from tests.api.client import ApiClient
from tests.factories import by, person, sign_in

pytestmark = pytest.mark.both_databases


def accept(token, user):
    return accept_invitation(token, user, origin=Origin.BROWSER)


@pytest.fixture
def ben(nok, ben):
    """Ben is an owner, too."""
    return change_role(ben, "owner", by=by(nok))


def remove(nok, ben):
    remove_member(ben, by=by(nok))


def leave(nok, ben):
    remove_member(ben, by=by(ben))


def demote(nok, ben):
    change_role(ben, "member", by=by(nok))


def demote_oneself(nok, ben):
    change_role(ben, "member", by=by(ben))


def close_account(nok, ben):
    User.objects.filter(pk=ben.user_id).update(is_active=False)


def remove_behind_the_actions(nok, ben):
    """As a restored backup would; the invitation is still open."""
    Membership.objects.filter(pk=ben.pk).delete()


LOSSES = [remove, leave, demote, demote_oneself, close_account, remove_behind_the_actions]


@pytest.mark.parametrize("role", ["owner", "member"])
@pytest.mark.parametrize("lose_rights", LOSSES)
def test_invitations_of_whoever_may_not_invite_any_more_are_void(nok, ben, lose_rights, role):
    _invitation, token = invite(by=by(ben), role=role)
    som = person("Som")
    lose_rights(nok, ben)
    before = Membership.objects.filter(home=nok.home).count()
    for user in (ben.user, som):
        if not Membership.objects.filter(home=nok.home, user=user).exists():
            with pytest.raises(ActionError, match="revoked"):
                accept(token, user)
    page = Client().get(f"/join/{token}/")
    assert (page.status_code, "was revoked" in page.text) == (410, True)
    assert sign_in(Membership(user=som)).post(f"/join/{token}/").status_code == 410
    answer = ApiClient(token=_jwt(som)).post(f"/invitations/{token}/accept")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "refused")
    assert Membership.objects.filter(home=nok.home).count() == before


def _jwt(user):
    from homes.accounts.api.jwt import tokens_for

    return tokens_for(user, None)["token"]


@pytest.mark.parametrize("lose_rights", [remove, leave, demote, demote_oneself])
def test_losing_rights_revokes_the_open_invitations_and_no_others(nok, ben, events, lose_rights):
    noks, _token = invite(by=by(nok))
    used, token = invite(by=by(ben))
    accept(token, person("Som"))
    open_ones = [invite(by=by(ben))[0] for _invitation in range(2)]
    before = len(events(nok.home))
    lose_rights(nok, ben)
    assert events(nok.home)[before:].count("invitation_revoked") == 2
    states = {invitation.pk: invitation.state for invitation in Invitation.objects.filter(home=nok.home)}
    assert (states[noks.pk], states[used.pk]) == ("open", "used")
    assert {states[invitation.pk] for invitation in open_ones} == {"revoked"}


def test_revoked_invitation_stays_revoked_when_its_maker_is_an_owner_again(nok, ben):
    _invitation, token = invite(by=by(ben))
    demote(nok, ben)
    change_role(Membership.objects.get(pk=ben.pk), "owner", by=by(nok))
    with pytest.raises(ActionError, match="revoked"):
        accept(token, person("Som"))


def test_promoting_a_member_or_removing_another_keeps_invitations(nok, ben, ploy):
    _invitation, token = invite(by=by(ben))
    change_role(ploy, "owner", by=by(nok))
    remove_member(ploy, by=by(nok))
    assert accept(token, person("Som")).home == nok.home


def test_api_says_that_the_email_of_an_invitation_does_not_bind_it(nok):
    _invitation, token = invite(by=by(nok), email="ben@example.com")
    assert accept(token, person("Som")).home == nok.home
    from tests.api.client import schema

    for name in ("NewInvitationRequest", "NewInvitation", "Invitation"):
        if field := schema()["components"]["schemas"].get(name):
            assert "whoever has the link can use it" in field["properties"]["email"]["description"]
            break
    else:
        raise AssertionError("no schema of invitations")
