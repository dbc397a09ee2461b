from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from homes.actions import invite, revoke_invitation
from homes.models import Invitation, Membership
from tests.cast import by


@pytest.fixture
def invited(nok):
    """An open invitation of Nok's, and its token."""
    return invite(by=by(nok))


def test_it_works(nok, mai, invited, sign_in, events):
    client = sign_in(mai)
    page = client.get(f"/join/{invited[1]}/")
    assert "Nok invited you to join" in page.text
    assert "Apartment 42" in page.text
    response = client.post(f"/join/{invited[1]}/")
    assert response.url == f"/h/{nok.home_id}/"
    assert Membership.objects.get(user=mai.user, home=nok.home).role == "member"
    assert events(nok.home) == ["member_joined", "invitation_accepted"]


def test_it_shows_who_invites_before_one_signs_in(invited):
    page = Client().get(f"/join/{invited[1]}/")
    assert "Nok invited you to join" in page.text
    assert f"/accounts/login/?next=/join/{invited[1]}/" in page.text


def test_joining_asks_to_sign_in(invited):
    response = Client().post(f"/join/{invited[1]}/")
    assert response.url == f"/accounts/login/?next=/join/{invited[1]}/"
    assert Invitation.objects.get().state == "open"


def test_the_title_does_not_tell_the_token(invited):
    page = Client().get(f"/join/{invited[1]}/").text
    assert invited[1] not in page[: page.index("</title>")]


def test_a_member_is_led_home(nok, ben, invited, sign_in):
    assert sign_in(ben).get(f"/join/{invited[1]}/").url == f"/h/{nok.home_id}/"
    assert Invitation.objects.get(pk=invited[0].pk).state == "open"


def test_who_came_in_by_it_is_led_home_ever_after(nok, mai, invited, sign_in):
    client = sign_in(mai)
    client.post(f"/join/{invited[1]}/")
    assert client.get(f"/join/{invited[1]}/").url == f"/h/{nok.home_id}/"
    assert client.post(f"/join/{invited[1]}/").url == f"/h/{nok.home_id}/"
    assert Membership.objects.filter(home=nok.home, user=mai.user).count() == 1


def refused(client, token, sentence):
    page, answer = client.get(f"/join/{token}/"), client.post(f"/join/{token}/")
    assert sentence in page.text
    assert sentence in answer.text
    assert "Apartment 42" not in page.text
    return page.status_code, answer.status_code


def test_a_used_one_lets_nobody_else_in(nok, ben, mai, invited, sign_in):
    Invitation.objects.filter(pk=invited[0].pk).update(accepted_at=timezone.now(), accepted_by=ben.user)
    assert refused(sign_in(mai), invited[1], "This invitation has already been used.") == (410, 410)


def test_a_revoked_one_lets_nobody_in(nok, mai, invited, sign_in):
    revoke_invitation(invited[0], by=by(nok))
    assert refused(sign_in(mai), invited[1], "This invitation was revoked.") == (410, 410)


def test_an_expired_one_lets_nobody_in(mai, invited, sign_in):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refused(sign_in(mai), invited[1], "This invitation has expired.") == (410, 410)


@pytest.mark.parametrize("token", ["nonsense", "%00", "🍚", "' OR 1=1--", "x" * 2000])
def test_an_unknown_one_lets_nobody_in(mai, sign_in, token):
    assert refused(sign_in(mai), token, "Did you copy all of it?") == (404, 410)


def test_a_pasted_link_leads_to_its_invitation(invited):
    for pasted in (
        f"http://testserver/join/{invited[1]}/",
        f"  http://testserver/join/{invited[1]} ",
        f"http://testserver/join/{invited[1]}/?from=chat",
        invited[1],
    ):
        assert Client().post("/join/", {"invitation": pasted}).url == f"/join/{invited[1]}/"


@pytest.mark.parametrize("pasted", ["", "hello", "http://testserver/join/", "\x00", "x" * 5000, "https://a b/ c"])
def test_what_is_no_link_is_told(db, pasted):
    page = Client().post("/join/", {"invitation": pasted})
    assert page.status_code == 422
    assert "field__error" in page.text
