"""Many before the door at once are asked about together, and each is told what they would be told alone."""

import asyncio
from threading import Event

import pytest
from rest_framework.exceptions import APIException
from rest_framework_simplejwt.tokens import AccessToken

from homes.actions import create_api_token, remove_member
from homes.api.tokens import end, tokens_for
from homes.entrance import Guest, admit_all
from homes.sessions import SessionStore
from homes.threads import Gathered
from tests.cast import by, sign_in


def shows(token=None, session=None):
    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    headers += [(b"cookie", f"sessionid={session}".encode())] if session else []
    where = {"path": "/", "query_string": b"", "client": ("127.0.0.1", 50000), "server": ("testserver", 80)}
    return {"type": "websocket", "headers": headers, **where}


def jwt_of(member):
    return tokens_for(member.user, member)["token"]


def session_of(member):
    return sign_in(member).session.session_key


@pytest.fixture
def scopes(nok, ben, mai):
    """Of members, and of all kinds of people who are none."""
    left = jwt_of(nok)
    end(AccessToken(left), nok.user)
    return {
        "Nok's token": shows(jwt_of(nok)),
        "another of hers": shows(jwt_of(nok)),
        "Nok's browser": shows(session=session_of(nok)),
        "Ben's token": shows(jwt_of(ben)),
        "Ben's browser": shows(session=session_of(ben)),
        "a personal token": shows(create_api_token(nok.user, name="Display", scopes=["read"])[1]),
        "one that may not read": shows(create_api_token(nok.user, name="Display", scopes=["write"])[1]),
        "signed out": shows(left),
        "forged": shows(jwt_of(nok)[:-4] + "AAAA"),
        "no token": shows("x"),
        "a stranger's token": shows(jwt_of(mai)),
        "a stranger's browser": shows(session=session_of(mai)),
        "a session that is none": shows(session="a" * 32),
        "a cookie with a NUL in it": shows(session='"aaaaaaaa\\000"'),
        "nothing": shows(),
    }


def told(answer):
    return answer if isinstance(answer, Guest) else (answer.status_code, str(answer.detail))


def test_each_is_told_what_they_are_told_alone(scopes, nok):
    together = admit_all([(scope, nok.home_id) for scope in scopes.values()])
    alone = [admit_all([(scope, nok.home_id)])[0] for scope in scopes.values()]
    assert dict(zip(scopes, map(told, together), strict=True)) == dict(zip(scopes, map(told, alone), strict=True))
    assert [isinstance(answer, Guest) for answer in together] == [True] * 6 + [False] * 9


def test_what_breaks_for_one_is_told_nobody_else(scopes, nok, monkeypatch):
    class Broken(SessionStore):
        def load(self):
            raise ConnectionError

    monkeypatch.setattr("homes.entrance.session_of", Broken)
    answers = admit_all([(scopes[name], nok.home_id) for name in ("Nok's browser", "Nok's token")])
    assert [type(answer) for answer in answers] == [ConnectionError, Guest]


def test_who_is_in_one_of_the_homes_is_not_in_another(nok, mai):
    """Mai and Nok knock at the same moment, each also at the other's door."""
    hers, nokhers = shows(jwt_of(mai)), shows(jwt_of(nok))
    knocks = [(hers, mai.home_id), (hers, nok.home_id), (nokhers, nok.home_id), (nokhers, mai.home_id)]
    assert [isinstance(answer, Guest) for answer in admit_all(knocks)] == [True, False, True, False]


def test_who_was_removed_is_out_at_the_next_knock(scopes, nok, ben):
    knocks = [(scopes["Ben's token"], nok.home_id), (scopes["Nok's token"], nok.home_id)]
    assert isinstance(admit_all(knocks)[0], Guest)
    remove_member(ben, by=by(nok))
    removed, _nok = admit_all(knocks)
    assert isinstance(removed, APIException)
    assert removed.status_code == 403


@pytest.mark.anyio
@pytest.mark.django_db(transaction=True)
async def test_who_comes_while_somebody_is_at_the_door_goes_in_with_the_others():
    began, may_go_on, seen = Event(), Event(), []

    def answer(numbers):
        seen.append(numbers)
        began.set()
        may_go_on.wait(30)
        return [ValueError(number) if number % 5 == 0 else 10 * number for number in numbers]

    door = Gathered(answer)
    first = asyncio.ensure_future(door.ask(1))
    await asyncio.to_thread(began.wait, 30)
    others = [asyncio.ensure_future(door.ask(number)) for number in range(2, 8)]
    await asyncio.sleep(0)
    others[1].cancel()
    may_go_on.set()
    assert await first == 10
    found = await asyncio.gather(*others, return_exceptions=True)
    assert [type(each) for each in found] == [int, asyncio.CancelledError, int, ValueError, int, int]
    assert seen == [[1], [2, 3, 4, 5, 6, 7]]


@pytest.mark.anyio
@pytest.mark.django_db(transaction=True)
async def test_what_fails_for_all_fails_for_each_and_the_door_stays_open():
    def answer(numbers):
        if 1 in numbers:
            raise ConnectionError
        return numbers

    door = Gathered(answer)
    with pytest.raises(ConnectionError):
        await door.ask(1)
    assert await door.ask(2) == 2


@pytest.mark.django_db
def test_a_page_asked_for_with_a_nul_in_its_cookie_leads_to_the_door(client):
    client.cookies["sessionid"] = "aaaaaaaa\0"
    assert client.get("/").status_code in (200, 302)
