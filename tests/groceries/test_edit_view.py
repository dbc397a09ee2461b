from decimal import Decimal

import pytest
from django.test import Client

from groceries.actions import add_entry, change_list_state, create_list, purchase_entry
from groceries.models import Category, Item
from tests.factories import by


@pytest.fixture
def url(nok, weekly, milk):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/{milk.pk}/edit"


@pytest.fixture
def fields(milk):
    category = str(milk.item.category_id)
    return {"name": "Milk", "quantity": "2.5", "unit": "l", "note": "the blue one", "category": category}


def test_posting_the_form_saves_the_entry(url, nok, weekly, milk, fields, sign_in, events):
    client = sign_in(nok)
    page = client.get(url).text
    assert 'value="1"' in page
    assert 'value="liter"' in page
    assert "Remove from the list" in page
    assert client.post(url, fields).url == f"/h/{nok.home_id}/lists/{weekly.pk}/"
    milk.refresh_from_db()
    assert (milk.quantity, milk.unit, milk.note, milk.version) == (Decimal("2.5"), "liter", "the blue one", 2)
    assert events(nok.home) == ["list_item_updated"]


def test_posting_the_form_twice_changes_nothing_more(url, nok, fields, sign_in, events):
    client = sign_in(nok)
    for _twice in range(2):
        client.post(url, fields)
    assert events(nok.home) == ["list_item_updated"]


def test_changing_the_aisle_changes_the_item(url, nok, milk, fields, sign_in, events):
    household = Category.objects.get(home=nok.home, name="household")
    sign_in(nok).post(url, {**fields, "category": household.pk})
    assert Item.objects.get(name="Milk").category == household
    assert events(nok.home) == ["list_item_updated", "item_updated"]


@pytest.mark.parametrize(("typed", "price"), [("1,234.50", "1234.50"), ("2,49", "2.49"), ("฿ 13,000", "13000")])
def test_price_can_be_set_on_a_purchased_entry(url, nok, milk, fields, sign_in, typed, price):
    client = sign_in(nok)
    assert "price_paid" not in client.get(url).text
    purchase_entry(milk, by=by(nok))
    assert "price_paid" in client.get(url).text
    client.post(url, {**fields, "price_paid": typed})
    milk.refresh_from_db()
    assert milk.price_paid == Decimal(price)


def test_price_can_be_cleared(url, nok, milk, fields, sign_in):
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    sign_in(nok).post(url, {**fields, "price_paid": ""})
    milk.refresh_from_db()
    assert milk.price_paid is None


def test_empty_unit_means_pieces(url, nok, milk, fields, sign_in):
    sign_in(nok).post(url, {**fields, "unit": ""})
    milk.refresh_from_db()
    assert milk.unit == "piece"


def test_changing_to_the_item_and_unit_of_another_entry_merges_both(url, nok, weekly, milk, fields, sign_in):
    add_entry(weekly, "Milk", by=by(nok), quantity=Decimal(3), unit="box")
    sign_in(nok).post(url, {**fields, "quantity": "2", "unit": "box"})
    assert [str(entry) for entry in weekly.entries.pending()] == ["Milk (5 box)"]


@pytest.mark.parametrize(
    "invalid",
    [{"quantity": quantity} for quantity in ("", "0", "-1", "1e9", "NaN", "Infinity", "lots", "99999999", "x" * 5000)]
    + [
        {"name": ""},
        {"name": "\u200b"},
        {"unit": "x" * 21},
        {"note": "x" * 201},
        {"note": "x" * 5000},
        {"category": ""},
        {"category": "x"},
    ]
    + [{"category": "00000000-0000-0000-0000-000000000000"}, {"category": "\x00"}],
)
def test_invalid_values_show_errors_at_their_fields(url, nok, milk, fields, sign_in, events, invalid):
    page = sign_in(nok).post(url, {**fields, **invalid})
    assert page.status_code == 422
    assert page.text.count('class="field__error" id=') == 1
    assert events(nok.home) == []


@pytest.mark.parametrize("price", ["-1", "NaN", "1e9", "lots", "1.234", "x" * 5000, "\x00"])
def test_invalid_price_shows_an_error(url, nok, milk, fields, sign_in, price):
    purchase_entry(milk, by=by(nok))
    page = sign_in(nok).post(url, {**fields, "price_paid": price})
    assert page.status_code == 422
    milk.refresh_from_db()
    assert milk.price_paid is None


@pytest.mark.parametrize(
    "note", ["🥚", "‏שלום‎", "<script>alert(1)</script>", "'; DROP TABLE accounts_user; --", "a\x00b"]
)
def test_note_accepts_any_text(url, nok, weekly, milk, fields, sign_in, note):
    client = sign_in(nok)
    assert client.post(url, {**fields, "note": note}).status_code == 302
    milk.refresh_from_db()
    assert milk.note == note.replace("\x00", "")
    assert "<script>alert" not in client.get(f"/h/{nok.home_id}/lists/{weekly.pk}/").text


def test_aisle_of_another_home_is_invalid(url, nok, mai, milk, fields, sign_in):
    theirs = Category.objects.get(home=mai.home, name="dairy")
    assert sign_in(nok).post(url, {**fields, "category": theirs.pk}).status_code == 422
    assert Item.objects.get(name="Milk").category.home == nok.home


def test_editing_an_entry_of_a_completed_list_is_refused(url, nok, weekly, milk, fields, sign_in, events):
    change_list_state(weekly, "completed", by=by(nok))
    before = events(nok.home)
    household = Category.objects.get(home=nok.home, name="household")
    page = sign_in(nok).post(url, {**fields, "category": household.pk})
    assert page.status_code == 422
    assert "This list is done." in page.text
    assert events(nok.home) == before


def test_empty_form_is_invalid(url, nok, sign_in, events):
    assert sign_in(nok).post(url).status_code == 200
    assert events(nok.home) == []


def test_entry_of_another_home_is_not_found(nok, mai, weekly, sign_in):
    theirs, _new = add_entry(create_list("Mine", by=by(mai)), "Milk", by=by(mai))
    client = sign_in(nok)
    for grocery_list in (weekly, theirs.list):
        assert client.get(f"/h/{nok.home_id}/lists/{grocery_list.pk}/{theirs.pk}/edit").status_code == 404


def test_non_member_gets_404(url, mai, fields, sign_in, milk):
    client = sign_in(mai)
    assert client.get(url).status_code == client.post(url, fields).status_code == 404
    milk.refresh_from_db()
    assert milk.version == 1


def test_anonymous_user_is_asked_to_sign_in(url, fields):
    assert Client().get(url).url == f"/accounts/login/?next={url}"
    assert Client().post(url, fields).status_code == 302
