import pytest

from pantry.api.throttles import limits
from tests.factories import person, run_concurrently

NOK = {"email": "nok@example.com", "password": "correct horse battery staple", "name": "Nok"}


pytestmark = pytest.mark.usefixtures("clock")


def test_rates_are_parsed_like_allauths():
    assert limits("10/m/ip,5/5m/key") == (("ip", 10, 60), ("key", 5, 300))
    assert limits("") == ()


def test_requests_over_the_rate_return_429(api_client, nok, ben, settings):
    settings.API_RATES = {"other": "2/m/user"}
    me = api_client(nok)
    assert [me.get("lists").status_code for _ in range(3)] == [200, 200, 429]
    response = me.get("lists")
    assert (response.json()["error"]["code"], response.headers["Retry-After"]) == ("throttled", "66")
    assert api_client(ben).get("lists").status_code == 200


def test_requests_are_allowed_again_after_the_period(api_client, nok, settings, monkeypatch):
    settings.API_RATES = {"other": "1/m/user"}
    me = api_client(nok)
    assert [me.get("lists").status_code for _ in range(2)] == [200, 429]
    monkeypatch.setattr("pantry.api.throttles.time.time", lambda: 1_800_000_000 + 100)
    assert me.get("lists").status_code == 200


@pytest.mark.parametrize("most", [2, 5, 20])
def test_rate_is_not_doubled_across_two_periods(api_client, nok, settings, monkeypatch, most):
    settings.API_RATES = {"other": f"{most}/m/user"}
    me = api_client(nok)

    def done_at(second):
        monkeypatch.setattr("pantry.api.throttles.time.time", lambda: 1_800_000_000 + second)
        return [me.get("lists").status_code for _ in range(2 * most)].count(200)

    assert done_at(59) == most
    assert done_at(61) == 0
    assert 0 < done_at(90) <= most / 2 + 1
    assert done_at(90 + 120) == most


def test_request_after_retry_after_is_allowed(api_client, nok, settings, monkeypatch):
    settings.API_RATES = {"other": "5/m/user"}
    me, now = api_client(nok), 1_800_000_000 + 50
    monkeypatch.setattr("pantry.api.throttles.time.time", lambda: now)
    for _ in range(12):
        response = me.get("lists")
        if response.status_code == 429:
            now += int(response.headers["Retry-After"])
            assert me.get("lists").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_concurrent_password_attempts_are_all_counted(api_client, settings):
    person("Nok")
    settings.API_RATES = {"sign-in-failed": "3/5m/key"}
    invalid = {**NOK, "password": "guess"}
    tried = run_concurrently(*[lambda: api_client().post("/auth/login", invalid).status_code] * 8)
    assert sorted(tried) == [401] * 3 + [429] * 5


def test_each_ip_address_has_its_own_rate(api_client, nok, ben, settings):
    settings.API_RATES = {"other": "2/m/ip"}
    assert [api_client(who).get("lists").status_code for who in (nok, ben, nok)] == [200, 200, 429]


def test_invalid_tokens_are_counted(api_client, nok, settings):
    settings.API_RATES = {"other": "2/m/ip"}
    assert [api_client(nok, token="pp_guess").get("lists").status_code for _ in range(3)] == [401, 401, 429]
    assert api_client().get("/auth/me").status_code == 429


def test_rate_groups_are_counted_separately(api_client, nok, general, settings):
    settings.API_RATES = {"sign-up": "1/h/ip", "sign-in": "1/m/ip", "chat": "1/m/user", "other": "3/m/user"}
    me, say = api_client(nok), f"channels/{general.pk}/messages"
    assert [me.post(say, {"content": "Hello"}).status_code for _ in range(2)] == [201, 429]
    assert [me.get(read).status_code for read in (say, "lists")] == [200, 429]  # to read is not to say
    assert [api_client().post("/auth/login", NOK).status_code for _ in range(2)] == [200, 429]
    new = {**NOK, "email": "som@example.com"}
    assert [api_client().post("/auth/signup", new).status_code for _ in range(2)] == [200, 429]


def test_sign_in_is_blocked_after_too_many_wrong_passwords(api_client, settings):
    person("Nok")
    settings.API_RATES = {"sign-in-failed": "3/5m/key"}
    invalid = {**NOK, "password": "guess"}
    assert [api_client().post("/auth/login", invalid).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert api_client().post("/auth/login", {**NOK, "email": "NOK@example.com"}).status_code == 429
    assert api_client().post("/auth/login", {**invalid, "email": "ben@example.com"}).status_code == 401


@pytest.mark.parametrize("way", ["api", "page"])
def test_wrong_passwords_lock_nobody_out_elsewhere(db, client, settings, way):
    person("Nok")
    settings.API_RATES = {"sign-in-failed": "3/5m/key"}
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/key"}

    def sign_in(password, address):
        if way == "api":
            form = {"email": NOK["email"], "password": password}
            answer = client.post("/api/auth/login", form, "application/json", REMOTE_ADDR=address)
            return {200: "in", 401: "wrong", 429: "wait"}[answer.status_code]
        form = {"login": NOK["email"], "password": password}
        answer = client.post("/accounts/login/", form, REMOTE_ADDR=address)
        if answer.status_code == 302:
            return "in"
        return "wait" if "Too many attempts" in answer.text else "wrong"

    tried = [sign_in("guess", "10.0.0.1") for _ in range(4)]
    assert tried == ["wrong", "wrong", "wrong", "wait"]
    assert sign_in(NOK["password"], "10.0.0.1") == "wait"
    assert sign_in(NOK["password"], "10.0.0.2") == "in"


def test_successful_sign_in_is_not_counted(api_client, settings):
    person("Nok")
    settings.API_RATES = {"sign-in-failed": "1/5m/key"}
    assert {api_client().post("/auth/login", NOK).status_code for _ in range(4)} == {200}
