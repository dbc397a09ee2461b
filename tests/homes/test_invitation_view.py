from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from homes.actions import invite, revoke_invitation
from homes.models import Invitation, Membership
from tests.factories import by


@pytest.fixture
def invitation(nok):
    """Return an open invitation by Nok, with its `token`."""
    invitation, invitation.token = invite(by=by(nok))
    return invitation


def test_accepting_an_invitation_joins_the_home(nok, mai, invitation, sign_in, events):
    client = sign_in(mai)
    page = client.get(f"/join/{invitation.token}/")
    assert "Nok invited you to join" in page.text
    assert "Apartment 42" in page.text
    response = client.post(f"/join/{invitation.token}/")
    assert response.url == f"/h/{nok.home_id}/"
    assert Membership.objects.get(user=mai.user, home=nok.home).role == "member"
    assert events(nok.home) == ["member_joined", "invitation_accepted"]


def test_invitation_page_shows_the_inviter_to_anonymous_users(invitation):
    page = Client().get(f"/join/{invitation.token}/")
    assert "Nok invited you to join" in page.text
    assert f"/accounts/login/?next=/join/{invitation.token}/" in page.text


def test_accepting_anonymously_redirects_to_sign_in(invitation):
    response = Client().post(f"/join/{invitation.token}/")
    assert response.url == f"/accounts/login/?next=/join/{invitation.token}/"
    assert Invitation.objects.get().state == "open"


def test_page_title_does_not_contain_the_token(invitation):
    page = Client().get(f"/join/{invitation.token}/").text
    assert invitation.token not in page[: page.index("</title>")]


def test_invitation_redirects_members_to_the_home(nok, ben, invitation, sign_in):
    assert sign_in(ben).get(f"/join/{invitation.token}/").url == f"/h/{nok.home_id}/"
    assert Invitation.objects.get(pk=invitation.pk).state == "open"


def test_used_invitation_redirects_the_person_who_used_it_to_the_home(nok, mai, invitation, sign_in):
    client = sign_in(mai)
    client.post(f"/join/{invitation.token}/")
    assert client.get(f"/join/{invitation.token}/").url == f"/h/{nok.home_id}/"
    assert client.post(f"/join/{invitation.token}/").url == f"/h/{nok.home_id}/"
    assert Membership.objects.filter(home=nok.home, user=mai.user).count() == 1


def open_invalid_link(client, token, message):
    """Return the status codes of GET and POST, which must both show the message."""
    page, response = client.get(f"/join/{token}/"), client.post(f"/join/{token}/")
    assert message in page.text
    assert message in response.text
    assert "Apartment 42" not in page.text
    return page.status_code, response.status_code


def test_used_invitation_cannot_be_accepted_by_someone_else(nok, ben, mai, invitation, sign_in):
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now(), accepted_by=ben.user)
    assert open_invalid_link(sign_in(mai), invitation.token, "This invitation has already been used.") == (410, 410)


def test_revoked_invitation_cannot_be_accepted(nok, mai, invitation, sign_in):
    revoke_invitation(invitation, by=by(nok))
    assert open_invalid_link(sign_in(mai), invitation.token, "This invitation was revoked.") == (410, 410)


def test_expired_invitation_cannot_be_accepted(mai, invitation, sign_in):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert open_invalid_link(sign_in(mai), invitation.token, "This invitation has expired.") == (410, 410)


@pytest.mark.parametrize("token", ["nonsense", "%00", "🍚", "' OR 1=1--", "x" * 2000])
def test_unknown_invitation_cannot_be_accepted(mai, sign_in, token):
    assert open_invalid_link(sign_in(mai), token, "Did you copy all of it?") == (404, 410)


def test_pasted_link_redirects_to_its_invitation(invitation):
    for pasted in (
        f"http://testserver/join/{invitation.token}/",
        f"  http://testserver/join/{invitation.token} ",
        f"http://testserver/join/{invitation.token}/?from=chat",
        invitation.token,
    ):
        assert Client().post("/join/", {"invitation": pasted}).url == f"/join/{invitation.token}/"


@pytest.mark.parametrize("pasted", ["", "hello", "http://testserver/join/", "\x00", "x" * 5000, "https://a b/ c"])
def test_pasting_an_invalid_link_shows_an_error(db, pasted):
    page = Client().post("/join/", {"invitation": pasted})
    assert page.status_code == 422
    assert "field__error" in page.text
