"""Pages of the pantry."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from groceries.actions import add_to_pantry, keep_in_stock, purchase_entry, remember_barcode, use_batch
from groceries.models import Barcode, ListEntry, PantryBatch
from groceries.pantry_presenter import MAX_ITEMS
from homes.models import Home
from tests.counting import queries_of
from tests.factories import by
from tests.limits import limit


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/pantry/"


@pytest.fixture
def rice(nok):
    today = nok.home.now().date()
    fields = {"quantity": Decimal(2), "unit": "kg", "place": "cupboard"}
    return add_to_pantry("Rice", by=by(nok), best_before=today + timedelta(days=2), **fields)


def undo_in_toast(client, response):
    """Press Undo in the last toast of the page that a change leads to."""
    *_others, path = re.findall('action="([^"]+/undo)"', client.get(response.url).text)
    return client.post(path)


def test_empty_pantry_says_what_it_is_for(nok, sign_in, url):
    page = sign_in(nok).get(url).text
    assert "The pantry knows what is at home" in page
    assert "Use soon" not in page


def test_lists_link_to_the_pantry(nok, sign_in, url, milk):
    client = sign_in(nok)
    assert url in client.get(f"/h/{nok.home_id}/lists/").text
    assert url in client.get(f"/h/{nok.home_id}/lists/{milk.list_id}/").text


def test_items_are_grouped_by_aisle_with_what_to_use_soon_on_top(nok, sign_in, url, rice):
    add_to_pantry("Milk", by=by(nok))
    page = sign_in(nok).get(url).text
    assert page.index("within three days") < page.index("Dairy") < page.index("Staple")
    assert "2 kg, best before" in page
    assert "Cupboard" in page


def test_search_finds_items_by_the_start_of_a_word(nok, sign_in, url, rice):
    add_to_pantry("Milk", by=by(nok))
    page = sign_in(nok).get(url, {"q": "ri"}, headers={"HX-Request": "true", "HX-Target": "div#pantry"}).text
    assert "Rice" in page
    assert "Milk" not in page
    assert "<h1" not in page
    assert "Nothing called “beer” is at home." in sign_in(nok).get(url, {"q": "beer"}).text


def test_typed_item_is_added_and_can_be_undone(nok, sign_in, url):
    client = sign_in(nok)
    response = client.post(url, {"text": "2 l milk", "best_before": "2026-12-24", "place": "fridge"})
    batch = PantryBatch.objects.get()
    assert (str(batch), str(batch.best_before), batch.place) == ("Milk (2 liter)", "2026-12-24", "fridge")
    assert undo_in_toast(client, response).url == url
    assert not PantryBatch.objects.exists()


@pytest.mark.parametrize(
    "form", [{"text": ""}, {"text": "milk", "place": "garage"}, {"text": "milk", "best_before": "soon"}]
)
def test_invalid_form_is_shown_again(nok, sign_in, url, form):
    assert sign_in(nok).post(url, form).status_code == 422
    assert not PantryBatch.objects.exists()


def test_one_tap_uses_a_step_and_another_the_rest(nok, sign_in, url, rice):
    client = sign_in(nok)
    response = client.post(f"{url}batches/{rice.pk}/use?q=ri")
    assert response.url == f"{url}?q=ri#item-{rice.item_id}"
    assert "Used 1 kg of Rice." in client.get(url).text
    response = client.post(f"{url}batches/{rice.pk}/used-up?item")
    assert response.url == f"{url}items/{rice.item_id}/"
    assert "Rice is used up." in client.get(response.url).text
    assert not PantryBatch.objects.exists()


def test_pressing_a_button_twice_in_one_page_uses_one_step(nok, sign_in, url, rice):
    op_id = re.search('name="op_id" value="([^"]+)"', sign_in(nok).get(url).text)[1]
    for _time in range(2):
        sign_in(nok).post(f"{url}batches/{rice.pk}/use", {"op_id": op_id})
    assert str(PantryBatch.objects.get()) == "Rice (1 kg)"


def test_undoing_a_use_leads_back_to_the_pantry(nok, sign_in, url, weekly, rice):
    keep_in_stock(rice.item, Decimal(2), "kg", by=by(nok))
    client = sign_in(nok)
    response = client.post(f"{url}batches/{rice.pk}/use")
    assert "Rice is used and on “Weekly shop”." in client.get(url).text
    client.post(f"{url}batches/{rice.pk}/use")
    assert undo_in_toast(client, response).url == url
    assert str(PantryBatch.objects.get()) == "Rice (1 kg)"


def test_batch_is_changed(nok, sign_in, url, rice):
    form = {"quantity": "500", "unit": "g", "best_before": "", "place": "freezer"}
    form["initial-best_before"] = rice.best_before.isoformat()
    response = sign_in(nok).post(f"{url}batches/{rice.pk}/", form)
    assert response.url == f"{url}items/{rice.item_id}/"
    batch = PantryBatch.objects.get()
    assert (str(batch), batch.best_before, batch.place) == ("Rice (500 g)", None, "freezer")
    assert sign_in(nok).post(f"{url}batches/{rice.pk}/", {"quantity": "lots"}).status_code == 422


def test_form_of_a_batch_leaves_what_others_changed_meanwhile(nok, ben, sign_in, url, rice):
    page = f"{url}batches/{rice.pk}/"
    form = sign_in(nok).get(page).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {form[name].html_initial_name: data[name] for name in form.fields}
    use_batch(rice, Decimal(1), by=by(ben))
    sign_in(nok).post(page, {**data, "best_before": "2027-01-05"})
    batch = PantryBatch.objects.get()
    assert (str(batch), batch.best_before) == ("Rice (1 kg)", date(2027, 1, 5))
    sign_in(nok).post(page, {**data, "unit": "g"})
    assert str(PantryBatch.objects.get()) == "Rice (2 g)"


def test_using_a_batch_that_is_gone_says_so(nok, ben, sign_in, url, rice):
    use_batch(rice, by=by(ben))
    client = sign_in(nok)
    for path in ("use", "used-up"):
        assert "Rice is used up." in client.post(f"{url}batches/{rice.pk}/{path}", follow=True).text


def test_another_batch_is_added_on_the_page_of_the_item(nok, sign_in, url, rice):
    page = f"{url}items/{rice.item_id}/"
    assert sign_in(nok).post(page, {"quantity": "2", "unit": "pack"}).url == page
    text = sign_in(nok).get(page).text
    assert "2 kg, 2 packs" in text
    assert sign_in(nok).post(page, {"quantity": "0"}).status_code == 422


def test_minimum_is_set_explained_and_cleared(nok, sign_in, url, rice):
    add_to_pantry("Rice", by=by(nok), quantity=Decimal(3), unit="bag")
    page, client = f"{url}items/{rice.item_id}/", sign_in(nok)
    client.post(f"{page}minimum", {"quantity": "5", "unit": "kg"})
    text = client.get(page).text
    assert re.search(r"3 bags:\s+does not count towards 5 kg", text)
    assert "below 5 kg" in client.get(url).text
    assert str(ListEntry.objects.get()) == "Rice (3 kg)"
    assert client.post(re.findall('action="([^"]+/undo)"', text)[-1]).url == url
    rice.item.refresh_from_db()
    assert rice.item.min_quantity is None
    assert client.post(f"{page}minimum", {"quantity": "x"}).status_code == 422


def test_item_with_a_minimum_is_shown_when_none_is_at_home(nok, sign_in, url, milk):
    keep_in_stock(milk.item, Decimal(2), by=by(nok))
    page = sign_in(nok).get(url).text
    assert "None at home" in page
    assert "below 2" in page


def test_owner_lets_purchases_fill_the_pantry(nok, ben, sign_in, url, milk):
    assert "An owner can change this." in sign_in(ben).get(url).text
    sign_in(ben).post(f"{url}fill", {"fills": "1"})
    assert not Home.objects.get(pk=nok.home_id).fills_pantry
    sign_in(nok).post(f"{url}fill", {"fills": "1"})
    purchase_entry(milk, by=by(ben))
    assert "Milk" in sign_in(nok).get(url).text
    sign_in(nok).post(f"{url}fill", {"fills": "0"})
    assert not Home.objects.get(pk=nok.home_id).fills_pantry


def test_full_pantry_says_so(nok, sign_in, url, rice, monkeypatch):
    assert "The pantry is full" not in sign_in(nok).get(url).text
    monkeypatch.setattr("groceries.actions.batches.MAX_BATCHES", 1)
    assert "The pantry is full" in sign_in(nok).get(url).text
    assert sign_in(nok).post(url, {"text": "tea"}).status_code == 422


def test_batches_of_another_home_are_not_found(nok, mai, sign_in, url, rice):
    foreign = add_to_pantry("Tea", by=by(mai))
    client = sign_in(nok)
    for path in (f"batches/{foreign.pk}/", f"items/{foreign.item_id}/"):
        assert client.get(url + path).status_code == 404
    for path in ("use", "used-up"):
        assert client.post(f"{url}batches/{foreign.pk}/{path}").status_code == 404
    assert client.post(f"{url}items/{foreign.item_id}/used-up").status_code == 404
    assert client.post(f"{url}items/{foreign.item_id}/minimum", {"quantity": "1"}).status_code == 404
    assert PantryBatch.objects.filter(pk=foreign.pk).exists()


def test_more_items_need_no_more_queries(nok, sign_in, url, rice):
    client = sign_in(nok)
    client.get(url)
    before = queries_of(lambda: client.get(url))
    for number in range(5):
        for _time in range(3):
            add_to_pantry(f"Tea {number}", by=by(nok), best_before=nok.home.now().date())
    assert queries_of(lambda: client.get(url)) == before


def test_more_than_a_page_of_items_has_pages(nok, sign_in, url, monkeypatch):
    assert limit("Items on a page of the pantry") == MAX_ITEMS
    monkeypatch.setattr("groceries.pantry_presenter.MAX_ITEMS", 2)
    for name in ("Apples", "Beer", "Carrots"):
        add_to_pantry(name, by=by(nok))
    assert "Page 1 of 2" in sign_in(nok).get(url).text
    assert "Page 2 of 2" in sign_in(nok).get(url, {"page": "2"}).text


# Barcodes

CODE = "4006381333931"


def test_new_code_is_asked_about_once_and_then_known(nok, sign_in, url):
    client, page = sign_in(nok), f"{url}scan"
    assert 'name="name"' not in client.get(page).text
    response = client.post(page, {"code": CODE, "do": "add"})
    assert (response.status_code, "This code is new here." in response.text) == (200, True)
    fields = {"name": "Rice", "quantity": "5", "unit": "kg", "best_before": "2027-02-05", "place": "cupboard"}
    response = client.post(page, {"code": CODE, "do": "add", **fields})
    assert response.url == page
    assert "In the pantry: Rice, 5 kg." in client.get(page).text
    client.post(page, {"code": CODE, "do": "add"})
    assert [str(batch) for batch in PantryBatch.objects.order_by("created_at")] == ["Rice (5 kg)", "Rice (5 kg)"]
    assert client.post(page, {"code": CODE, "do": "use"}).url == f"{page}?do=use"
    assert [batch.best_before for batch in PantryBatch.objects.all()] == [None]
    client.post(page, {"code": CODE, "do": "use"})
    response = client.post(page, {"code": CODE, "do": "use"})
    assert (response.status_code, "no Rice in the pantry" in response.text) == (422, True)


def test_undoing_a_scan_forgets_a_new_code(nok, sign_in, url):
    client, page = sign_in(nok), f"{url}scan"
    response = client.post(page, {"code": CODE, "do": "add", "name": "Rice"})
    undo_in_toast(client, response)
    assert not PantryBatch.objects.exists()
    assert not Barcode.objects.exists()


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"code": "", "do": "add"}, "be empty"),
        ({"code": "4006381333932", "do": "add"}, "add up"),
        ({"code": CODE, "do": "use"}, "Put it in first"),
        ({"code": CODE, "do": "eat"}, "Select a valid choice"),
        ({"code": "x" * 65, "do": "add"}, "at most 64"),
    ],
)
def test_invalid_scan_is_shown_again(nok, sign_in, url, form, message):
    response = sign_in(nok).post(f"{url}scan", form)
    assert response.status_code == 422
    assert message in response.text


def test_only_the_page_that_scans_may_use_the_camera(nok, sign_in, url):
    assert "camera=(self)" in sign_in(nok).get(f"{url}scan")["Permissions-Policy"]
    assert "camera=()" in sign_in(nok).get(url)["Permissions-Policy"]


def test_barcodes_of_an_item_are_shown_and_forgotten(nok, mai, sign_in, url, rice):
    barcode = remember_barcode(CODE, rice.item, by=by(nok), quantity=Decimal(5), unit="kg")
    foreign = remember_barcode(CODE, "Tea", by=by(mai))
    client, page = sign_in(nok), f"{url}items/{rice.item_id}/"
    assert CODE in client.get(page).text
    assert client.post(f"{url}barcodes/{foreign.pk}/forget").status_code == 404
    response = client.post(f"{url}barcodes/{barcode.pk}/forget")
    assert response.url == page
    undo_in_toast(client, response)
    assert Barcode.objects.filter(home=nok.home).exists()
