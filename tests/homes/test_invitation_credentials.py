"""An invitation ends with the sign-ins of whoever made it, and with the API token that it was made with."""

import re
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from homes.accounts.actions import create_api_token, deactivate, end_sign_ins, revoke_api_token
from homes.accounts.api.jwt import tokens_for
from homes.accounts.models import ApiToken, User
from homes.actions import accept_invitation, invite
from homes.events.models import Origin
from homes.models import Invitation, Membership
from pantry.errors import ActionError
from tests.api.client import ApiClient
from tests.factories import by, person, sign_in
from tests.homes.test_account_security import (
    change_password,
    change_password_by_command,
    page_sign_in,
    reset_password,
    turn_on_second_step,
)

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def nok(nok: Membership) -> Membership:
    EmailAddress.objects.create(user=nok.user, email=nok.user.email, primary=True)
    return nok


def with_session(nok: Membership) -> str:
    page = sign_in(nok).post(f"/h/{nok.home_id}/home/invite/", {"email": "", "role": "member"})
    link = re.search(r"/join/([\w-]+)/", page.text)
    assert link is not None
    return link[1]


def with_key(nok: Membership, key: str, path: str = "invitations") -> str:
    response = ApiClient(nok, token=key).post(path, {})
    assert response.status_code == 201, response.text
    return str(response.json()["token"])


def with_jwt(nok: Membership) -> str:
    return with_key(nok, tokens_for(nok.user, nok)["token"])


def with_token(nok: Membership) -> str:
    return with_key(nok, create_api_token(nok.user, "Display", ["admin"])[1])


def with_token_of_the_home(nok: Membership) -> str:
    return with_key(nok, create_api_token(nok.user, "Display", ["admin"], home=nok.home)[1])


def with_token_as_members(nok: Membership) -> str:
    return with_key(nok, create_api_token(nok.user, "Display", ["read", "admin"])[1], "members")


WITH_TOKENS = [with_token, with_token_of_the_home, with_token_as_members]
WAYS_TO_INVITE = [with_session, with_jwt, *WITH_TOKENS]


def sign_out_everywhere(nok: Membership) -> None:
    assert page_sign_in().post("/me/security/sign-out/").status_code == 302


def deactivate_account(nok: Membership) -> None:
    deactivate(User.objects.get(pk=nok.user_id))


WAYS_TO_END_SIGN_INS = [
    change_password,
    change_password_by_command,
    reset_password,
    turn_on_second_step,
    sign_out_everywhere,
    deactivate_account,
]


def revoke_on_the_page(nok: Membership, token: ApiToken) -> None:
    assert page_sign_in().post(f"/me/security/tokens/{token.pk}/revoke/").status_code == 302


def revoke_by_api(nok: Membership, token: ApiToken) -> None:
    assert ApiClient(nok).delete(f"/auth/tokens/{token.pk}").status_code == 204


def assert_lets_nobody_in(token: str) -> None:
    som = person("Som")
    with pytest.raises(ActionError, match="revoked"):
        accept_invitation(token, som, origin=Origin.BROWSER)
    assert Client().get(f"/join/{token}/").status_code == 410
    assert sign_in(Membership(user=som)).post(f"/join/{token}/").status_code == 410
    api = ApiClient(token=tokens_for(som, None)["token"])
    assert api.post(f"/invitations/{token}/accept").status_code == 400
    assert not Membership.objects.filter(user=som).exists()


def assert_lets_in(token: str) -> None:
    assert accept_invitation(token, person("Som"), origin=Origin.BROWSER)


@pytest.mark.parametrize("end", WAYS_TO_END_SIGN_INS)
@pytest.mark.parametrize("make", WAYS_TO_INVITE)
def test_ending_the_sign_ins_revokes_invitations(
    nok: Membership, make: Callable[[Membership], str], end: Callable[[Membership], object]
) -> None:
    token = make(nok)
    end(nok)
    assert_lets_nobody_in(token)


@pytest.mark.parametrize("revoke", [revoke_on_the_page, revoke_by_api])
@pytest.mark.parametrize("make", WITH_TOKENS)
def test_revoking_a_token_revokes_its_invitations(
    nok: Membership, make: Callable[[Membership], str], revoke: Callable[[Membership, ApiToken], None]
) -> None:
    token = make(nok)
    revoke(nok, ApiToken.objects.get())
    assert_lets_nobody_in(token)


@pytest.mark.parametrize("make", WAYS_TO_INVITE)
def test_revoking_another_token_keeps_invitations(nok: Membership, make: Callable[[Membership], str]) -> None:
    other, _key = create_api_token(nok.user, "Other", ["admin"])
    token = make(nok)
    revoke_api_token(other)
    assert_lets_in(token)


@pytest.mark.parametrize("make", WAYS_TO_INVITE)
def test_signing_out_keeps_invitations(nok: Membership, make: Callable[[Membership], str]) -> None:
    token = make(nok)
    page_sign_in().post("/accounts/logout/")
    assert_lets_in(token)


def test_ending_the_sign_ins_keeps_invitations_of_others_and_later_ones(nok: Membership, ben: Membership) -> None:
    token = with_session(nok)
    end_sign_ins(ben.user)
    assert_lets_in(token)
    end_sign_ins(nok.user)
    later = with_session(Membership.objects.get(pk=nok.pk))
    assert accept_invitation(later, person("Lek"), origin=Origin.BROWSER)


def test_request_that_was_authenticated_before_the_sign_ins_ended_invites_nobody(nok: Membership) -> None:
    end_sign_ins(User.objects.get(pk=nok.user_id))
    _invitation, token = invite(by=by(nok))
    assert_lets_nobody_in(token)


@pytest.mark.parametrize("make", WITH_TOKENS)
def test_lists_of_invitations_tell_which_ones_are_revoked(nok: Membership, make: Callable[[Membership], str]) -> None:
    make(nok)
    other = with_session(nok)
    revoke_api_token(ApiToken.objects.get())

    states = [row["state"] for row in ApiClient(nok).get("invitations").json()["results"]]
    assert states == ["open", "revoked"]
    page = sign_in(nok).get(f"/h/{nok.home_id}/home/").text
    pages = {each.token_hash: f"invitation-{each.pk}" in page for each in Invitation.objects.all()}
    assert pages.pop(Invitation.hash_token(other)) is True
    assert list(pages.values()) == [False]
