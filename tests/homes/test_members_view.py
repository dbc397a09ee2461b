import re

import pytest
from django.test import Client

from homes.actions import change_role, invite
from homes.models import Invitation, Membership, Role
from tests.factories import by


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/home/"


# Inviting


def test_owner_can_create_a_link_that_is_shown_once(url, nok, mai, sign_in):
    client = sign_in(nok)
    page = client.post(f"{url}invite/", {"email": "ben@example.com", "role": "member"})
    link = re.search(r'value="http://testserver(/join/[\w-]+/)"', page.text)
    assert link
    assert link[1] not in client.get(url).text
    assert "ben@example.com" in client.get(url).text
    assert sign_in(mai).post(link[1]).url == f"/h/{nok.home_id}/"


def test_member_inviting_sees_an_error(url, nok, ben, sign_in):
    client = sign_in(ben)
    client.post(f"{url}invite/", {"role": "owner"})
    assert "Only an owner can invite people. Ask Nok." in client.get(url).text
    assert not Invitation.objects.filter(accepted_at=None).exists()


@pytest.mark.parametrize(
    "invalid", [{"role": "king"}, {"role": ""}, {"email": "x" * 5000}, {"email": "no\x00@example.com"}]
)
def test_invalid_invitation_shows_an_error(url, nok, sign_in, invalid):
    page = sign_in(nok).post(f"{url}invite/", {"email": "", "role": "member", **invalid})
    assert page.status_code == 422
    assert "field__error" in page.text
    assert not Invitation.objects.exists()


def test_owner_can_revoke_an_invitation(url, nok, sign_in, events):
    invitation, _token = invite(by=by(nok))
    client = sign_in(nok)
    for _twice in range(2):
        assert client.post(f"{url}invitations/{invitation.pk}/revoke/").url == url
    invitation.refresh_from_db()
    assert invitation.state == "revoked"
    assert events(nok.home) == ["invitation_created", "invitation_revoked"]


def test_member_cannot_revoke_an_invitation(url, nok, ben, sign_in):
    invitation, _token = invite(by=by(nok))
    sign_in(ben).post(f"{url}invitations/{invitation.pk}/revoke/")
    invitation.refresh_from_db()
    assert invitation.state == "open"


def test_revoking_an_invitation_of_another_home_returns_404(url, nok, mai, sign_in):
    invitation, _token = invite(by=by(mai))
    assert sign_in(nok).post(f"{url}invitations/{invitation.pk}/revoke/").status_code == 404


# Roles


def test_owner_can_make_a_member_an_owner(url, nok, ben, sign_in, events):
    assert sign_in(nok).post(f"{url}members/{ben.pk}/role/", {"role": "owner"}).url == url
    ben.refresh_from_db()
    assert ben.role == Role.OWNER
    assert events(nok.home) == ["member_updated"]


def test_member_changing_a_role_sees_an_error(url, ben, sign_in):
    client = sign_in(ben)
    client.post(f"{url}members/{ben.pk}/role/", {"role": "owner"})
    ben.refresh_from_db()
    assert ben.role == Role.MEMBER
    assert "Only an owner can change roles." in client.get(url).text


def test_last_owner_becoming_a_member_sees_an_error(url, nok, ben, sign_in):
    client = sign_in(nok)
    client.post(f"{url}members/{nok.pk}/role/", {"role": "member"})
    assert "A home needs an owner." in client.get(url).text
    nok.refresh_from_db()
    assert nok.is_owner


def test_unknown_role_shows_an_error(url, nok, ben, sign_in):
    client = sign_in(nok)
    for invalid in ({"role": "king"}, {"role": "\x00"}, {}):
        client.post(f"{url}members/{ben.pk}/role/", invalid)
        assert "Role must be owner or member." in client.get(url).text


# Removing


def test_owner_can_remove_a_member_after_confirming(url, nok, ben, sign_in, events):
    client = sign_in(nok)
    assert "Remove Ben?" in client.get(f"{url}members/{ben.pk}/remove/").text
    assert events(nok.home) == []
    assert client.post(f"{url}members/{ben.pk}/remove/").url == url
    assert events(nok.home) == ["member_left"]
    assert sign_in(ben).get(url).status_code == 404


def test_member_removing_someone_sees_an_error(url, ben, ploy, sign_in):
    client = sign_in(ben)
    client.post(f"{url}members/{ploy.pk}/remove/")
    assert Membership.objects.filter(pk=ploy.pk).exists()
    assert "Only an owner can remove a member. Ask Nok." in client.get(url).text


def test_removing_oneself_redirects_to_leave(url, nok, sign_in):
    assert sign_in(nok).post(f"{url}members/{nok.pk}/remove/").url == f"{url}leave/"


def test_member_of_another_home_returns_404(url, nok, mai, sign_in):
    for path in ("remove", "role"):
        assert sign_in(nok).post(f"{url}members/{mai.pk}/{path}/", {"role": "member"}).status_code == 404


# Leaving


def test_member_can_leave_after_confirming(url, nok, ben, sign_in, events):
    client = sign_in(ben)
    assert "Leave Apartment 42?" in client.get(f"{url}leave/").text
    assert client.post(f"{url}leave/").url == "/"
    assert events(nok.home) == ["member_left"]
    assert client.get("/").url == "/homes/new/"
    assert "You left Apartment 42." in client.get("/homes/new/").text


def test_last_owner_leaving_sees_an_error(url, nok, ben, sign_in):
    client = sign_in(nok)
    assert client.post(f"{url}leave/").url == url
    assert "A home needs an owner." in client.get(url).text
    assert Membership.objects.filter(pk=nok.pk).exists()


def test_owner_can_leave_if_there_is_another_owner(url, nok, ben, sign_in):
    change_role(ben, Role.OWNER, by=by(nok))
    sign_in(nok).post(f"{url}leave/")
    assert not Membership.objects.filter(pk=nok.pk).exists()


# Access


@pytest.mark.parametrize("path", ["invite/", "leave/", "members/{ben}/role/", "members/{ben}/remove/"])
def test_member_urls_return_404_to_non_members(url, ben, mai, sign_in, path):
    assert sign_in(mai).post(url + path.format(ben=ben.pk), {"role": "member"}).status_code == 404


@pytest.mark.parametrize("path", ["invite/", "leave/", "members/{ben}/role/", "members/{ben}/remove/"])
def test_member_urls_redirect_anonymous_users_to_sign_in(url, ben, path):
    response = Client().post(url + path.format(ben=ben.pk), {"role": "member"})
    assert response.url.startswith("/accounts/login/")
