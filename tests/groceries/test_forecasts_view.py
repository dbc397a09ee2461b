"""Forecasts on a list's page and on the page of recurring items."""

from datetime import timedelta
from functools import partial

import pytest

from groceries.actions import add_entry, change_list_state, create_list, purchase_entry, refuse_forecasts
from groceries.models import Item, ListEntry
from tests.counting import queries_of
from tests.factories import by

HTMX = {"HX-Request": "true"}


@pytest.fixture
def buy(nok, freeze_time):
    """Buy an item every six days, seven days ago at last, on a list that is complete."""
    freeze_time("2026-03-30 08:00")
    shop = create_list("Last week", by=by(nok))

    def purchase(*names):
        for name in names:
            for days in (25, 19, 13, 7):
                entry = purchase_entry(add_entry(shop, name, by=by(nok))[0], by=by(nok))
                ListEntry.objects.filter(pk=entry.pk).update(purchased_at=nok.home.now() - timedelta(days=days))

    return purchase


@pytest.fixture
def tea(nok, buy):
    buy("Tea")
    return Item.objects.get(name="Tea")


@pytest.fixture
def url(nok, weekly):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/"


@pytest.fixture
def all_url(nok):
    return f"/h/{nok.home_id}/recurring/"


def test_list_offers_what_runs_out_with_its_reason(url, nok, tea, sign_in):
    page = sign_in(nok).get(url).text
    assert "Probably running out" in page
    assert "Probably out by Tuesday. Every 6 ± 1 days, last bought on Monday 23 March." in page


def test_list_without_anything_running_out_has_no_such_section(url, nok, sign_in):
    assert "Probably running out" not in sign_in(nok).get(url).text


def test_completed_list_and_template_offer_nothing(url, nok, weekly, tea, sign_in):
    template = create_list("Basics", by=by(nok), is_template=True)
    assert "Probably running out" not in sign_in(nok).get(f"/h/{nok.home_id}/lists/{template.pk}/").text
    change_list_state(weekly, "completed", by=by(nok))
    assert "Probably running out" not in sign_in(nok).get(url).text


def test_added_item_is_on_the_list_of_the_page(url, nok, weekly, tea, sign_in):
    create_list("Party", by=by(nok))
    page = sign_in(nok).post(f"{url}forecasts/{tea.pk}/add", headers=HTMX).text
    assert weekly.entries.pending().get().item == tea
    assert "Tea is on Weekly shop." in page
    assert "Probably running out" not in page


def test_item_that_is_not_needed_yet_comes_up_again_later(url, nok, tea, sign_in):
    client = sign_in(nok)
    page = client.post(f"{url}forecasts/{tea.pk}/snooze", headers=HTMX).text
    assert "Tea comes up again on Wednesday 1 April." in page
    assert "Probably running out" not in page
    assert client.post(f"{url}forecasts/{tea.pk}/snooze").status_code == 302


@pytest.mark.both_databases
def test_refused_item_can_be_suggested_again(url, all_url, nok, tea, sign_in):
    client = sign_in(nok)
    assert "Tea won't be suggested again." in client.post(f"{url}forecasts/{tea.pk}/refuse", headers=HTMX).text.replace(
        "&#x27;", "'"
    )
    assert "never suggested" in client.get(all_url).text
    client.post(f"/h/{nok.home_id}/forecasts/{tea.pk}/allow")
    tea.refresh_from_db()
    assert tea.has_forecasts
    assert "Tea will be suggested again." in client.get(all_url).text


def test_every_answer_can_be_undone_from_its_toast(url, nok, weekly, tea, sign_in):
    client = sign_in(nok)
    for verb in ("add", "snooze", "refuse"):
        client.post(f"{url}forecasts/{tea.pk}/{verb}", headers=HTMX)
        op_id = nok.home.events.latest("seq").op_id
        undone = client.post(f"/h/{nok.home_id}/operations/{op_id}/undo", follow=True)
        assert "Probably running out" in undone.text
        tea.refresh_from_db()
        assert (tea.has_forecasts, tea.snoozed_until, weekly.entries.pending().count()) == (True, None, 0)


def test_page_lists_all_forecasts(all_url, nok, weekly, buy, sign_in):
    buy("Tea", "Rice", "Salt")
    add_entry(weekly, "Rice", by=by(nok))
    refuse_forecasts(Item.objects.get(name="Salt"), by=by(nok))
    page = sign_in(nok).get(all_url).text
    assert "Bought regularly" in page
    assert page.count("Every 6 ± 1 days") == 3
    assert "taken care of" in page
    assert "never suggested" in page


def test_page_without_forecasts_says_when_there_will_be_some(all_url, nok, sign_in):
    assert "What you buy at least three times" in sign_in(nok).get(all_url).text


def test_item_of_another_home_is_not_found(url, nok, mai, tea, sign_in):
    for verb in ("add", "snooze", "refuse", "allow"):
        assert sign_in(mai).post(f"/h/{mai.home_id}/forecasts/{tea.pk}/{verb}").status_code == 404


def test_number_of_queries_is_constant(url, all_url, nok, buy, sign_in):
    client = sign_in(nok)
    buy("Tea")
    before = [queries_of(partial(client.get, page)) for page in (url, all_url)]
    buy(*(f"Thing {number}" for number in range(20)))
    assert [queries_of(partial(client.get, page)) for page in (url, all_url)] == before
