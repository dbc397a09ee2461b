import re
from decimal import Decimal

import pytest

from groceries.actions import (
    add_entry,
    create_item,
    get_or_create_item,
    purchase_entry,
    remove_entry,
    set_recurring,
    update_item,
)
from groceries.models import Category, Item, RecurringItem
from groceries.views.items import MAX_ITEMS
from tests.counting import queries_of
from tests.factories import by
from tests.limits import limit

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/items/"


@pytest.fixture
def juice(nok):
    item, _is_new = create_item("Orange juice", by=by(nok), aliases=["OJ"], estimated_price=Decimal(85))
    return item


def undo_in_toast(client, response):
    """Press Undo in the last toast of the page that a change leads to."""
    *_others, path = re.findall('action="([^"]+/undo)"', client.get(response.url).text)
    return client.post(path)


def fields(item, **changes):
    names = {"name": item.name, "category": str(item.category_id), "aliases": "\n".join(item.alias_names)}
    return {**names, "default_quantity": "", "default_unit": "", "estimated_price": "", "description": "", **changes}


def test_page_shows_the_items_with_what_is_usual(url, nok, weekly, milk, juice, sign_in):
    set_recurring("Milk", "weekly", by=by(nok), quantity=Decimal(2), unit="liter")
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    page = sign_in(nok).get(url).text
    assert page.index("Milk") < page.index("Orange juice")
    for text in ("also OJ", "฿85", "last bought", "1 recurring rule", "Dairy"):
        assert text in page


def test_empty_home_and_unknown_text_say_so(url, nok, juice, mai, sign_in):
    assert "No item is called “zorkmid”." in sign_in(nok).get(f"{url}?q=zorkmid").text
    empty = sign_in(mai).get(f"/h/{mai.home_id}/items/").text
    assert "No items yet." in empty
    assert "Orange juice" not in empty


def test_search_finds_names_and_aliases_while_typing(url, nok, milk, juice, sign_in):
    for text in ("oj", "juic"):
        part = sign_in(nok).get(f"{url}?q={text}", headers=HTMX).text
        assert "Orange juice" in part
        assert "Milk" not in part
        assert "<html" not in part


def test_items_are_on_pages(url, nok, sign_in):
    most, aisle = limit("Items on a page of the home's items"), Category.objects.filter(home=nok.home)[0]
    assert most == MAX_ITEMS
    keys = [f"thing {number:03}" for number in range(most + 1)]
    Item.objects.bulk_create(Item(home=nok.home, name=key, normalized_name=key, category=aisle) for key in keys)
    first = sign_in(nok).get(f"{url}?q=thing").text
    assert "thing 099" in first
    assert "thing 100" not in first
    assert "Page 1 of 2" in first
    assert "thing 100" in sign_in(nok).get(f"{url}?q=thing&page=2").text


def test_query_count_does_not_grow_with_items(url, nok, juice, sign_in):
    client = sign_in(nok)
    client.get(url)
    few = queries_of(lambda: client.get(url))
    for number in range(20):
        create_item(f"Thing {number}", by=by(nok), aliases=[f"Ding {number}"])
        set_recurring(f"Thing {number}", "weekly", by=by(nok))
    assert queries_of(lambda: client.get(url)) == few


def test_item_is_changed_and_undone(url, nok, juice, sign_in):
    client = sign_in(nok)
    amount = {"default_quantity": "1,5", "default_unit": "litres", "estimated_price": "90", "description": "no pulp"}
    names = {"name": "Juice", "aliases": "OJ\n\nOrange nectar\n"}
    answer = client.post(f"{url}{juice.pk}/", fields(juice, **amount, **names))
    assert answer.url == url
    juice.refresh_from_db()
    assert (juice.name, juice.default_quantity, juice.default_unit) == ("Juice", Decimal("1.5"), "liter")
    assert (juice.estimated_price, juice.description) == (Decimal(90), "no pulp")
    assert juice.alias_names == ["OJ", "Orange nectar"]
    assert undo_in_toast(client, answer).url == url
    juice.refresh_from_db()
    assert (juice.name, juice.default_quantity, juice.estimated_price) == ("Orange juice", None, Decimal(85))
    assert juice.alias_names == ["OJ"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "can&#x27;t be empty"),
        ({"name": "Milk"}, "already an item called"),
        ({"aliases": "Milk"}, "already an item called"),
        ({"default_quantity": "-1"}, "Enter"),
        ({"default_quantity": "100000"}, "99,999.999 at most"),
        ({"estimated_price": "lots"}, "Enter an amount"),
        ({"category": ""}, "required"),
    ],
)
def test_invalid_change_is_refused_at_its_field(url, nok, milk, juice, sign_in, events, changes, sentence):
    answer = sign_in(nok).post(f"{url}{juice.pk}/", fields(juice, **changes))
    assert (answer.status_code, events(nok.home)) == (422, [])
    assert sentence in answer.text


def test_aisle_of_another_home_is_refused(url, nok, mai, juice, sign_in):
    foreign = Category.objects.filter(home=mai.home)[0]
    assert sign_in(nok).post(f"{url}{juice.pk}/", fields(juice, category=str(foreign.pk))).status_code == 422


def test_merge_is_chosen_previewed_made_and_undone(url, nok, weekly, milk, juice, sign_in):
    client, merge_url = sign_in(nok), f"{url}{juice.pk}/merge"
    add_entry(weekly, juice, by=by(nok), quantity=Decimal(2), unit="liter")
    set_recurring("OJ", "weekly", by=by(nok))
    choices = client.get(f"{merge_url}?q=mil").text
    assert f"?into={milk.item_id}" in choices
    assert f"?into={juice.pk}" not in client.get(merge_url).text
    preview = client.get(f"{merge_url}?into={milk.item_id}").text
    for text in ("“Orange juice” becomes “Milk”", "1 entry to buy", "of which 1 adds up", "0 purchases"):
        assert text in preview
    for text in ("1 recurring rule", "the names Orange juice, OJ", "Its usual price is ฿85", "You can undo this"):
        assert text in preview
    answer = client.post(merge_url, {"into": str(milk.item_id)})
    assert answer.url == f"{url}{milk.item_id}/"
    assert [str(entry) for entry in weekly.entries.pending()] == ["Milk (3 liter)"]
    assert undo_in_toast(client, answer).url == url
    assert sorted(str(entry) for entry in weekly.entries.pending()) == ["Milk (1 liter)", "Orange juice (2 liter)"]


def test_merge_that_cannot_be_undone_says_so_and_offers_no_undo(url, nok, milk, juice, sign_in, monkeypatch):
    monkeypatch.setattr("groceries.actions.merging.MAX_MOVED", 0)
    merge_url = f"{url}{juice.pk}/merge"
    client = sign_in(nok)
    assert "so much that it can't be undone" in client.get(f"{merge_url}?into={milk.item_id}").text
    assert "/operations/" not in client.get(client.post(merge_url, {"into": str(milk.item_id)}).url).text


def test_merging_with_itself_or_a_foreign_item_shows_the_choices_again(url, nok, mai, milk, juice, sign_in, events):
    foreign = get_or_create_item("Milk", by=by(mai))
    for pk in (juice.pk, foreign.pk, "nonsense"):
        assert "The item that stays" in sign_in(nok).post(f"{url}{juice.pk}/merge", {"into": str(pk)}).text
    assert events(nok.home) == []


def test_item_is_deleted_with_its_rules_and_undone(url, nok, juice, sign_in):
    client = sign_in(nok)
    set_recurring("OJ", "weekly", by=by(nok))
    assert "1 recurring rule stops." in client.get(f"{url}{juice.pk}/delete").text
    answer = client.post(f"{url}{juice.pk}/delete")
    assert not Item.objects.filter(pk=juice.pk).exists()
    assert undo_in_toast(client, answer).url == url
    assert (RecurringItem.objects.get().item, juice.alias_names) == (juice, ["OJ"])


def test_item_on_a_list_or_bought_is_not_deleted(url, nok, milk, sign_in):
    client, delete_url = sign_in(nok), f"{url}{milk.item_id}/delete"
    assert "“Milk” is on a list. Take it off first" in client.get(delete_url).text
    assert client.post(delete_url).status_code == 422
    purchase_entry(milk, by=by(nok))
    assert "it stays in your spending" in client.get(delete_url).text
    assert client.post(delete_url).status_code == 422
    assert Item.objects.filter(pk=milk.item_id).exists()


def test_pages_are_linked(nok, weekly, milk, sign_in):
    for page in (f"/h/{nok.home_id}/lists/", f"/h/{nok.home_id}/lists/{weekly.pk}/"):
        text = sign_in(nok).get(page).text
        assert f"/h/{nok.home_id}/items/" in text
        assert f"/h/{nok.home_id}/aisles/" in text
    remove_entry(milk, by=by(nok))


def test_what_others_changed_since_the_page_was_opened_stays(url, nok, ben, juice, sign_in):
    opened = sign_in(nok).get(f"{url}{juice.pk}/").text
    hidden = dict(re.findall(r'<input type="hidden" name="(initial-\w+)"(?: value="([^"]*)")?', opened))
    assert hidden["initial-estimated_price"] == "85"
    update_item(juice, by=by(ben), estimated_price=Decimal(99), aliases=["OJ", "Sunshine"])
    stale = {**fields(juice, estimated_price="85", description="with pulp", aliases="OJ"), **hidden}
    sign_in(nok).post(f"{url}{juice.pk}/", stale)
    juice = Item.objects.get(pk=juice.pk)
    assert (juice.estimated_price, juice.description, set(juice.alias_names)) == (99, "with pulp", {"OJ", "Sunshine"})
