from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from chat.actions import open_dm, send_message
from groceries.actions import add_entry, purchase_entry, set_recurring
from homes.actions import remove_member, update_home
from pixie.models import PendingAction
from tests.cast import by
from tests.counting import queries_of


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/"


def test_it_works(url, nok, weekly, milk, eggs, general, sign_in):
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    send_message(general, "The lift is being mended", by=by(nok))
    page = sign_in(nok).get(url)
    assert page.status_code == 200
    for shown in ("Weekly shop", "1 of 2", "1 item to buy", "The lift is being mended", "฿45"):
        assert shown in page.text


def test_a_home_where_nothing_happened_yet(url, nok, sign_in):
    page = sign_in(nok).get(url).text
    assert "No open list" in page
    assert "No messages yet." in page
    assert "Invite someone" in page


@pytest.mark.parametrize(
    ("hour", "greeting"),
    [("04:59", "Good evening"), ("05:00", "Good morning"), ("12:00", "Good afternoon"), ("18:00", "Good evening")],
)
def test_it_greets_by_the_clock_of_the_home(url, clock, nok, sign_in, hour, greeting):
    clock(f"2026-03-04 {hour}")
    page = sign_in(nok).get(url).text
    assert f"{greeting}, Nok" in page
    assert "Wednesday 4 March, Apartment 42" in page


def test_to_htmx_it_gives_the_part_alone(url, nok, sign_in):
    part = sign_in(nok).get(url, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert 'id="dock"' in part


def test_what_pixie_asks_is_answered_here(url, nok, weekly, tell, sign_in):
    asking = tell("add 500 eggs")
    page = sign_in(nok).get(url).text
    assert "Pixie asks" in page
    assert f"{url}answer/{asking.pk}" in page
    assert page.count(f'id="asks-{asking.pk}"') == 1


def test_two_doubts_of_one_message_are_one_question(url, nok, weekly, tell, sign_in):
    tell("We need 500 lemons and 600 limes")
    assert sign_in(nok).get(url).text.count("Pixie asks") == 1


def test_a_question_that_expired_is_not_asked(url, nok, weekly, tell, sign_in):
    tell("add 500 eggs")
    PendingAction.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "Pixie asks" not in sign_in(nok).get(url).text


def test_what_is_asked_in_a_talk_of_others_is_not_shown(url, nok, ben, weekly, tell, sign_in):
    tell("add 500 eggs")
    assert "Pixie asks" not in sign_in(ben).get(url).text


def test_what_others_say_to_each_other_is_not_shown(url, nok, ben, ploy, sign_in):
    send_message(open_dm(ploy.user, by=by(ben)), "A present for Nok", by=by(ben))
    assert "A present for Nok" in sign_in(ben).get(url).text
    assert "A present for Nok" not in sign_in(nok).get(url).text


def test_what_is_due_soon_is_one_press_away(url, clock, nok, weekly, sign_in):
    clock("2026-03-04 09:00")
    rule = set_recurring("Rice", "weekly", by=by(nok))
    assert "Due soon" not in sign_in(nok).get(url).text
    clock("2026-03-08 09:00")
    assert f"recurring/{rule.pk}/add" in sign_in(nok).get(url).text
    add_entry(weekly, "rice", by=by(nok))
    assert "Due soon" not in sign_in(nok).get(url).text


def test_with_a_budget_it_says_what_is_left(url, clock, nok, weekly, milk, sign_in):
    clock("2026-03-04 09:00")
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(1000))
    purchase_entry(milk, by=by(nok), price=Decimal(100))
    assert "฿900" in sign_in(nok).get(url).text


def test_somebody_who_left_is_still_quoted(url, nok, ben, general, sign_in):
    send_message(general, "Goodbye", by=by(ben))
    remove_member(ben, by=by(ben))
    page = sign_in(nok).get(url).text
    assert "Goodbye" in page
    assert "Former member" in page


def test_more_to_show_costs_no_more_queries(url, nok, weekly, talk, general, sign_in):
    client = sign_in(nok)

    def fill(count):
        for number in range(count):
            add_entry(weekly, f"Spice {number} of {count}", by=by(nok))
            send_message(general, f"Word {number}", by=by(nok))
            set_recurring(f"Rule {number} of {count}", "weekly", by=by(nok))

    fill(3)
    few = queries_of(lambda: client.get(url))
    fill(57)
    assert queries_of(lambda: client.get(url)) == few


def test_a_stranger_finds_nothing(url, mai, sign_in):
    assert sign_in(mai).get(url).status_code == 404


def test_it_asks_to_sign_in(url):
    assert Client().get(url).url == f"/accounts/login/?next={url}"


def test_it_is_read_only(url, nok, sign_in):
    assert sign_in(nok).post(url).status_code == 405
