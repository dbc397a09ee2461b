from decimal import Decimal

import pytest
from django.test import Client

from groceries.actions import add_entry, choose_store, create_list, create_store, purchase_entry
from homes.actions import remove_member, update_home
from tests.counting import queries_of
from tests.factories import by


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/money/"


@pytest.fixture
def bought(freeze_time, nok, weekly):
    """`bought("2026-03-04", "Milk", 45)` creates a purchase on that day, by Nok unless `member` is given."""

    def buy(day, name, price=None, member=nok):
        freeze_time(f"{day} 12:00")
        entry, _new = add_entry(weekly, name, by=by(member))
        return purchase_entry(entry, by=by(member), price=None if price is None else Decimal(price))

    return buy


def test_page_shows_totals_and_purchases(url, nok, ben, bought, sign_in):
    bought("2026-03-04", "Milk", "45.50")
    bought("2026-03-05", "Rice", 215, member=ben)
    page = sign_in(nok).get(url).text
    for text in ("March 2026", "฿260.50", "Staple", "Dairy", "Who paid", "Ben", "฿215", "Recent purchases", "Wed 4"):
        assert text in page


def test_page_shows_stores_weeks_and_months(url, nok, weekly, bought, sign_in):
    page = sign_in(nok).get(url).text
    assert [text for text in ("by store", "by week", "by month") if f"Spending {text}" in page] == []
    bought("2026-02-10", "Milk", 40)
    bought("2026-03-03", "Rice", 215)
    choose_store(weekly, create_store("Night market", by=by(nok)), by=by(nok))
    bought("2026-03-12", "Salt", 20)
    page = sign_in(nok).get(url).text
    texts = ("Night market", "From Monday 2 March", "From Monday 9 March", "February 2026", "?month=2026-02", "฿235")
    assert [text for text in texts if text not in page] == []
    february = sign_in(nok).get(f"{url}?month=2026-02").text
    assert "From Monday 9 February" in february
    assert "Spending by month" not in february  # there is nothing before


def test_month_without_purchases_shows_a_hint(url, freeze_time, nok, sign_in):
    freeze_time("2026-03-04 12:00")
    page = sign_in(nok).get(url).text
    assert "฿0" in page
    assert "Nothing was bought this month." in page
    assert "Set a monthly budget" in page


def test_plain_member_sees_who_can_set_a_budget(url, ben, sign_in):
    assert "An owner can set a monthly budget." in sign_in(ben).get(url).text


def test_budget_shows_the_remainder_and_a_daily_amount(url, nok, bought, sign_in):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(1000))
    bought("2026-03-30", "Milk", 100)
    page = sign_in(nok).get(url).text
    for text in ("Left for 2 days", "฿900", "฿100 of ฿1,000 spent", "That's ฿450 a day.", "The line marks today"):
        assert text in page


def test_exceeded_budget_is_shown(url, nok, bought, sign_in):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(60))
    bought("2026-03-30", "Milk", 100)
    page = sign_in(nok).get(url).text
    assert "Over budget" in page
    assert "฿40" in page
    assert "a day." not in page
    assert "bar__fill--over" in page


def test_last_day_of_the_month_has_one_day_left(url, freeze_time, nok, sign_in):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(60))
    freeze_time("2026-03-31 23:30")
    page = sign_in(nok).get(url).text
    assert "Left for 1 day" in page
    assert "a day." not in page


def test_past_month_shows_no_days_left(url, nok, bought, sign_in):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(60))
    bought("2026-02-10", "Milk", 45)
    bought("2026-03-10", "Rice", 10)
    page = sign_in(nok).get(url, {"month": "2026-02"}).text
    assert "Left at the end of the month" in page
    assert "฿15" in page
    assert "Rice" not in page
    assert 'href="?month=2026-01"' in page
    assert 'href="?month=2026-03"' in page


def test_current_month_has_no_following_month(url, nok, bought, sign_in):
    bought("2026-03-10", "Rice", 10)
    page = sign_in(nok).get(url).text
    assert 'href="?month=2026-02"' in page
    assert 'href="?month=2026-04"' not in page


def test_month_uses_the_homes_time_zone(url, nok, freeze_time, weekly, milk, eggs, sign_in):
    freeze_time("2026-03-31 23:59")
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    freeze_time("2026-04-01 00:00")
    purchase_entry(eggs, by=by(nok), price=Decimal(30))
    client = sign_in(nok)
    march, april = (client.get(url, {"month": month}).text for month in ("2026-03", "2026-04"))
    assert ("Milk" in march, "Eggs" in march) == (True, False)
    assert ("Milk" in april, "Eggs" in april) == (False, True)


def test_purchases_without_a_price_are_counted(url, nok, bought, sign_in):
    bought("2026-03-04", "Milk")
    page = sign_in(nok).get(url).text
    assert "1 purchase has no price and isn't counted." in page
    assert "No purchase has a price yet." in page
    bought("2026-03-04", "Rice")
    assert "2 purchases have no price and aren't counted." in sign_in(nok).get(url).text


def test_usual_spending_is_the_mean_of_preceding_months(url, nok, bought, sign_in):
    bought("2026-01-10", "Milk", 100)
    bought("2026-02-10", "Milk", 200)
    bought("2026-03-10", "Milk", 300)
    page = sign_in(nok).get(url).text
    assert "฿150" in page
    assert "+฿150" in page


def test_recent_purchases_are_limited_unless_all_are_requested(url, nok, bought, sign_in):
    for number in range(13):
        bought("2026-03-04", f"Spice number {number}.", 10)
    client = sign_in(nok)
    page = client.get(url).text
    assert page.count("Price of Spice number") == 12
    assert "Show all 13" in page
    assert client.get(f"{url}?month=2026-03&all").text.count("Price of Spice number") == 13


def test_spending_of_a_former_member_is_shown(url, nok, ben, bought, sign_in):
    bought("2026-03-04", "Milk", 45, member=ben)
    remove_member(ben, by=by(ben))
    assert "Former member" in sign_in(nok).get(url).text


def test_spending_of_other_homes_is_not_shown(url, freeze_time, nok, mai, sign_in):
    freeze_time("2026-03-04 12:00")
    entry, _new = add_entry(create_list("Mine", by=by(mai)), "Zorkmids", by=by(mai))
    purchase_entry(entry, by=by(mai), price=Decimal(45))
    page = sign_in(nok).get(url).text
    assert "Zorkmids" not in page
    assert "฿45" not in page


def test_htmx_request_returns_only_the_partial(url, nok, bought, sign_in):
    bought("2026-03-04", "Milk", 45)
    part = sign_in(nok).get(url, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "฿45" in part


@pytest.mark.parametrize(
    "month",
    ["", "2026", "2026-13", "2026-00", "0000-01", "now", "\x00", "x" * 5000, "<script>alert(1)</script>", "-1", "NaN",
     "2026-03-04", "²⁰²⁶-03", "99999-01"],
)  # fmt: skip
def test_invalid_month_shows_the_current_month(url, freeze_time, nok, sign_in, month):
    freeze_time("2026-03-04 12:00")
    page = sign_in(nok).get(url, {"month": month})
    assert page.status_code == 200
    assert "March 2026" in page.text


@pytest.mark.parametrize("month", ["0001-01", "0001-02", "0001-04", "9999-12", "9999-11", "1900-01", "2100-01"])
def test_extreme_month_is_handled(url, freeze_time, nok, sign_in, month):
    freeze_time("2026-03-04 12:00")
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(60))
    assert sign_in(nok).get(url, {"month": month}).status_code == 200


def test_query_count_is_constant(url, nok, ben, bought, sign_in):
    client = sign_in(nok)

    def fill(count):
        for number in range(count):
            bought("2026-03-04", f"Spice {number} of {count}", 10, member=ben if number % 2 else nok)

    fill(3)
    query_counts = queries_of(lambda: client.get(f"{url}?month=2026-03&all"))
    fill(57)
    assert queries_of(lambda: client.get(f"{url}?month=2026-03&all")) == query_counts


def test_non_member_gets_404(url, mai, sign_in):
    assert sign_in(mai).get(url).status_code == 404


def test_anonymous_user_is_asked_to_sign_in(url):
    assert Client().get(url).url == f"/accounts/login/?next={url}"


def test_post_is_not_allowed(url, nok, sign_in):
    assert sign_in(nok).post(url).status_code == 405
