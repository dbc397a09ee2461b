import re
from datetime import timedelta

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core import mail
from django.utils import timezone
from rest_framework_simplejwt.tokens import RefreshToken

from homes.accounts.models import ApiToken, User
from homes.actions import remove_member
from tests.cast import by, found_home, person, sign_in

pytestmark = pytest.mark.both_databases

NOK = {"email": "nok@example.com", "password": "correct horse battery staple", "name": "Nok"}


# Signing up


def test_account_created_over_the_api_can_sign_in_on_the_web(program):
    program().post("/auth/signup", {**NOK, "email": "Nok@Example.com"})
    user = User.objects.get()
    assert (user.email, user.name, user.check_password(NOK["password"])) == ("nok@example.com", "Nok", True)
    assert EmailAddress.objects.filter(user=user, email="nok@example.com", primary=True).exists()


@pytest.mark.parametrize(
    "invalid",
    [{"email": "nok"}, {"email": None}, {"email": "a\x00@example.com"}, {"password": "12345678"}, {"password": ""}]
    + [{"password": "nok@example.com"}, {"name": ""}, {"name": "\u200b\x07"}, {"name": "x" * 81}, {"name": ["Nok"]}],
)
def test_sign_up_with_invalid_values_is_rejected(program, invalid):
    assert program().post("/auth/signup", {**NOK, **invalid}).status_code == 400
    assert not User.objects.exists()


def test_sign_up_with_mandatory_confirmation_sends_an_email_and_no_token(program, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    response = program().post("/users/signup", NOK)
    assert (response.status_code, response.json()["token"]) == (200, None)
    assert mail.outbox[0].to == ["nok@example.com"]
    assert program().post("/auth/login", NOK).json()["error"]["code"] == "unconfirmed"
    EmailAddress.objects.update(verified=True)
    assert program().post("/auth/login", NOK).status_code == 200


# Signing in


@pytest.mark.parametrize(
    "invalid", [{"password": "Correct horse battery staple"}, {"email": "ben@example.com"}, {"email": "nok\x00"}]
)
def test_wrong_email_and_wrong_password_get_the_same_error(program, invalid):
    person("Nok")
    response = program().post("/users/login", {**NOK, **invalid})
    assert response.status_code in (400, 401)
    assert "nok" not in response.text


def test_closed_account_cannot_sign_in(program):
    user = person("Nok")
    token = program().post("/auth/login", NOK).json()["token"]
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert program().post("/auth/login", NOK).status_code == 401
    assert program(token=token).get("/auth/me").status_code == 401


def test_sign_in_with_two_step_verification_requires_a_code(program):
    user = person("Nok")
    TOTP.activate(user, generate_totp_secret())
    codes = RecoveryCodes.activate(user)
    assert program().post("/auth/login", NOK).json()["error"]["code"] == "code_needed"
    assert program().post("/auth/login", {**NOK, "code": "000000"}).status_code == 401
    code = codes.get_unused_codes()[0]
    assert program().post("/auth/login", {**NOK, "code": code}).status_code == 200
    assert program().post("/auth/login", {**NOK, "code": code}).status_code == 401


# Tokens


def test_jwt_has_the_expected_claims_and_lifetime(program, nok):
    response = program().post("/auth/login", NOK).json()
    access, refresh = (jwt.decode(response[kind], options={"verify_signature": False}) for kind in ("token", "refresh"))
    assert (access["sub"], access["home_id"], access["role"]) == (str(nok.user_id), str(nok.home_id), "owner")
    assert access["exp"] - access["iat"] == 24 * 3600
    assert refresh["exp"] - refresh["iat"] == 7 * 24 * 3600


def test_refresh_token_works_once(program, nok):
    first = program().post("/auth/login", NOK).json()
    second = program().post("/auth/refresh", {"refresh": first["refresh"]}).json()
    assert program(token=second["token"]).get("/auth/me").status_code == 200
    assert program().post("/auth/refresh", {"refresh": first["refresh"]}).status_code == 401
    assert program().post("/auth/refresh", {"refresh": second["refresh"]}).status_code == 200


def test_refreshing_keeps_the_active_home(program, nok):
    hut = program(nok).post("/homes", {"name": "The hut"}).json()
    switched = program(nok).post("/auth/switch-home", {"home_id": hut["id"]}).json()
    pair = program().post("/auth/refresh", {"refresh": switched["refresh"]}).json()
    assert program(token=pair["token"]).get("/auth/me").json()["active_home"]["id"] == hut["id"]


def test_sign_out_revokes_both_tokens(program, nok):
    pair = program().post("/auth/login", NOK).json()
    me = program(token=pair["token"])
    assert me.post("/auth/logout", {"refresh": pair["refresh"]}).status_code == 204
    assert me.get("/auth/me").status_code == 401
    assert program().post("/auth/refresh", {"refresh": pair["refresh"]}).status_code == 401


def test_sign_out_cannot_revoke_another_users_refresh_token(program, nok, ben):
    pair = program().post("/auth/login", NOK).json()
    assert program(ben).post("/auth/logout", {"refresh": pair["refresh"]}).status_code == 204
    assert program().post("/auth/refresh", {"refresh": pair["refresh"]}).status_code == 200


def test_new_password_revokes_the_tokens(program, nok):
    pair = program().post("/auth/login", NOK).json()
    nok.user.set_password("another horse battery staple")
    nok.user.save()
    assert program(token=pair["token"]).get("/auth/me").status_code == 401
    assert program().post("/auth/refresh", {"refresh": pair["refresh"]}).status_code == 401


def forged_claims(member, **claims):
    """Return the claims of a JWT that the server did not issue."""
    now = int(timezone.now().timestamp())
    fixed = {"token_type": "access", "exp": now + 600, "iat": now, "jti": "a" * 32, "sub": str(member.user_id)}
    return {**fixed, **claims}


def test_forged_tokens_are_rejected(program, nok):
    refresh = str(RefreshToken.for_user(nok.user))
    key = settings.SIMPLE_JWT["SIGNING_KEY"]
    for token in (
        "",
        "x",
        "pp_unknown",
        "é" * 10,
        "a.b.c",
        refresh,
        jwt.encode(forged_claims(nok), "k" * 64),
        jwt.encode(forged_claims(nok), None, algorithm="none"),
        jwt.encode(forged_claims(nok), key),  # without the mark of the password
        jwt.encode(forged_claims(nok, exp=1), key),
    ):
        response = program(nok, token=token or " ").get("lists")
        assert response.status_code == 401, (token, response.text)
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_removed_member_is_refused_at_the_next_request(program, nok, ben):
    me = program(ben)
    assert me.get("lists").status_code == 200
    remove_member(ben, by=by(nok))
    assert me.get("lists").status_code == 403
    assert me.get("/auth/me").json()["active_home"] is None


def test_role_claim_of_a_token_grants_no_rights(program, nok, ben):
    """Ben was an owner when the token was issued."""
    me = program(ben)
    response = me.patch(f"/homes/{nok.home_id}", {"name": "Ben's"})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "not_allowed")


# Personal tokens


@pytest.fixture
def create_key(program, nok):
    def make(*scopes, **fields):
        response = program(nok).post("/auth/tokens", {"name": "Display", "scopes": list(scopes), **fields})
        assert response.status_code == 201
        return response.json()["key"]

    return make


def test_personal_token_is_shown_once(program, nok, create_key):
    secret = create_key("read")
    assert re.fullmatch(r"pp_[\w-]{43}", secret)
    listed = program(nok).get("/auth/tokens")
    assert secret not in listed.text
    assert (listed.json()["results"][0]["prefix"], listed.json()["results"][0]["scopes"]) == (secret[:8], ["read"])
    assert ApiToken.objects.get().key_hash != secret


@pytest.mark.parametrize(
    ("scope", "read", "write", "say", "rename"),
    [("read", 200, 403, 403, 403), ("write", 403, 200, 403, 403), ("chat", 403, 403, 201, 403)]
    + [("admin", 403, 403, 403, 200)],
)
def test_scope_allows_only_its_own_operations(program, nok, create_key, general, scope, read, write, say, rename):
    me = program(nok, token=create_key(scope))
    assert me.get("lists").status_code == read
    assert me.post("lists", {}).status_code == write
    assert me.post(f"channels/{general.pk}/messages", {"content": "Hello"}).status_code == say
    assert me.patch(f"/homes/{nok.home_id}", {"name": "42"}).status_code == rename


def test_personal_token_cannot_manage_the_account(program, nok, create_key):
    me = program(nok, token=create_key("read", "write", "chat", "admin"))
    assert me.post("/auth/tokens", {"name": "More", "scopes": ["admin"]}).status_code == 403
    assert me.post("/auth/switch-home", {"home_id": str(nok.home_id)}).status_code == 403
    assert me.patch(f"/users/{nok.user_id}", {"name": "Nobody"}).status_code == 403
    assert me.get("/auth/me").status_code == 200


def test_token_limited_to_a_home_is_refused_elsewhere(program, nok, create_key):
    hut = found_home(nok.user, "The hut")
    me = program(nok, token=create_key("read", "write", "chat", "admin", home_id=str(nok.home_id)))
    assert me.get("lists").status_code == 200
    assert me.get(f"/homes/{hut.home_id}/lists").status_code == 403
    assert [home["name"] for home in me.get("/homes").json()["results"]] == ["Apartment 42"]
    assert me.post("/homes", {"name": "Third"}).status_code == 403
    assert me.post("/chat?wait=0", {"home_id": str(hut.home_id), "message": "hello"}).status_code == 403


def test_token_for_another_users_home_is_not_created(program, nok, mai):
    body = {"name": "Spy", "scopes": ["read"], "home_id": str(mai.home_id)}
    assert program(nok).post("/auth/tokens", body).status_code == 403


def test_revoked_or_expired_token_is_rejected(program, nok, create_key):
    first, second = create_key("read"), create_key("read", expires_at=(timezone.now() + timedelta(hours=1)).isoformat())
    made = {token["prefix"]: token["id"] for token in program(nok).get("/auth/tokens").json()["results"]}
    assert program(nok).delete(f"/auth/tokens/{made[first[:8]]}").status_code == 204
    assert program(nok).delete(f"/auth/tokens/{made[first[:8]]}").status_code == 404
    assert program(nok, token=first).get("lists").status_code == 401
    assert program(nok, token=second).get("lists").status_code == 200
    ApiToken.objects.filter(prefix=second[:8]).update(expires_at=timezone.now())
    assert program(nok, token=second).get("lists").status_code == 401


def test_token_of_another_user_cannot_be_revoked(program, nok, ben, create_key):
    create_key("read")
    assert program(ben).delete(f"/auth/tokens/{ApiToken.objects.get().pk}").status_code == 404
    assert program(ben).get("/auth/tokens").json()["results"] == []


def test_last_use_of_a_token_is_stored_once_per_minute(program, nok, create_key, django_assert_max_num_queries):
    me = program(nok, token=create_key("read"))
    me.get("lists")
    used = ApiToken.objects.get().last_used_at
    assert used is not None
    with django_assert_max_num_queries(3):  # the token with its person, the member with the home, the lists
        me.get("lists")
    assert ApiToken.objects.get().last_used_at == used
    ApiToken.objects.update(last_used_at=used - timedelta(seconds=61))
    me.get("lists")
    assert ApiToken.objects.get().last_used_at >= used


@pytest.mark.parametrize(
    "invalid", [{"scopes": []}, {"scopes": ["all"]}, {"scopes": "read"}, {"name": ""}, {"name": "\x07"}]
)
def test_token_with_invalid_values_is_not_created(program, nok, invalid):
    assert program(nok).post("/auth/tokens", {"name": "Display", "scopes": ["read"], **invalid}).status_code == 400
    assert not ApiToken.objects.exists()


# Profile


def test_user_can_change_their_own_name(program, nok, events):
    response = program(nok).patch(f"/users/{nok.user_id}", {"name": "Nokia", "locale": "th"})
    assert (response.status_code, response.json()["name"]) == (200, "Nokia")
    assert events(nok.home) == ["member_updated"]


def test_user_cannot_change_another_user(program, nok, ben, events):
    assert program(ben).patch(f"/users/{nok.user_id}", {"name": "Nobody"}).status_code == 403
    assert events(nok.home) == []


def test_browser_session_authenticates(nok):
    assert sign_in(nok).get("/api/users/me").json()["user"]["name"] == "Nok"
