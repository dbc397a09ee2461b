import pytest
from django.test import Client

from groceries.actions import add_entry, change_list_state, create_list, purchase_entry
from groceries.models import GroceryList
from groceries.views.lists import MAX_COMPLETED_LISTS
from tests.counting import queries_of
from tests.factories import by


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/lists/"


def test_page_shows_open_and_completed_lists(url, nok, weekly, milk, eggs, sign_in):
    purchase_entry(milk, by=by(nok))
    done = create_list("Last week", by=by(nok))
    change_list_state(done, "completed", by=by(nok))
    page = sign_in(nok).get(url).text
    assert "1 to buy, 1 in the basket" in page
    assert page.index("Weekly shop") < page.index("Last week")
    assert f"{url}{done.pk}/" in page


def test_home_without_lists_shows_a_hint(url, nok, sign_in):
    assert "No open lists." in sign_in(nok).get(url).text


def test_lists_of_other_homes_are_not_listed(url, nok, mai, sign_in):
    create_list("Mai's own", by=by(mai))
    assert "Mai&#x27;s own" not in sign_in(nok).get(url).text


def test_posting_a_name_creates_a_list(url, nok, sign_in, events):
    response = sign_in(nok).post(url, {"name": "  Party  "})
    grocery_list = GroceryList.objects.get()
    assert response.url == f"{url}{grocery_list.pk}/"
    assert (grocery_list.name, grocery_list.home) == ("Party", nok.home)
    assert events(nok.home) == ["list_created"]


@pytest.mark.parametrize("name", ["", "   ", "\x00", "x" * 81, "x" * 5000])
def test_invalid_name_shows_an_error(url, nok, sign_in, name):
    page = sign_in(nok).post(url, {"name": name, "more": "so that the form is not empty"})
    assert page.status_code == 422
    assert page.text.count('class="field__error" id=') == 1
    assert not GroceryList.objects.exists()


@pytest.mark.parametrize("name", ["🥚", "<script>alert(1)</script>", "‏שלום‎", "'; DROP TABLE x; --", "x" * 80])
def test_name_accepts_any_text(url, nok, sign_in, name):
    client = sign_in(nok)
    assert client.post(url, {"name": name}).status_code == 302
    assert "<script>alert" not in client.get(url).text


def test_only_recently_completed_lists_are_shown(url, nok, sign_in):
    for number in range(MAX_COMPLETED_LISTS + 2):
        change_list_state(create_list(f"List number {number}.", by=by(nok)), "completed", by=by(nok))
    page = sign_in(nok).get(url).text
    assert page.count("List number ") == MAX_COMPLETED_LISTS
    assert "List number 0." not in page


def test_query_count_is_constant(url, nok, sign_in):
    client = sign_in(nok)

    def fill(count):
        for number in range(count):
            grocery_list = create_list(f"List {number}", by=by(nok))
            add_entry(grocery_list, "Milk", by=by(nok))
            if number % 2:
                change_list_state(grocery_list, "completed", by=by(nok))

    fill(3)
    query_counts = queries_of(lambda: client.get(url))
    fill(57)
    assert queries_of(lambda: client.get(url)) == query_counts


def test_non_member_gets_404(url, mai, sign_in):
    client = sign_in(mai)
    assert client.get(url).status_code == client.post(url, {"name": "Mine"}).status_code == 404
    assert not GroceryList.objects.exists()


def test_anonymous_user_is_asked_to_sign_in(url):
    assert Client().get(url).url == f"/accounts/login/?next={url}"
    assert Client().post(url, {"name": "Mine"}).status_code == 302
    assert not GroceryList.objects.exists()
