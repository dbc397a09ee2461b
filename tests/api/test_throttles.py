import pytest
from django.core.cache import cache

from pantry.api.throttles import limits
from tests.cast import at_once, person

NOK = {"email": "nok@example.com", "password": "correct horse battery staple", "name": "Nok"}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that stands at the beginning of an hour, and counts that begin at nothing."""
    cache.clear()
    monkeypatch.setattr("pantry.api.throttles.time.time", lambda: 1_800_000_000 + 10)
    yield
    cache.clear()


def test_rates_are_written_as_they_are_elsewhere():
    assert limits("10/m/ip,5/5m/key") == (("ip", 10, 60), ("key", 5, 300))
    assert limits("") == ()


def test_whoever_asks_too_often_waits(program, nok, ben, settings):
    settings.API_RATES = {"other": "2/m/user"}
    me = program(nok)
    assert [me.get("lists").status_code for _ in range(3)] == [200, 200, 429]
    answer = me.get("lists")
    assert (answer.json()["error"]["code"], answer.headers["Retry-After"]) == ("throttled", "66")
    assert program(ben).get("lists").status_code == 200


def test_afterwards_it_goes_on(program, nok, settings, monkeypatch):
    settings.API_RATES = {"other": "1/m/user"}
    me = program(nok)
    assert [me.get("lists").status_code for _ in range(2)] == [200, 429]
    monkeypatch.setattr("pantry.api.throttles.time.time", lambda: 1_800_000_000 + 100)
    assert me.get("lists").status_code == 200


@pytest.mark.parametrize("most", [2, 5, 20])
def test_rate_at_the_boundary_of_two_minutes_is_not_doubled(program, nok, settings, monkeypatch, most):
    settings.API_RATES = {"other": f"{most}/m/user"}
    me = program(nok)

    def done_at(second):
        monkeypatch.setattr("pantry.api.throttles.time.time", lambda: 1_800_000_000 + second)
        return [me.get("lists").status_code for _ in range(2 * most)].count(200)

    assert done_at(59) == most
    assert done_at(61) == 0
    assert 0 < done_at(90) <= most / 2 + 1
    assert done_at(90 + 120) == most


def test_waiting_as_long_as_is_said_lets_in(program, nok, settings, monkeypatch):
    settings.API_RATES = {"other": "5/m/user"}
    me, now = program(nok), 1_800_000_000 + 50
    monkeypatch.setattr("pantry.api.throttles.time.time", lambda: now)
    for _ in range(12):
        answer = me.get("lists")
        if answer.status_code == 429:
            now += int(answer.headers["Retry-After"])
            assert me.get("lists").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_passwords_tried_at_the_same_time_are_all_counted(program, settings):
    person("Nok")
    settings.API_RATES = {"sign-in-failed": "3/5m/key"}
    wrong = {**NOK, "password": "guess"}
    tried = at_once(*[lambda: program().post("/auth/login", wrong).status_code] * 8)
    assert sorted(tried) == [401] * 3 + [429] * 5


def test_an_address_has_a_rate_of_its_own(program, nok, ben, settings):
    settings.API_RATES = {"other": "2/m/ip"}
    assert [program(who).get("lists").status_code for who in (nok, ben, nok)] == [200, 200, 429]


def test_trying_tokens_out_is_counted(program, nok, settings):
    settings.API_RATES = {"other": "2/m/ip"}
    assert [program(nok, token="pp_guess").get("lists").status_code for _ in range(3)] == [401, 401, 429]
    assert program().get("/auth/me").status_code == 429


def test_the_groups_are_counted_apart(program, nok, general, settings):
    settings.API_RATES = {"sign-up": "1/h/ip", "sign-in": "1/m/ip", "chat": "1/m/user", "other": "1/m/user"}
    me, say = program(nok), f"channels/{general.pk}/messages"
    assert [me.post(say, {"content": "Hello"}).status_code for _ in range(2)] == [201, 429]
    assert [me.get(read).status_code for read in (say, "lists")] == [200, 429]  # to read is not to say
    assert [program().post("/auth/login", NOK).status_code for _ in range(2)] == [200, 429]
    new = {**NOK, "email": "som@example.com"}
    assert [program().post("/auth/signup", new).status_code for _ in range(2)] == [200, 429]


def test_guessing_a_password_ends_soon_even_with_the_right_one(program, settings):
    person("Nok")
    settings.API_RATES = {"sign-in-failed": "3/5m/key"}
    wrong = {**NOK, "password": "guess"}
    assert [program().post("/auth/login", wrong).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert program().post("/auth/login", {**NOK, "email": "NOK@example.com"}).status_code == 429
    assert program().post("/auth/login", {**wrong, "email": "ben@example.com"}).status_code == 401


def test_signing_in_rightly_is_not_counted_as_a_guess(program, settings):
    person("Nok")
    settings.API_RATES = {"sign-in-failed": "1/5m/key"}
    assert {program().post("/auth/login", NOK).status_code for _ in range(4)} == {200}
