"""Looking for something, over the API."""

import pytest

from chat.actions import create_channel, send_message
from groceries.actions import create_item
from homes.accounts.actions import create_api_token
from pantry.api.fields import MAX_EXACT_INTEGER
from tests.api.client import Program
from tests.cast import by


@pytest.fixture
def said(nok, general):
    return [send_message(general, f"The rent of month {number}", by=by(nok)) for number in range(5)]


def found(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def test_it_works(program, nok, said, general):
    create_item("Rent a bike", by=by(nok))
    rows = found(program(nok).get("search?q=rent"))
    assert [row["kind"] for row in rows].count("message") == 5
    [item] = [row for row in rows if row["kind"] == "item"]
    assert (item["where"], item["author"], item["channel_id"]) == ("Other", "", None)
    newest = next(row for row in rows if row["kind"] == "message")
    assert (newest["id"], newest["channel_id"]) == (str(said[-1].pk), str(general.pk))
    assert (newest["excerpt"], newest["where"], newest["author"]) == ("The rent of month 4", "#general", "Nok")


def test_one_kind_alone(program, nok, said):
    create_item("Rent a bike", by=by(nok))
    assert {row["kind"] for row in found(program(nok).get("search?q=rent&kind=item"))} == {"item"}
    assert program(nok).get("search?q=rent&kind=secrets").status_code == 400


def test_pages_go_on_where_they_ended(program, nok, said, general):
    client = program(nok).client
    first = program(nok).get("search?q=rent&limit=2").json()
    send_message(general, "A newer rent", by=by(nok))
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    seen = [row["excerpt"] for page in (first, second, third) for row in page["results"]]
    assert seen == [f"The rent of month {number}" for number in (4, 3, 2, 1, 0)]
    assert third["next"] is None
    assert [row["excerpt"] for row in client.get(second["previous"]).json()["results"]] == seen[:2]
    assert first["previous"] is None


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("", 200), ("?q=", 200), ("?q=%00", 400), (f"?q={'x' * 10_000}", 200), (f"?q={'x' * 10_001}", 400),
        ("?q=%22", 200),
        ("?q=AND%20OR%20%2A", 200), ("?q=rent&limit=0", 400), ("?q=rent&limit=201", 400), ("?q=rent&cursor=x", 400),
        (f"?q=before%3A{MAX_EXACT_INTEGER}", 200),
    ],
)  # fmt: skip
def test_whatever_is_typed_is_answered(program, nok, said, asked, status):
    assert program(nok).get(f"search{asked}").status_code == status


def test_a_token_that_may_look_may_look_for_something(nok, said):
    for scopes, status in ((["read"], 200), (["chat", "write"], 403)):
        _token, raw = create_api_token(nok.user, "Script", scopes)
        assert Program(nok, token=raw).get("search?q=rent").status_code == status


def test_private_rooms_stay_private(program, nok, ben):
    room = create_channel("surprise", by=by(nok), is_private=True)
    send_message(room, "The cake is hidden", by=by(nok))
    assert found(program(ben).get("search?q=cake")) == []
    assert len(found(program(nok).get("search?q=cake"))) == 1
