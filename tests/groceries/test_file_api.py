"""The API that takes lines of another product's file onto a list."""

import json

import pytest

from groceries.actions import create_list
from tests.factories import by, names
from tests.limits import limit

TABLE = "Item,Amount,Unit,Aisle,Done\nFlour,200,g,Staple,\nMilk,1,,,yes\n"
LISTS = json.dumps([{"name": "Week", "items": ["Milk"]}, {"name": "Party", "items": ["Chips", "Cola"]}])


@pytest.fixture
def take(nok, weekly, sign_in):
    """Return the response to the text of a file, sent by Nok."""

    def take(text, **fields):
        url = f"/api/homes/{nok.home_id}/lists/{weekly.pk}/import"
        return sign_in(nok).post(url, {"text": text, **fields}, content_type="application/json")

    return take


def test_lines_that_are_not_bought_are_taken(take, weekly):
    response = take(TABLE)
    assert response.status_code == 200
    assert [row["item"]["name"] for row in response.json()["results"]] == ["Flour"]
    assert response.json()["lines"] == [
        {"from_list": "", "number": 2, "name": "Flour", "quantity": "200", "unit": "g", "note": "", "category":
         "Staple", "is_bought": False, "problem": ""},
        {"from_list": "", "number": 3, "name": "Milk", "quantity": "1", "unit": None, "note": "", "category": "",
         "is_bought": True, "problem": ""},
    ]  # fmt: skip
    assert list(map(str, weekly.entries.all())) == ["Flour (200 g)"]


def test_dry_run_changes_nothing(take, nok, events):
    response = take(LISTS, dry_run=True)
    assert [(row["from_list"], row["name"]) for row in response.json()["lines"]] == [
        ("Week", "Milk"), ("Party", "Chips"), ("Party", "Cola"),
    ]  # fmt: skip
    assert events(nok.home) == []


def test_one_of_several_lists_is_named(take, weekly):
    assert "“Week”, “Party”" in take(LISTS).json()["error"]["message"]
    assert take(LISTS, from_list="Elsewhere").status_code == 400
    assert take(LISTS, from_list="Party").status_code == 200
    assert names(weekly.entries.all()) == ["Chips", "Cola"]


def test_catalog_is_taken_only_if_it_is_named(take, weekly):
    catalog = json.dumps({"items": [{"name": "Milk", "icon": "milk"}]})
    assert take(catalog).status_code == 400
    assert take(catalog, from_list="Items").status_code == 200
    assert names(weekly.entries.all()) == ["Milk"]


@pytest.mark.parametrize("text", ["Item,Amount\nMilk,2\nTea,-1", '{"items": [', "PK\x03\x04", "Item,Amount\n"])
def test_file_with_a_fault_changes_nothing(take, nok, text, events):
    response = take(text)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "refused")
    assert events(nok.home) == []


def test_things_and_text_of_one_request_are_limited(take, weekly):
    most = limit("Things that the API takes of a file at once")
    assert f"these are {most + 1}" in take("tea\n" * (most + 1)).json()["error"]["message"]
    assert take("x" * (limit("Text of a file in the API") + 1)).json()["error"]["code"] == "invalid"
    assert not weekly.entries.exists()


def test_list_of_another_home_is_not_found(nok, mai, weekly, sign_in, events):
    theirs = create_list("Mine", by=by(mai))
    body = {"data": {"text": TABLE}, "content_type": "application/json"}
    assert sign_in(nok).post(f"/api/homes/{nok.home_id}/lists/{theirs.pk}/import", **body).status_code == 404
    assert sign_in(mai).post(f"/api/homes/{nok.home_id}/lists/{weekly.pk}/import", **body).status_code == 403
    assert events(nok.home) == []
