"""What is suggested for a list."""

from datetime import timedelta

import pytest
from django.utils import timezone

from groceries.actions import add_entry, create_item, create_list, purchase_entry, update_item
from groceries.models import Item, ListEntry
from groceries.parsing.names import normalize
from groceries.parsing.products import find_product, find_products, products
from groceries.suggestions import LIMIT, suggest
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def shops(nok):
    """Return a function that buys the names together, each time on a list of its own."""

    def buy(*names, times=1):
        for _time in range(times):
            shop = create_list("Shop", by=by(nok))
            for name in names:
                purchase_entry(add_entry(shop, name, by=by(nok))[0], by=by(nok))

    return buy


def names(suggestions):
    return [suggestion.name for suggestion in suggestions]


def test_own_items_come_before_products_that_were_never_bought(nok, weekly):
    create_item("Milo", by=by(nok))
    assert names(suggest(weekly, "mil", "en"))[:2] == ["Milo", "Milk"]


def test_item_that_was_bought_last_comes_first(nok, weekly, shops):
    shops("Rice noodles")
    shops("Rice")
    assert names(suggest(weekly, "ric", "en"))[:2] == ["Rice", "Rice noodles"]


@pytest.mark.parametrize(("typed", "name"), [("MIL", "Milch"), ("ä", "Äpfel"), ("apf", "Äpfel")])
def test_products_are_found_in_the_language_without_case_and_accents(weekly, typed, name):
    assert name in names(suggest(weekly, typed, "de"))


@pytest.mark.parametrize("typed", ["Milch", "leche", "นม"])
def test_own_item_is_found_by_its_name_in_another_language(nok, weekly, typed):
    create_item("Milk", by=by(nok))
    assert names(suggest(weekly, typed, "en"))[0] == "Milk"


@pytest.mark.parametrize(
    ("typed", "name"), [("cofee", "Coffee"), ("brocoli", "Broccoli"), ("tomatos", "Tomatoes"), ("banannas", "Bananas")]
)
def test_misspelt_name_is_found(nok, weekly, typed, name):
    assert name in names(suggest(weekly, typed, "en"))
    create_item(name, by=by(nok))
    assert names(suggest(weekly, typed, "en"))[0] == name


def test_what_is_typed_before_the_name_is_kept(nok, weekly):
    create_item("Tomatoes", by=by(nok))
    assert suggest(weekly, "milk, 2 kg tom", "en")[0].text == "milk, 2 kg Tomatoes"
    assert suggest(weekly, "eggs\ntom", "en")[0].text == "eggs\nTomatoes"
    assert suggest(weekly, "milk, tom 2 kg", "en")[0].text == "milk, Tomatoes 2 kg"
    assert suggest(weekly, "milk, ½ kg tom", "en")[0].text == "milk, ½ kg Tomatoes"


@pytest.mark.parametrize("typed", ["2 kg", ", ", "???", "qqzzxx", "milk, "])
def test_nothing_is_suggested_for_nothing(weekly, typed):
    assert suggest(weekly, typed, "en") == []


def test_before_typing_what_is_bought_often_and_not_listed_is_suggested(nok, weekly, shops):
    shops("Bread", times=3)
    shops("Salt")
    shops("Eggs", "Tea", times=4)
    add_entry(weekly, "Eggs", by=by(nok))
    purchase_entry(add_entry(weekly, "Tea", by=by(nok))[0], by=by(nok))
    assert names(suggest(weekly, "", "en")) == ["Bread", "Salt"]


def test_what_is_bought_together_comes_first_with_its_reason(nok, weekly, shops):
    shops("Bread", times=5)
    shops("Pasta", "Pesto", times=3)
    add_entry(weekly, "Pasta", by=by(nok))
    first, second = suggest(weekly, "", "en")
    assert (first.name, first.reason, second.name) == ("Pesto", "with Pasta", "Bread")


def test_old_purchases_and_those_of_other_homes_do_not_count(mai, weekly, shops):
    shops("Bread", times=2)
    ListEntry.objects.update(purchased_at=timezone.now() - timedelta(days=200))
    other = create_list("Hers", by=by(mai))
    purchase_entry(add_entry(other, "Secret", by=by(mai))[0], by=by(mai))
    assert names(suggest(weekly, "", "en")) == []
    assert "Secret" not in names(suggest(weekly, "sec", "en"))


@pytest.mark.parametrize("typed", ["", "th", "thimg"])
def test_at_most_three_queries_and_eight_suggestions(weekly, nok, shops, django_assert_max_num_queries, typed):
    aisle = nok.home.categories.first()
    Item.objects.bulk_create(
        Item(home=nok.home, name=f"Thing {number}", normalized_name=f"thing {number}", category=aisle)
        for number in range(300)
    )
    shops("Milk", "Eggs", "Bread", times=2)
    with django_assert_max_num_queries(3):
        assert len(suggest(weekly, typed, "en")) <= LIMIT


def test_each_product_is_found_by_its_names():
    assert len(products()) >= 1500
    for product in products():
        for language, name in product.names.items():
            assert find_product(name) is not None
            assert normalize(name) in [normalize(other.name(language)) for other in find_products(name, language, 8)]


def test_page_suggests_to_members_only(nok, mai, weekly, sign_in):
    create_item("Milk <b>", by=by(nok))
    page = f"/h/{nok.home_id}/lists/{weekly.pk}/suggestions?text=mil"
    part = sign_in(nok).get(page).text
    assert 'value="Milk &lt;b&gt;"' in part
    assert sign_in(mai).get(page).status_code == 404


def test_tapped_suggestion_is_added_without_script(nok, weekly, sign_in):
    sign_in(nok).post(f"/h/{nok.home_id}/lists/{weekly.pk}/add", {"text": "to", "pick": "2 kg Tomatoes"})
    [entry] = weekly.entries.select_related("item")
    assert (entry.item.name, entry.quantity, entry.unit) == ("Tomatoes", 2, "kg")


def test_favourites_come_first_and_leave_room_for_others(nok, weekly, shops):
    for number in range(6):
        update_item(create_item(f"Favourite {number}", by=by(nok))[0], by=by(nok), is_favourite=True)
    shops("Bread", times=3)
    suggestions = suggest(weekly, "", "en")
    assert [each.is_favourite for each in suggestions] == [True] * 4 + [False] + [True] * 2
    add_entry(weekly, "Favourite 1", by=by(nok))
    assert "Favourite 1" not in names(suggest(weekly, "", "en"))


def test_what_was_bought_last_is_suggested_beside_what_is_bought_often(nok, weekly, shops):
    shops(*(f"Often {number}" for number in range(LIMIT)), times=2)
    shops("Lately")
    assert "Lately" in names(suggest(weekly, "", "en"))


def test_misspelt_alias_is_found(nok, mai, weekly):
    update_item(create_item("Orange juice", by=by(nok))[0], by=by(nok), aliases=["Breakfast drink", "Xocolatl"])
    assert names(suggest(weekly, "xocolatll", "en")) == ["Orange juice"]
    update_item(create_item("Cider", by=by(mai))[0], by=by(mai), aliases=["Zyxomatic"])
    assert names(suggest(weekly, "zyxomatik", "en")) == []


def test_item_page_makes_a_favourite_that_suggestions_show(nok, weekly, sign_in):
    item, client = create_item("Milk", by=by(nok))[0], sign_in(nok)
    page = client.get(f"/h/{nok.home_id}/items/{item.pk}/").text
    assert "Favourite" in page
    fields = {"name": "Milk", "category": item.category_id, "is_favourite": "on", "initial-is_favourite": "False"}
    client.post(f"/h/{nok.home_id}/items/{item.pk}/", {**fields, "initial-name": "Milk"})
    item.refresh_from_db()
    assert item.is_favourite
    part = client.get(f"/h/{nok.home_id}/lists/{weekly.pk}/suggestions").text
    assert 'aria-label="Favourite"' in part
    assert 'aria-label="Favourite"' in client.get(f"/h/{nok.home_id}/items/").text
