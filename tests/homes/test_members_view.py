import re

import pytest
from django.test import Client

from homes.actions import change_role, invite
from homes.models import Invitation, Membership, Role
from tests.cast import by


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/home/"


# Inviting


def test_an_owner_makes_a_link_that_is_shown_once(url, nok, mai, sign_in):
    client = sign_in(nok)
    page = client.post(f"{url}invite/", {"email": "ben@example.com", "role": "member"})
    link = re.search(r'value="http://testserver(/join/[\w-]+/)"', page.text)
    assert link
    assert link[1] not in client.get(url).text
    assert "ben@example.com" in client.get(url).text
    assert sign_in(mai).post(link[1]).url == f"/h/{nok.home_id}/"


def test_a_member_makes_no_link(url, nok, ben, sign_in):
    client = sign_in(ben)
    client.post(f"{url}invite/", {"role": "owner"})
    assert "Only an owner can invite people. Ask Nok." in client.get(url).text
    assert not Invitation.objects.filter(accepted_at=None).exists()


@pytest.mark.parametrize(
    "wrong", [{"role": "king"}, {"role": ""}, {"email": "x" * 5000}, {"email": "no\x00@example.com"}]
)
def test_a_wrong_invitation_is_told(url, nok, sign_in, wrong):
    page = sign_in(nok).post(f"{url}invite/", {"email": "", "role": "member", **wrong})
    assert page.status_code == 422
    assert "field__error" in page.text
    assert not Invitation.objects.exists()


def test_an_owner_takes_an_invitation_back(url, nok, sign_in, events):
    invitation, _token = invite(by=by(nok))
    client = sign_in(nok)
    for _twice in range(2):
        assert client.post(f"{url}invitations/{invitation.pk}/revoke/").url == url
    invitation.refresh_from_db()
    assert invitation.state == "revoked"
    assert events(nok.home) == ["invitation_created", "invitation_revoked"]


def test_a_member_takes_none_back(url, nok, ben, sign_in):
    invitation, _token = invite(by=by(nok))
    sign_in(ben).post(f"{url}invitations/{invitation.pk}/revoke/")
    invitation.refresh_from_db()
    assert invitation.state == "open"


def test_an_invitation_of_another_home_is_not_there(url, nok, mai, sign_in):
    invitation, _token = invite(by=by(mai))
    assert sign_in(nok).post(f"{url}invitations/{invitation.pk}/revoke/").status_code == 404


# Roles


def test_an_owner_makes_another(url, nok, ben, sign_in, events):
    assert sign_in(nok).post(f"{url}members/{ben.pk}/role/", {"role": "owner"}).url == url
    ben.refresh_from_db()
    assert ben.role == Role.OWNER
    assert events(nok.home) == ["member_updated"]


def test_a_member_makes_no_owner(url, ben, sign_in):
    client = sign_in(ben)
    client.post(f"{url}members/{ben.pk}/role/", {"role": "owner"})
    ben.refresh_from_db()
    assert ben.role == Role.MEMBER
    assert "Only an owner can change roles." in client.get(url).text


def test_a_home_keeps_an_owner(url, nok, ben, sign_in):
    client = sign_in(nok)
    client.post(f"{url}members/{nok.pk}/role/", {"role": "member"})
    assert "A home needs an owner." in client.get(url).text
    nok.refresh_from_db()
    assert nok.is_owner


def test_there_is_no_third_role(url, nok, ben, sign_in):
    client = sign_in(nok)
    for wrong in ({"role": "king"}, {"role": "\x00"}, {}):
        client.post(f"{url}members/{ben.pk}/role/", wrong)
        assert "Role must be owner or member." in client.get(url).text


# Removing


def test_an_owner_removes_a_member_after_being_asked(url, nok, ben, sign_in, events):
    client = sign_in(nok)
    assert "Remove Ben?" in client.get(f"{url}members/{ben.pk}/remove/").text
    assert events(nok.home) == []
    assert client.post(f"{url}members/{ben.pk}/remove/").url == url
    assert events(nok.home) == ["member_left"]
    assert sign_in(ben).get(url).status_code == 404


def test_a_member_removes_nobody(url, ben, ploy, sign_in):
    client = sign_in(ben)
    client.post(f"{url}members/{ploy.pk}/remove/")
    assert Membership.objects.filter(pk=ploy.pk).exists()
    assert "Only an owner can remove a member. Ask Nok." in client.get(url).text


def test_removing_oneself_is_leaving(url, nok, sign_in):
    assert sign_in(nok).post(f"{url}members/{nok.pk}/remove/").url == f"{url}leave/"


def test_a_member_of_another_home_is_not_there(url, nok, mai, sign_in):
    for path in ("remove", "role"):
        assert sign_in(nok).post(f"{url}members/{mai.pk}/{path}/", {"role": "member"}).status_code == 404


# Leaving


def test_a_member_leaves_after_being_asked(url, nok, ben, sign_in, events):
    client = sign_in(ben)
    assert "Leave Apartment 42?" in client.get(f"{url}leave/").text
    assert client.post(f"{url}leave/").url == "/"
    assert events(nok.home) == ["member_left"]
    assert client.get("/").url == "/homes/new/"
    assert "You left Apartment 42." in client.get("/homes/new/").text


def test_the_last_owner_stays(url, nok, ben, sign_in):
    client = sign_in(nok)
    assert client.post(f"{url}leave/").url == url
    assert "A home needs an owner." in client.get(url).text
    assert Membership.objects.filter(pk=nok.pk).exists()


def test_an_owner_leaves_when_there_is_another(url, nok, ben, sign_in):
    change_role(ben, Role.OWNER, by=by(nok))
    sign_in(nok).post(f"{url}leave/")
    assert not Membership.objects.filter(pk=nok.pk).exists()


# Doors


@pytest.mark.parametrize("path", ["invite/", "leave/", "members/{ben}/role/", "members/{ben}/remove/"])
def test_a_stranger_finds_nothing(url, ben, mai, sign_in, path):
    assert sign_in(mai).post(url + path.format(ben=ben.pk), {"role": "member"}).status_code == 404


@pytest.mark.parametrize("path", ["invite/", "leave/", "members/{ben}/role/", "members/{ben}/remove/"])
def test_it_asks_to_sign_in(url, ben, path):
    response = Client().post(url + path.format(ben=ben.pk), {"role": "member"})
    assert response.url.startswith("/accounts/login/")
