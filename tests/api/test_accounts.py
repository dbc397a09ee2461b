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
from tests.factories import by, found_home, person, sign_in

pytestmark = pytest.mark.both_databases

NOK = {"email": "nok@example.com", "password": "correct horse battery staple", "name": "Nok"}


# Signing up


def test_account_created_over_the_api_can_sign_in_on_the_web(api_client):
    api_client().post("/auth/signup", {**NOK, "email": "Nok@Example.com"})
    user = User.objects.get()
    assert (user.email, user.name, user.check_password(NOK["password"])) == ("nok@example.com", "Nok", True)
    assert EmailAddress.objects.filter(user=user, email="nok@example.com", primary=True).exists()


@pytest.mark.parametrize(
    "invalid",
    [{"email": "nok"}, {"email": None}, {"email": "a\x00@example.com"}, {"password": "12345678"}, {"password": ""}]
    + [{"password": "nok@example.com"}, {"name": ""}, {"name": "\u200b\x07"}, {"name": "x" * 81}, {"name": ["Nok"]}],
)
def test_sign_up_with_invalid_values_is_rejected(api_client, invalid):
    assert api_client().post("/auth/signup", {**NOK, **invalid}).status_code == 400
    assert not User.objects.exists()


def test_sign_up_with_mandatory_confirmation_sends_an_email_and_no_token(api_client, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    response = api_client().post("/users/signup", NOK)
    assert (response.status_code, response.json()["token"]) == (200, None)
    assert mail.outbox[0].to == ["nok@example.com"]
    assert api_client().post("/auth/login", NOK).json()["error"]["code"] == "unconfirmed"
    EmailAddress.objects.update(verified=True)
    assert api_client().post("/auth/login", NOK).status_code == 200


def test_sign_up_does_not_tell_that_an_email_is_taken_if_it_must_be_confirmed(api_client, settings):
    person("Ben")
    existing = {**NOK, "email": "BEN@example.com"}
    assert (
        api_client().post("/auth/signup", existing).json()["error"]["message"].startswith("There's already an account")
    )
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    hidden, new = (api_client().post("/auth/signup", body) for body in (existing, NOK))
    assert (hidden.status_code, hidden.json().keys()) == (new.status_code, new.json().keys())
    assert hidden.json()["user"]["email"] == "ben@example.com"
    assert [letter.to for letter in mail.outbox] == [["ben@example.com"], ["nok@example.com"]]
    assert User.objects.get(email="ben@example.com").name == "Ben"
    weak = {**existing, "password": "password"}
    assert api_client().post("/auth/signup", weak).status_code == 400


# Signing in


@pytest.mark.parametrize(
    "invalid", [{"password": "Correct horse battery staple"}, {"email": "ben@example.com"}, {"email": "nok\x00"}]
)
def test_wrong_email_and_wrong_password_get_the_same_error(api_client, invalid):
    person("Nok")
    response = api_client().post("/users/login", {**NOK, **invalid})
    assert response.status_code in (400, 401)
    assert "nok" not in response.text


def test_closed_account_cannot_sign_in(api_client):
    user = person("Nok")
    token = api_client().post("/auth/login", NOK).json()["token"]
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert api_client().post("/auth/login", NOK).status_code == 401
    assert api_client(token=token).get("/auth/me").status_code == 401


def test_sign_in_with_two_step_verification_requires_a_code(api_client):
    user = person("Nok")
    TOTP.activate(user, generate_totp_secret())
    codes = RecoveryCodes.activate(user)
    assert api_client().post("/auth/login", NOK).json()["error"]["code"] == "code_needed"
    assert api_client().post("/auth/login", {**NOK, "code": "000000"}).status_code == 401
    code = codes.get_unused_codes()[0]
    assert api_client().post("/auth/login", {**NOK, "code": code}).status_code == 200
    assert api_client().post("/auth/login", {**NOK, "code": code}).status_code == 401


# Tokens


def test_jwt_has_the_expected_claims_and_lifetime(api_client, nok):
    response = api_client().post("/auth/login", NOK).json()
    access, refresh = (jwt.decode(response[kind], options={"verify_signature": False}) for kind in ("token", "refresh"))
    assert (access["sub"], access["home_id"], access["role"]) == (str(nok.user_id), str(nok.home_id), "owner")
    assert access["exp"] - access["iat"] == 24 * 3600
    assert refresh["exp"] - refresh["iat"] == 7 * 24 * 3600


def test_refresh_token_works_once(api_client, nok):
    first = api_client().post("/auth/login", NOK).json()
    second = api_client().post("/auth/refresh", {"refresh": first["refresh"]}).json()
    assert api_client(token=second["token"]).get("/auth/me").status_code == 200
    assert api_client().post("/auth/refresh", {"refresh": second["refresh"]}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Idempotency_Key": "thief"}])
def test_reusing_a_refresh_token_ends_its_sign_in(api_client, nok, headers):
    other = api_client().post("/auth/login", NOK).json()
    pairs = [api_client().post("/auth/login", NOK).json()]
    for _time in range(3):
        pairs.append(api_client().post("/auth/refresh", {"refresh": pairs[-1]["refresh"]}).json())
    switched = api_client(token=pairs[-1]["token"]).post("/auth/switch-home", {"home_id": str(nok.home_id)}).json()
    assert api_client().post("/auth/refresh", {"refresh": pairs[1]["refresh"]}, **headers).status_code == 401
    for pair in [*pairs, switched]:
        assert api_client(token=pair["token"]).get("/auth/me").status_code == 401
        assert api_client().post("/auth/refresh", {"refresh": pair["refresh"]}).status_code == 401
    assert api_client(token=other["token"]).get("/auth/me").status_code == 200
    assert api_client().post("/auth/refresh", {"refresh": other["refresh"]}).status_code == 200


def test_refreshing_keeps_the_active_home(api_client, nok):
    hut = api_client(nok).post("/homes", {"name": "The hut"}).json()
    switched = api_client(nok).post("/auth/switch-home", {"home_id": hut["id"]}).json()
    pair = api_client().post("/auth/refresh", {"refresh": switched["refresh"]}).json()
    assert api_client(token=pair["token"]).get("/auth/me").json()["active_home"]["id"] == hut["id"]


def test_sign_out_revokes_both_tokens(api_client, nok):
    pair = api_client().post("/auth/login", NOK).json()
    me = api_client(token=pair["token"])
    assert me.post("/auth/logout", {"refresh": pair["refresh"]}).status_code == 204
    assert me.get("/auth/me").status_code == 401
    assert api_client().post("/auth/refresh", {"refresh": pair["refresh"]}).status_code == 401


def test_sign_out_revokes_the_refresh_token_without_naming_it(api_client, nok):
    pair = api_client().post("/auth/login", NOK).json()
    successor = api_client().post("/auth/refresh", {"refresh": pair["refresh"]}).json()
    other = api_client().post("/auth/login", NOK).json()
    assert api_client(token=successor["token"]).post("/auth/logout", {}).status_code == 204
    for revoked in (pair, successor):
        assert api_client(token=revoked["token"]).get("/auth/me").status_code == 401
        assert api_client().post("/auth/refresh", {"refresh": revoked["refresh"]}).status_code == 401
    assert api_client().post("/auth/refresh", {"refresh": other["refresh"]}).status_code == 200


def test_sign_out_over_the_api_ends_a_browser_session(nok):
    browser = sign_in(nok)
    assert browser.post("/api/auth/logout", {}, "application/json").status_code == 204
    assert browser.get("/api/auth/me").status_code == 401


def test_sign_out_cannot_revoke_another_users_refresh_token(api_client, nok, ben):
    pair = api_client().post("/auth/login", NOK).json()
    assert api_client(ben).post("/auth/logout", {"refresh": pair["refresh"]}).status_code == 204
    assert api_client().post("/auth/refresh", {"refresh": pair["refresh"]}).status_code == 200


def test_new_password_revokes_the_tokens(api_client, nok):
    pair = api_client().post("/auth/login", NOK).json()
    nok.user.set_password("another horse battery staple")
    nok.user.save()
    assert api_client(token=pair["token"]).get("/auth/me").status_code == 401
    assert api_client().post("/auth/refresh", {"refresh": pair["refresh"]}).status_code == 401


def forged_claims(member, **claims):
    """Return the claims of a JWT that the server did not issue."""
    now = int(timezone.now().timestamp())
    fixed = {"token_type": "access", "exp": now + 600, "iat": now, "jti": "a" * 32, "sub": str(member.user_id)}
    return {**fixed, **claims}


def test_forged_tokens_are_rejected(api_client, nok):
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
        response = api_client(nok, token=token or " ").get("lists")
        assert response.status_code == 401, (token, response.text)
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_removed_member_is_refused_at_the_next_request(api_client, nok, ben):
    me = api_client(ben)
    assert me.get("lists").status_code == 200
    remove_member(ben, by=by(nok))
    assert me.get("lists").status_code == 403
    assert me.get("/auth/me").json()["active_home"] is None


def test_role_claim_of_a_token_grants_no_rights(api_client, nok, ben):
    """Ben was an owner when the token was issued."""
    me = api_client(ben)
    response = me.patch(f"/homes/{nok.home_id}", {"name": "Ben's"})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "not_allowed")


# Personal tokens


@pytest.fixture
def create_key(api_client, nok):
    def make(*scopes, **fields):
        body = {"name": "Display", "scopes": list(scopes), "password": NOK["password"], **fields}
        response = api_client(nok).post("/auth/tokens", body)
        assert response.status_code == 201
        return response.json()["key"]

    return make


def test_personal_token_is_shown_once(api_client, nok, create_key):
    secret = create_key("read")
    assert re.fullmatch(r"pp_[\w-]{43}", secret)
    listed = api_client(nok).get("/auth/tokens")
    assert secret not in listed.text
    assert (listed.json()["results"][0]["prefix"], listed.json()["results"][0]["scopes"]) == (secret[:8], ["read"])
    assert ApiToken.objects.get().key_hash != secret


@pytest.mark.parametrize(
    ("scope", "read", "write", "say", "rename"),
    [("read", 200, 403, 403, 403), ("write", 403, 200, 403, 403), ("chat", 403, 403, 201, 403)]
    + [("admin", 403, 403, 403, 200)],
)
def test_scope_allows_only_its_own_operations(api_client, nok, create_key, general, scope, read, write, say, rename):
    me = api_client(nok, token=create_key(scope))
    assert me.get("lists").status_code == read
    assert me.post("lists", {}).status_code == write
    assert me.post(f"channels/{general.pk}/messages", {"content": "Hello"}).status_code == say
    assert me.patch(f"/homes/{nok.home_id}", {"name": "42"}).status_code == rename


def test_personal_token_cannot_manage_the_account(api_client, nok, create_key):
    me = api_client(nok, token=create_key("read", "write", "chat", "admin"))
    assert me.post("/auth/tokens", {"name": "More", "scopes": ["admin"]}).status_code == 403
    assert me.post("/auth/switch-home", {"home_id": str(nok.home_id)}).status_code == 403
    assert me.patch(f"/users/{nok.user_id}", {"name": "Nobody"}).status_code == 403
    assert me.get("/auth/me").status_code == 200


def test_token_limited_to_a_home_is_refused_elsewhere(api_client, nok, create_key):
    hut = found_home(nok.user, "The hut")
    me = api_client(nok, token=create_key("read", "write", "chat", "admin", home_id=str(nok.home_id)))
    assert me.get("lists").status_code == 200
    assert me.get(f"/homes/{hut.home_id}/lists").status_code == 403
    assert [home["name"] for home in me.get("/homes").json()["results"]] == ["Apartment 42"]
    assert me.post("/homes", {"name": "Third"}).status_code == 403
    assert me.post("/chat?wait=0", {"home_id": str(hut.home_id), "message": "hello"}).status_code == 403


def test_token_for_another_users_home_is_not_created(api_client, nok, mai):
    body = {"name": "Spy", "scopes": ["read"], "home_id": str(mai.home_id), "password": NOK["password"]}
    assert api_client(nok).post("/auth/tokens", body).status_code == 403


def test_revoked_or_expired_token_is_rejected(api_client, nok, create_key):
    first, second = create_key("read"), create_key("read", expires_at=(timezone.now() + timedelta(hours=1)).isoformat())
    made = {token["prefix"]: token["id"] for token in api_client(nok).get("/auth/tokens").json()["results"]}
    assert api_client(nok).delete(f"/auth/tokens/{made[first[:8]]}").status_code == 204
    assert api_client(nok).delete(f"/auth/tokens/{made[first[:8]]}").status_code == 404
    assert api_client(nok, token=first).get("lists").status_code == 401
    assert api_client(nok, token=second).get("lists").status_code == 200
    ApiToken.objects.filter(prefix=second[:8]).update(expires_at=timezone.now())
    assert api_client(nok, token=second).get("lists").status_code == 401


def test_token_of_another_user_cannot_be_revoked(api_client, nok, ben, create_key):
    create_key("read")
    assert api_client(ben).delete(f"/auth/tokens/{ApiToken.objects.get().pk}").status_code == 404
    assert api_client(ben).get("/auth/tokens").json()["results"] == []


def test_last_use_of_a_token_is_stored_once_per_minute(api_client, nok, create_key, django_assert_max_num_queries):
    me = api_client(nok, token=create_key("read"))
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
    "invalid",
    [{"scopes": []}, {"scopes": ["all"]}, {"scopes": "read"}, {"name": ""}, {"name": "\x07"}]
    + [
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "9999-12-31T23:59:59Z"},
        {"password": "guess"},
        {"password": ""},
        {"password": None},
    ],
)
def test_token_with_invalid_values_is_not_created(api_client, nok, invalid):
    body = {"name": "Display", "scopes": ["read"], "password": NOK["password"], **invalid}
    assert api_client(nok).post("/auth/tokens", body).status_code == 400
    assert not ApiToken.objects.exists()


def test_wrong_passwords_for_a_new_token_are_limited(api_client, nok, settings):
    settings.API_RATES = {"sign-in-failed": "2/h/key"}
    body = {"name": "Display", "scopes": ["read"], "password": "guess"}
    statuses = [api_client(nok).post("/auth/tokens", body).status_code for _try in range(3)]
    assert statuses == [400, 400, 429]


def test_new_token_is_announced_by_mail(nok, create_key):
    create_key("read")
    (letter,) = mail.outbox
    assert (letter.to, "Display" in letter.body, "pp_" in letter.body) == (["nok@example.com"], True, False)


# Profile


def test_user_can_change_their_own_name(api_client, nok, events):
    response = api_client(nok).patch(f"/users/{nok.user_id}", {"name": "Nokia", "locale": "en"})
    assert (response.status_code, response.json()["name"]) == (200, "Nokia")
    assert User.objects.get(pk=nok.user_id).locale == "en"
    assert events(nok.home) == ["member_updated"]


def test_user_cannot_change_another_user(api_client, nok, ben, events):
    assert api_client(ben).patch(f"/users/{nok.user_id}", {"name": "Nobody"}).status_code == 403
    assert events(nok.home) == []


def test_browser_session_authenticates(nok):
    assert sign_in(nok).get("/api/users/me").json()["user"]["name"] == "Nok"
