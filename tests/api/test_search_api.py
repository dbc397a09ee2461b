import pytest

from chat.actions import create_channel, send_message
from groceries.actions import create_item
from homes.accounts.actions import create_api_token
from pantry.api.fields import MAX_EXACT_INTEGER
from tests.api.client import ApiClient
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def messages(nok, general):
    return [send_message(general, f"The rent of month {number}", by=by(nok)) for number in range(5)]


def results(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def test_search_returns_messages_and_items(api_client, nok, messages, general):
    create_item("Rent a bike", by=by(nok))
    rows = results(api_client(nok).get("search?q=rent"))
    assert [row["kind"] for row in rows].count("message") == 5
    [item] = [row for row in rows if row["kind"] == "item"]
    assert (item["where"], item["author"], item["channel_id"]) == ("Other", "", None)
    newest = next(row for row in rows if row["kind"] == "message")
    assert (newest["id"], newest["channel_id"]) == (str(messages[-1].pk), str(general.pk))
    assert (newest["excerpt"], newest["where"], newest["author"]) == ("The rent of month 4", "#general", "Nok")


def test_search_can_be_limited_to_one_kind(api_client, nok, messages):
    create_item("Rent a bike", by=by(nok))
    assert {row["kind"] for row in results(api_client(nok).get("search?q=rent&kind=item"))} == {"item"}
    assert api_client(nok).get("search?q=rent&kind=secrets").status_code == 400


def test_search_pages_continue_where_the_last_ended(api_client, nok, messages, general):
    client = api_client(nok).client
    first = api_client(nok).get("search?q=rent&limit=2").json()
    send_message(general, "A newer rent", by=by(nok))
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    excerpts = [row["excerpt"] for page in (first, second, third) for row in page["results"]]
    assert excerpts == [f"The rent of month {number}" for number in (4, 3, 2, 1, 0)]
    assert third["next"] is None
    assert [row["excerpt"] for row in client.get(second["previous"]).json()["results"]] == excerpts[:2]
    assert first["previous"] is None


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200), ("?q=", 200), ("?q=%00", 400), (f"?q={'x' * 500}", 200), (f"?q={'x' * 501}", 400),
        ("?q=%22", 200),
        ("?q=AND%20OR%20%2A", 200), ("?q=rent&limit=0", 400), ("?q=rent&limit=201", 400), ("?q=rent&cursor=x", 400),
        (f"?q=before%3A{MAX_EXACT_INTEGER}", 200),
    ],
)  # fmt: skip
def test_any_query_gets_a_response(api_client, nok, messages, query, status):
    assert api_client(nok).get(f"search{query}").status_code == status


def test_read_scope_allows_search(nok, messages):
    for scopes, status in ((["read"], 200), (["chat", "write"], 403)):
        _token, raw = create_api_token(nok.user, "Script", scopes)
        assert ApiClient(nok, token=raw).get("search?q=rent").status_code == status


def test_search_leaves_out_private_rooms_of_others(api_client, nok, ben):
    room = create_channel("surprise", by=by(nok), is_private=True)
    send_message(room, "The cake is hidden", by=by(nok))
    assert results(api_client(ben).get("search?q=cake")) == []
    assert len(results(api_client(nok).get("search?q=cake"))) == 1
