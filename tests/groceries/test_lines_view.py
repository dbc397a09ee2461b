"""Pages that take a pasted text, give the list as text, and change several entries at once."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import add_entry, change_entry, create_list, purchase_entry
from groceries.models import ListEntry
from tests.counting import queries_of
from tests.factories import by, names
from tests.limits import limit

RECIPE = "Pancakes\n- 200 g flour\n- 3 eggs\n- 300 ml milk\n- salt"


@pytest.fixture
def url(nok, weekly):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/"


@pytest.fixture
def client(nok, sign_in):
    return sign_in(nok)


def review(client, url, text=RECIPE, **fields):
    """Post the text. Returns the page and the fields of the form with its lines."""
    page = client.post(f"{url}paste", {"text": text, **fields})
    digest = re.search(r'name="digest" value="(\w+)"', page.text)
    return page, {"text": text, **fields, "digest": digest and digest[1], "op_id": str(uuid4())}


# Pasting


def test_lines_of_a_text_are_chosen(client, url, weekly, events, nok):
    page, form = review(client, url)
    assert page.text.count('name="take"') == 5
    assert events(nok.home) == []
    response = client.post(f"{url}paste", {**form, "take": ["1", "2", "4"]})
    assert response.url == url
    assert sorted(map(str, weekly.entries.all())) == ["Eggs (3 piece)", "Flour (200 g)", "Salt (1 piece)"]


def test_amounts_are_scaled_to_the_portions(client, url, weekly):
    _page, form = review(client, url, has="4", needs="6")
    client.post(f"{url}paste", {**form, "take": ["1", "2", "4"]})
    assert sorted(map(str, weekly.entries.all())) == ["Eggs (4.5 piece)", "Flour (300 g)", "Salt (1 piece)"]


def test_one_number_of_portions_is_not_enough(client, url, events, nok):
    page, _form = review(client, url, has="4")
    assert page.status_code == 422
    assert "enter both numbers of portions" in page.text


def test_pasting_is_undone_as_one(client, url, weekly):
    _page, form = review(client, url)
    response = client.post(f"{url}paste", {**form, "take": ["1", "2"]})
    client.post(f"{url}paste", {**form, "take": ["1", "2"]})
    assert sorted(map(str, weekly.entries.all())) == ["Eggs (3 piece)", "Flour (200 g)"]
    [target] = re.findall(r'action="(/h/[^"]*/operations/[^"]*/undo)"', client.get(response.url).text)
    client.post(target)
    assert not weekly.entries.pending().exists()


def test_text_that_reads_otherwise_by_now_is_shown_again(client, url, weekly):
    _page, form = review(client, url)
    page = client.post(f"{url}paste", {**form, "digest": "0" * 64, "take": ["1"]})
    assert 'name="take"' in page.text
    assert not weekly.entries.exists()


def test_text_beyond_the_limit_is_refused_with_the_next_line(client, url, weekly):
    most = limit("Things in a text that is pasted onto a list")
    fits, form = review(client, url, "\n".join(f"No{number}x" for number in range(most)))
    assert fits.text.count('name="take"') == most
    client.post(f"{url}paste", {**form, "take": [str(number) for number in range(most)]})
    assert weekly.entries.count() == most
    page, _form = review(client, url, "\n".join(f"No{number}x" for number in range(600)))
    assert page.status_code == 422
    assert f"these are 600. “No{most}x” would be the next one." in page.text
    longest = limit("Text that is pasted onto a list")
    assert review(client, url, "x" * (longest + 1))[0].status_code == 422


def test_empty_text_is_refused(client, url):
    assert review(client, url, " ")[0].status_code == 422


# As text


def test_list_as_text_has_everything(client, nok, url, milk, eggs, rice):
    change_entry(milk, by=by(nok), note="oat")
    purchase_entry(eggs, by=by(nok))
    response = client.get(f"{url}text")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text == (
        "Weekly shop\n\nDairy:\n- Milk, 1 liter (oat)\n\nStaple:\n- Rice, 5 kg\n\nIn the basket:\n- Eggs, 6\n"
    )


def test_preview_counts_the_lines_that_it_does_not_show(client, url):
    text = "\n".join(f"spice {number}" for number in range(11))
    assert "and 3 more" in client.get(f"{url}understood", {"text": text}).text


# Several entries


@pytest.mark.parametrize(("do", "state"), [("purchased", "purchased"), ("removed", "removed")])
def test_selected_entries_are_changed_and_undone_as_one(client, url, weekly, milk, eggs, rice, do, state):
    response = client.post(f"{url}select", {"do": do, "entry": [str(milk.pk), str(eggs.pk)], "op_id": str(uuid4())})
    assert response.url == url
    assert names(weekly.entries.filter(state=state)) == ["Eggs", "Milk"]
    [target] = re.findall(r'action="(/h/[^"]*/operations/[^"]*/undo)"', client.get(url).text)
    client.post(target)
    assert names(weekly.entries.pending()) == ["Eggs", "Milk", "Rice"]


def test_selected_entries_are_moved(client, nok, url, weekly, milk, eggs):
    party = create_list("Party", by=by(nok))
    assert "Party" in client.get(f"{url}select").text
    client.post(f"{url}select", {"do": "move", "to": str(party.pk), "entry": [str(milk.pk)]})
    assert (names(weekly.entries.pending()), names(party.entries.pending())) == (["Eggs"], ["Milk"])


def test_entry_is_moved_from_its_own_page(client, nok, url, milk):
    assert 'name="list"' not in client.get(f"{url}{milk.pk}/edit").text
    party = create_list("Party", by=by(nok))
    fields = {"name": "Milk", "quantity": "1", "unit": "liter", "category": milk.item.category_id, "list": party.pk}
    assert 'name="list"' in client.get(f"{url}{milk.pk}/edit").text
    assert client.post(f"{url}{milk.pk}/edit", fields).status_code == 302
    assert party.entries.get() == milk


@pytest.mark.parametrize(
    "fields", [{"do": "removed"}, {"do": "burn", "entry": "milk"}, {"entry": "milk"}, {"do": "removed", "entry": "x"}]
)
def test_incomplete_selection_is_refused(client, nok, url, milk, events, fields):
    fields = {name: str(milk.pk) if value == "milk" else value for name, value in fields.items()}
    assert client.post(f"{url}select", fields).status_code == 422
    assert events(nok.home) == []


def test_entries_beyond_a_page_are_on_the_next_one(client, nok, url, weekly):
    most = limit("Items on a page to select from")
    for number in range(most + 1):
        add_entry(weekly, f"Spice {number}", by=by(nok))
    assert client.get(f"{url}select").text.count('name="entry"') == most
    assert client.get(f"{url}select?page=2").text.count('name="entry"') == 1


@pytest.mark.parametrize("page", ["select", "text"])
def test_query_count_is_constant(client, nok, url, weekly, page):
    def fill(count):
        for number in range(count):
            add_entry(weekly, f"Spice {number} of {count}", by=by(nok))
            create_list("Party", by=by(nok))

    fill(3)
    query_counts = queries_of(lambda: client.get(url + page))
    fill(20)
    assert queries_of(lambda: client.get(url + page)) == query_counts


# Access


@pytest.mark.parametrize("page", ["paste", "text", "select"])
def test_list_of_another_home_is_not_found(client, nok, mai, url, sign_in, page, events):
    theirs = create_list("Mine", by=by(mai))
    assert client.get(f"/h/{nok.home_id}/lists/{theirs.pk}/{page}").status_code == 404
    assert sign_in(mai).get(url + page).status_code == 404
    assert Client().get(url + page).url.startswith("/accounts/login/")


def test_entries_and_lists_of_others_are_not_changed(client, nok, mai, url, milk, events):
    theirs = create_list("Mine", by=by(mai))
    tea, _new = add_entry(theirs, "Tea", by=by(mai))
    assert client.post(f"{url}select", {"do": "removed", "entry": str(tea.pk)}).status_code == 422
    move = {"do": "move", "to": str(theirs.pk), "entry": str(milk.pk)}
    assert client.post(f"{url}select", move).status_code == 404
    assert client.post(f"{url}select", {**move, "to": "\x00"}).status_code == 404
    assert ListEntry.objects.pending().count() == 2
    assert events(nok.home) == []
