"""Expenses that repeat by a rule of their own, are paused, go on and end; and the totals of expenses."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from groceries.actions import change_expense, create_expense, fire_due_expense, settle_up
from groceries.models import Expense
from groceries.tasks import fire_recurring
from homes.events.undo import undo_event
from pantry.errors import ActionError
from tests.api.client import ApiClient
from tests.counting import queries_of
from tests.factories import by
from tests.groceries.test_expenses_view import form

pytestmark = pytest.mark.both_databases
LAST_FRIDAY = "FREQ=MONTHLY;BYDAY=-1FR"


@pytest.fixture
def url(nok, ben):
    return f"/h/{nok.home_id}/money/"


@pytest.fixture
def client(nok, sign_in):
    return sign_in(nok)


@pytest.fixture
def rent(nok, ben, freeze_time):
    """It comes again on the first of April."""
    freeze_time("2026-03-10 12:00")
    return create_expense("Rent", Decimal(13000), by=by(nok), rrule="FREQ=MONTHLY;BYMONTHDAY=1")


# An own rule


def test_own_rule_is_chosen_and_changed_on_the_page(url, client, nok, ben):
    today = f"{nok.home.now().date()}"
    client.post(f"{url}expenses/new", form(nok, ben, rrule="rule", own_rule="freq=monthly;byday=-1fr", spent_on=today))
    expense = Expense.objects.get()
    assert expense.rrule == LAST_FRIDAY
    page = client.get(f"{url}expenses/{expense.pk}/").text
    assert '<option value="rule" selected>By my own rule</option>' in page
    assert f'value="{LAST_FRIDAY}"' in page
    changed = form(nok, ben, rrule="rule", own_rule="FREQ=MONTHLY;BYDAY=1MO", spent_on=today)
    changed |= {"initial-rrule": "rule", "initial-own_rule": LAST_FRIDAY}
    client.post(f"{url}expenses/{expense.pk}/", changed)
    expense.refresh_from_db()
    assert expense.rrule == "FREQ=MONTHLY;BYDAY=1MO"


@pytest.mark.parametrize("rule", ["", "often", "FREQ=SECONDLY"])
def test_own_rule_that_makes_no_sense_is_refused_at_its_field(url, client, nok, ben, rule):
    response = client.post(f"{url}expenses/new", form(nok, ben, rrule="rule", own_rule=rule))
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"own_rule"}
    assert not Expense.objects.exists()


# Pause, resume, end


def test_paused_expense_does_not_come_and_goes_on_with_the_next_one(nok, rent, freeze_time):
    change_expense(rent, by=by(nok), paused=True)
    freeze_time("2026-05-15 12:00")
    assert fire_recurring() == 0
    assert fire_due_expense(rent, timezone.now()) is False
    resumed = change_expense(rent, by=by(nok), paused=False)
    assert resumed.paused_at is None
    assert resumed.next_due_at.astimezone(nok.home.zone).date() == date(2026, 6, 1)
    assert Expense.objects.count() == 1


def test_pause_that_ends_in_time_changes_nothing(nok, rent):
    change_expense(rent, by=by(nok), paused=True)
    assert change_expense(rent, by=by(nok), paused=False).next_due_at == rent.next_due_at


def test_pausing_twice_is_one(nok, rent, events):
    for _time in range(2):
        change_expense(rent, by=by(nok), paused=True)
    assert events(nok.home) == ["expense_updated"]


def test_pause_and_end_can_be_undone(nok, rent):
    for fields in ({"paused": True}, {"rrule": ""}):
        before = Expense.objects.values().get(pk=rent.pk)
        change_expense(rent, by=by(nok), **fields)
        undo_event(nok.home.events.filter(type="expense_updated").latest("seq"), by=by(nok))
        after = Expense.objects.values().get(pk=rent.pk)
        assert {**after, "updated_at": None} == {**before, "updated_at": None}


def test_expense_that_came_for_the_last_time_is_not_resumed(nok, ben, freeze_time):
    freeze_time("2026-03-10 12:00")
    rent = create_expense("Rent", Decimal(13000), by=by(nok), rrule="FREQ=MONTHLY;UNTIL=20260501T000000Z")
    change_expense(rent, by=by(nok), paused=True)
    freeze_time("2026-08-10 12:00")
    with pytest.raises(ActionError, match="has come for the last time"):
        change_expense(rent, by=by(nok), paused=False)


def test_only_what_repeats_is_paused(nok):
    pizza = create_expense("Pizza", Decimal(450), by=by(nok))
    with pytest.raises(ActionError, match="doesn't repeat"):
        change_expense(pizza, by=by(nok), paused=True)
    assert change_expense(pizza, by=by(nok), paused=False).paused_at is None


def test_ended_expense_is_no_longer_paused(nok, rent):
    change_expense(rent, by=by(nok), paused=True)
    ended = change_expense(rent, by=by(nok), rrule="")
    assert (ended.rrule, ended.paused_at, ended.next_due_at) == ("", None, None)


def test_page_pauses_resumes_and_ends(url, client, rent):
    page = f"{url}expenses/{rent.pk}/"
    for verb, mark, done in (("pause", "Resume", "is paused"), ("resume", "Pause", "goes on")):
        assert f"Rent {done}." in client.post(f"{page}{verb}", follow=True).text
        assert mark in client.get(page).text
    assert "no longer repeats" in client.post(f"{page}end", follow=True).text
    assert "Stop repeating" not in client.get(page).text


def test_api_pauses_and_resumes(nok, rent):
    api = ApiClient(nok)
    assert api.patch(f"expenses/{rent.pk}", {"paused": True}).json()["paused_at"] is not None
    assert api.patch(f"expenses/{rent.pk}", {"paused": False}).json()["paused_at"] is None


def test_strangers_page_pauses_nothing(url, mai, rent, sign_in):
    assert sign_in(mai).post(f"{url}expenses/{rent.pk}/pause").status_code == 404
    assert sign_in(mai).post(f"/h/{mai.home_id}/money/expenses/{rent.pk}/pause").status_code == 404
    rent.refresh_from_db()
    assert rent.paused_at is None


# Totals


@pytest.fixture
def expenses(nok, ben):
    for title, amount, payer, day, category in (
        ("Rent", "13000", nok, date(2026, 2, 1), "rent"),
        ("Rent", "13000", nok, date(2026, 3, 1), "rent"),
        ("Pizza", "450.55", ben, date(2026, 3, 4), "eating out"),
        ("Curry", "300.10", nok, date(2026, 3, 6), "eating out"),
    ):
        create_expense(title, Decimal(amount), by=by(payer), spent_on=day, category=category)
    settle_up(str(ben.user_id), str(nok.user_id), Decimal(99), by=by(nok), spent_on=date(2026, 3, 5))


def test_totals_by_category_member_and_month_leave_payments_out(nok, ben, expenses):
    rows = Expense.objects.in_period(nok.home, date(2026, 2, 1), date(2026, 3, 31))
    assert rows.totals("category") == {"rent": 26000, "eating out": Decimal("750.65")}
    by_name = {person.name: total for person, total in rows.totals("member").items()}
    assert by_name == {"Nok": Decimal("26300.10"), "Ben": Decimal("450.55")}
    assert rows.totals("month") == {date(2026, 2, 1): 13000, date(2026, 3, 1): Decimal("13750.65")}


@pytest.mark.parametrize(
    ("group_by", "groups"),
    [
        ("category", [("rent", "Rent", "26000"), ("eating out", "Eating out", "750.65")]),
        ("month", [("2026-02-01", "February 2026", "13000"), ("2026-03-01", "March 2026", "13750.65")]),
    ],
)
def test_api_has_totals_of_a_period(nok, expenses, group_by, groups):
    totals = ApiClient(nok).get(f"expenses/totals?from=2026-02-01&to=2026-03-31&group_by={group_by}").json()
    assert [(each["key"], each["label"], each["total"]) for each in totals["groups"]] == groups
    assert (totals["total"], totals["currency"]) == ("26750.65", "THB")


def test_api_names_who_paid(nok, ben, expenses):
    totals = ApiClient(nok).get("expenses/totals?from=2026-03-01&to=2026-03-31&group_by=member").json()
    assert [(each["key"], each["label"]) for each in totals["groups"]] == [
        (str(nok.user_id), "Nok"), (str(ben.user_id), "Ben"),
    ]  # fmt: skip


def test_totals_of_a_period_that_ends_before_it_begins_are_refused(nok, mai, expenses):
    assert ApiClient(nok).get("expenses/totals?from=2026-03-01&to=2026-02-01").status_code == 400
    assert ApiClient(mai).get(f"/homes/{nok.home_id}/expenses/totals").status_code == 403


def test_money_page_shows_totals_as_chart_and_table(client, url, expenses):
    page = client.get(f"{url}?month=2026-03&by=member").text
    assert "Shared expenses by who paid" in page
    assert "฿13,300.10" in page.split("<tbody>")[-1]
    page = client.get(f"{url}?month=2026-03&by=month").text
    assert "February 2026" in page
    assert "Shared expenses by category" in client.get(f"{url}?month=2026-03&by=nonsense").text


def test_money_page_costs_the_same_queries_for_each_grouping(client, url, nok, ben, expenses):
    counts = {
        by_: queries_of(lambda by_=by_: client.get(f"{url}?month=2026-03&by={by_}")) for by_ in ("", "member", "month")
    }
    assert len(set(counts.values())) == 1
