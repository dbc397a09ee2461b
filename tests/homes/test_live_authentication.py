"""Authentication of live connections with every kind of credential."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework_simplejwt.tokens import AccessToken

from homes.accounts.actions import create_api_token
from homes.accounts.api.jwt import revoke_family, tokens_for
from homes.actions import remove_member
from homes.live.authentication import authenticate
from tests.factories import by, sign_in


def scope(token=None, session=None):
    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    headers += [(b"cookie", f"theme=dark; sessionid={session}".encode())] if session else []
    where = {"path": "/", "query_string": b"", "client": ("127.0.0.1", 50000), "server": ("testserver", 80)}
    return {"type": "websocket", "headers": headers, **where}


def jwt_of(member):
    return tokens_for(member.user, member)["token"]


def session_of(member):
    return sign_in(member).session.session_key


def signed_out_jwt(member):
    token = jwt_of(member)
    revoke_family(AccessToken(token))
    return token


def personal_token(member, scope):
    return create_api_token(member.user, name="Display", scopes=[scope])[1]


VALID = {
    "a JWT": lambda nok, ben, mai: (nok, scope(jwt_of(nok))),
    "a session": lambda nok, ben, mai: (nok, scope(session=session_of(nok))),
    "another member's JWT": lambda nok, ben, mai: (ben, scope(jwt_of(ben))),
    "another member's session": lambda nok, ben, mai: (ben, scope(session=session_of(ben))),
    "a personal token": lambda nok, ben, mai: (nok, scope(personal_token(nok, "read"))),
}
INVALID = {
    "a personal token that may not read": (PermissionDenied, lambda nok, mai: scope(personal_token(nok, "write"))),
    "a signed out JWT": (AuthenticationFailed, lambda nok, mai: scope(signed_out_jwt(nok))),
    "a forged JWT": (AuthenticationFailed, lambda nok, mai: scope(jwt_of(nok)[:-4] + "AAAA")),
    "no token": (AuthenticationFailed, lambda nok, mai: scope("x")),
    "a stranger's JWT": (PermissionDenied, lambda nok, mai: scope(jwt_of(mai))),
    "a stranger's session": (PermissionDenied, lambda nok, mai: scope(session=session_of(mai))),
    "an unknown session": (NotAuthenticated, lambda nok, mai: scope(session="a" * 32)),
    "a cookie with a NUL": (NotAuthenticated, lambda nok, mai: scope(session='"aaaaaaaa\\000"')),
    "nothing": (NotAuthenticated, lambda nok, mai: scope()),
}


@pytest.mark.parametrize("kind", VALID)
def test_authenticating_with_a_valid_credential_returns_its_user(nok, ben, mai, kind):
    member, presented = VALID[kind](nok, ben, mai)
    session = authenticate(presented, nok.home_id)
    assert (session.home_id, session.user_id) == (nok.home_id, member.user_id)
    assert session.current_member()[0] == member


@pytest.mark.parametrize("kind", INVALID)
def test_authenticating_with_an_invalid_credential_is_refused(nok, mai, kind):
    error, presented = INVALID[kind]
    with pytest.raises(error):
        authenticate(presented(nok, mai), nok.home_id)


@pytest.mark.parametrize(("kind", "count"), [("a JWT", 3), ("a session", 2), ("a personal token", 2)])
def test_authenticating_again_costs_two_or_three_queries(nok, kind, count):
    _member, presented = VALID[kind](nok, None, None)
    authenticate(presented, nok.home_id)  # notes when the token was last used
    with CaptureQueriesContext(connection) as queries:
        authenticate(presented, nok.home_id)
    assert len(queries) == count


def test_a_member_of_one_home_is_refused_by_another(nok, mai):
    for member, other in ((nok, mai), (mai, nok)):
        authenticate(scope(jwt_of(member)), member.home_id)
        with pytest.raises(PermissionDenied):
            authenticate(scope(jwt_of(member)), other.home_id)


def test_a_removed_member_is_refused_and_so_is_their_open_session(nok, ben):
    presented = scope(jwt_of(ben))
    session = authenticate(presented, nok.home_id)
    remove_member(ben, by=by(nok))
    for attempt in (lambda: authenticate(presented, nok.home_id), session.current_member):
        with pytest.raises(APIException) as refusal:
            attempt()
        assert refusal.value.status_code == 403


@pytest.mark.django_db
def test_a_page_requested_with_a_nul_in_its_cookie_is_answered(client):
    client.cookies["sessionid"] = "aaaaaaaa\0"
    assert client.get("/").status_code in (200, 302)
