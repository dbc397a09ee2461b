from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import add_entry, change_list_state, create_list, purchase_entry, set_recurring
from homes.actions import update_home
from tests.counting import queries_of
from tests.factories import by


@pytest.fixture
def url(nok, weekly):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/"


def test_page_shows_the_entries(url, nok, milk, eggs, sign_in):
    purchase_entry(eggs, by=by(nok), price=Decimal(45))
    page = sign_in(nok).get(url)
    assert page.status_code == 200
    for text in ("Weekly shop", "Milk", "1 liter", "1 to buy", "In the basket", "฿45", "Draft"):
        assert text in page.text


def test_page_is_visible_to_all_members(url, ben, milk, sign_in):
    assert "Milk" in sign_in(ben).get(url).text


def test_empty_list_shows_a_hint(url, nok, sign_in):
    assert "The list is empty. Write what you need" in sign_in(nok).get(url).text


def test_every_button_is_in_a_form(url, nok, milk, eggs, sign_in):
    purchase_entry(eggs, by=by(nok))
    page = sign_in(nok).get(url).text
    form = page[page.index('<form class="entries"') :]
    form = form[: form.index("</form>")]
    for button in (f"{milk.pk}/purchase", f"{milk.pk}/more", f"{milk.pk}/remove", f"{eggs.pk}/put-back"):
        assert f'formaction="{url}{button}"' in form
    assert "csrfmiddlewaretoken" in form


def test_htmx_request_returns_only_the_partial(url, nok, milk, sign_in):
    part = sign_in(nok).get(url, headers={"HX-Request": "true"}).text
    assert "Milk" in part
    assert "<html" not in part
    assert f'data-seq="{nok.home.events.count()}"' in part


def test_list_without_pending_entries_offers_to_complete(url, nok, milk, sign_in):
    purchase_entry(milk, by=by(nok))
    assert "Everything is in the basket." in sign_in(nok).get(url).text


def test_completed_list_has_no_add_field(url, nok, weekly, milk, sign_in):
    change_list_state(weekly, "completed", by=by(nok))
    page = sign_in(nok).get(url).text
    assert "1 item carries over to the next list." in page
    assert "Start next list" in page
    assert 'id="add"' not in page


def test_page_shows_due_items_and_remaining_budget(url, freeze_time, nok, milk, sign_in):
    freeze_time("2026-03-04 09:00")
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(1000))
    set_recurring("Rice", "weekly", by=by(nok))
    freeze_time("2026-03-10 09:00")
    page = sign_in(nok).get(url).text
    assert "Due soon" in page
    assert "Left in " in page
    assert "฿1,000" in page


def test_user_text_is_escaped(url, nok, weekly, sign_in):
    add_entry(weekly, "<script>alert(1)</script>", by=by(nok), note='"><img src=x>')
    page = sign_in(nok).get(url).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_query_count_is_constant_for_long_lists(url, nok, weekly, sign_in):
    client = sign_in(nok)

    def fill(count):
        for number in range(count):
            entry, _new = add_entry(weekly, f"Spice {number} of {count}", by=by(nok))
            if number % 2:
                purchase_entry(entry, by=by(nok))
            set_recurring(f"Rule {number} of {count}", "weekly", by=by(nok))

    fill(3)
    query_counts = queries_of(lambda: client.get(url))
    fill(57)
    assert queries_of(lambda: client.get(url)) == query_counts


def test_list_of_another_home_is_not_found(nok, mai, sign_in):
    theirs = create_list("Mine", by=by(mai))
    assert sign_in(nok).get(f"/h/{nok.home_id}/lists/{theirs.pk}/").status_code == 404


def test_unknown_list_is_not_found(nok, sign_in):
    assert sign_in(nok).get(f"/h/{nok.home_id}/lists/{uuid4()}/").status_code == 404
    assert sign_in(nok).get(f"/h/{nok.home_id}/lists/12/").status_code == 404


def test_non_member_gets_404(url, mai, sign_in):
    assert sign_in(mai).get(url).status_code == 404


def test_anonymous_user_is_asked_to_sign_in(url):
    assert Client().get(url).url == f"/accounts/login/?next={url}"


def test_post_is_not_allowed(url, nok, sign_in):
    assert sign_in(nok).post(url).status_code == 405


# Redirects to the current list


def test_current_redirects_to_the_newest_open_list(nok, weekly, sign_in):
    party = create_list("Party", by=by(nok))
    current, client = f"/h/{nok.home_id}/list/", sign_in(nok)
    assert client.get(current).url == f"/h/{nok.home_id}/lists/{party.pk}/"
    change_list_state(party, "completed", by=by(nok))
    assert client.get(current).url == f"/h/{nok.home_id}/lists/{weekly.pk}/"


def test_current_without_an_open_list_redirects_to_all_lists(nok, mai, sign_in):
    create_list("Mine", by=by(mai))
    assert sign_in(nok).get(f"/h/{nok.home_id}/list/").url == f"/h/{nok.home_id}/lists/"
