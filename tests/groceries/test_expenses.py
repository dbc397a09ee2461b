"""Shared expenses: how they are divided, who owes what, payments, and people who have left."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groceries.actions import change_expense, create_expense, remove_expense, settle_up
from groceries.balances import Part, balances, divide, people_of, settling_payments
from groceries.models import Expense, ExpenseShare, Person
from groceries.tasks import fire_recurring
from homes.accounts.models import User
from homes.actions import remove_member, update_home
from homes.closing import close_account
from homes.events.models import Event
from homes.events.undo import undo_event
from homes.models import Home
from pantry.errors import ActionError, Forbidden, Gone
from tests.api.client import ApiClient
from tests.factories import by
from tests.limits import limit

pytestmark = pytest.mark.both_databases

AMOUNTS = st.decimals(Decimal("0.01"), Decimal("99999999.99"), places=2)


def key(member):
    return str(member.user_id)


def shares(expense):
    return {share.person.name: share.amount for share in Expense.objects.get(pk=expense.pk).shares}


def owed(home):
    return {person.name: balance for person, balance in balances(home).items()}


def spend(member, amount, *members, **fields):
    parts = [Part(key(each)) for each in members] or None
    return create_expense("Pizza", Decimal(amount), by=by(member), shares=parts, **fields)


# Dividing an amount


@given(AMOUNTS, st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_divided_amount_adds_up_and_differs_by_at_most_a_cent(total, weights):
    parts = [Part(str(index), weight=weight) for index, weight in enumerate(weights)]
    amounts = divide(total, parts)
    assert sum(amounts) == total
    exact = [total * weight / sum(weights) for weight in weights]
    assert all(abs(amount - ideal) <= Decimal("0.01") for amount, ideal in zip(amounts, exact, strict=True))


def test_first_people_get_the_remaining_cents():
    parts = [Part(name) for name in "abc"]
    assert divide(Decimal(100), parts) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert divide(Decimal("0.02"), parts) == [Decimal("0.01"), Decimal("0.01"), 0]


def test_currency_without_cents_is_divided_into_whole_amounts():
    parts = [Part(name) for name in "abc"]
    assert divide(Decimal(100), parts, "JPY") == [34, 33, 33]
    assert divide(Decimal("10.50"), parts, "JPY") == [Decimal("3.50")] * 3


def test_some_amounts_are_fixed_and_the_others_divide_the_rest():
    parts = [Part("a", Decimal(50)), Part("b", weight=2), Part("c")]
    assert divide(Decimal(200), parts) == [50, 100, 50]
    assert divide(Decimal(50), parts[:1]) == [50]


@pytest.mark.parametrize("amounts", [[Decimal(60), Decimal(50)], [Decimal(60), Decimal(30)], [Decimal(101), None]])
def test_amounts_that_do_not_add_up_are_refused(amounts):
    with pytest.raises(ActionError, match="instead of 100"):
        divide(Decimal(100), [Part(str(index), amount) for index, amount in enumerate(amounts)])


# Balances


PEOPLE = [Person.of(None, name) for name in ("Nok", "Ben", "Ploy", "Som")]
BALANCES = st.lists(AMOUNTS, min_size=3, max_size=3).map(
    lambda amounts: dict(zip(PEOPLE, [*amounts, -sum(amounts)], strict=True))
)


@given(BALANCES)
def test_proposed_payments_settle_everything_with_at_most_one_less_than_people(owed):
    payments = settling_payments(owed)
    left = dict(owed)
    for payment in payments:
        assert payment.amount > 0
        left[payment.payer] += payment.amount
        left[payment.payee] -= payment.amount
    assert set(left.values()) == {0}
    assert len(payments) <= len(owed) - 1


PAYABLE = st.decimals(Decimal("0.01"), Decimal("9999999.99"), places=2)  # so that a debt of some is one payment
EXPENSES = st.lists(st.tuples(st.integers(0, 2), PAYABLE, st.sets(st.integers(0, 2), min_size=1)), max_size=6)


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(EXPENSES, st.randoms())
def test_balances_sum_to_zero_in_any_order_until_all_is_paid(nok, ben, ploy, expenses, random):
    """Every run is rolled back, so that the fixtures serve all examples."""
    home, members, seen = nok.home, [nok, ben, ploy], []
    for _again in range(2):
        with transaction.atomic():
            for payer, amount, among in expenses:
                spend(members[payer], amount, *(members[index] for index in sorted(among)))
            current = balances(home)
            seen.append(current)
            assert sum(current.values()) == 0
            for payment in settling_payments(current):
                settle_up(payment.payer.key, payment.payee.key, payment.amount, by=by(members[0]))
            assert balances(home) == {}
            transaction.set_rollback(True)
        random.shuffle(expenses)
    assert seen[0] == seen[1]


def test_everyone_owes_an_equal_part(nok, ben, ploy):
    expense = spend(nok, 100, category="eating out")
    assert shares(expense) == {"Nok": Decimal("33.34"), "Ben": Decimal("33.33"), "Ploy": Decimal("33.33")}
    assert owed(nok.home) == {"Nok": Decimal("66.66"), "Ben": Decimal("-33.33"), "Ploy": Decimal("-33.33")}
    payments = settling_payments(balances(nok.home))
    assert [(str(each.payer), str(each.payee)) for each in payments] == [("Ben", "Nok"), ("Ploy", "Nok")]


def test_order_of_the_request_does_not_decide_who_gets_the_cent(nok, ben, ploy):
    assert shares(spend(ben, "0.01", ploy, ben)) == {"Ben": Decimal("0.01"), "Ploy": 0}


def test_balances_take_two_queries(nok, ben, django_assert_num_queries):
    for amount in range(1, 9):
        spend(nok, amount)
    with django_assert_num_queries(2):
        balances(nok.home)


def test_payment_settles_a_debt(nok, ben):
    spend(nok, 900)
    payment = settle_up(key(ben), key(nok), Decimal(400), by=by(ben), note="cash")
    assert (str(payment), payment.is_payment, owed(nok.home)) == ("Payment", True, {"Nok": 50, "Ben": -50})
    change_expense(payment, by=by(ben), amount=Decimal(450))
    assert owed(nok.home) == {}


# Changes


def test_expense_is_created_once_by_one_operation(nok, ben):
    actor = by(nok, op_id=uuid4())
    first = create_expense("Pizza", Decimal(450), by=actor)
    assert create_expense("Pizza", Decimal(450), by=actor) == first
    paid = by(nok, op_id=uuid4())
    settle_up(key(ben), key(nok), Decimal(225), by=paid)
    settle_up(key(ben), key(nok), Decimal(225), by=paid)
    assert (Expense.objects.count(), owed(nok.home)) == (2, {})


def test_another_amount_is_divided_anew_only_if_it_was_shared_equally(nok, ben, ploy):
    expense = spend(nok, 100)
    change_expense(expense, by=by(ben), amount=Decimal(90))
    assert set(shares(expense).values()) == {30}
    uneven = [Part(key(nok), Decimal(60)), Part(key(ben))]
    change_expense(expense, by=by(ben), shares=uneven)
    with pytest.raises(ActionError, match="isn't shared equally"):
        change_expense(expense, by=by(ben), amount=Decimal(100))
    change_expense(expense, by=by(ben), amount=Decimal(100), shares=uneven)
    assert shares(expense) == {"Nok": 60, "Ben": 40}


def test_change_to_the_same_values_has_no_event(nok, ben, events):
    expense = spend(nok, 100)
    before = events(nok.home)
    change_expense(
        expense, by=by(nok), title="Pizza", amount=Decimal("100.00"), shares=[Part(key(ben)), Part(key(nok))]
    )
    assert events(nok.home) == before


def test_category_is_a_default_one_by_its_label_too(nok):
    assert spend(nok, 1, category=" Eating  OUT ").category == "eating out"
    assert spend(nok, 1, category="Netflix").category_label == "Netflix"
    assert spend(nok, 1).category_label == "Other"


def test_day_is_today_in_the_home_unless_it_is_given(nok, freeze_time):
    freeze_time("2026-03-31 23:30")
    assert spend(nok, 1).spent_on == date(2026, 3, 31)
    assert spend(nok, 1, spent_on=date(2026, 2, 1)).spent_on == date(2026, 2, 1)


def test_invalid_expenses_are_refused(nok, ben, mai):
    for fields, message in [
        ({"title": " "}, "needs a title"),
        ({"title": "x" * (limit("Title of an expense") + 1)}, "at most"),
        ({"note": "x" * (limit("Note on an entry or an expense") + 1)}, "at most"),
        ({"category": "x" * (limit("Category of an expense") + 1)}, "at most"),
        ({"amount": Decimal(0)}, "from 0.01 to 99999999.99"),
        ({"amount": Decimal(-5)}, "from 0.01 to 99999999.99"),
        ({"amount": Decimal("0.001")}, "from 0.01 to 99999999.99"),
        ({"amount": Decimal(limit("Amount of an expense or a payment") + 1)}, "from 0.01 to 99999999.99"),
        ({"spent_on": date(1, 1, 1)}, "from 1900"),
        ({"paid_by": key(mai)}, "isn't in this home"),
        ({"paid_by": "Somebody"}, "isn't in this home"),
        ({"shares": [Part(key(nok)), Part(key(mai))]}, "isn't in this home"),
        ({"shares": [Part(key(nok), Decimal(-1)), Part(key(ben))]}, "from 0 to"),
        ({"shares": [Part(key(nok), Decimal("0.001")), Part(key(ben))]}, "two decimals"),
        ({"shares": []}, "Choose who shares it"),
        ({"shares": [Part(key(nok)), Part(key(nok))]}, "each person once"),
    ]:
        values = {"title": "Pizza", "amount": Decimal(450), **fields}
        with pytest.raises(ActionError, match=message):
            create_expense(by=by(nok), **values)
    for payer, payee in ((nok, nok), (nok, mai)):
        with pytest.raises(ActionError):
            settle_up(key(payer), key(payee), Decimal(1), by=by(nok))
    assert not Expense.objects.exists()


def test_payment_stays_one_between_two_people(nok, ben, ploy):
    payment = settle_up(key(ben), key(nok), Decimal(400), by=by(ben))
    for change in ({"paid_by": key(nok)}, {"shares": [Part(key(nok)), Part(key(ploy))]}):
        with pytest.raises(ActionError, match="from one person to another"):
            change_expense(payment, by=by(ben), **change)


def test_too_many_people_are_refused(nok):
    users = [User.objects.create(email=f"{number}@example.com", name=str(number)) for number in range(51)]
    maximum = limit("People who share an expense")
    for number, user in enumerate(users[:maximum], 2):
        nok.home.memberships.create(user=user, number=number)
    with pytest.raises(ActionError, match=f"{maximum} people"):
        spend(nok, 450)


def test_expense_of_another_home_is_refused(nok, mai):
    expense = spend(nok, 450)
    for act in (
        lambda: change_expense(expense, by=by(mai), title="Mine"),
        lambda: change_expense(expense, by=by(mai), shares=[Part(key(mai))]),
        lambda: remove_expense(expense, by=by(mai)),
    ):
        with pytest.raises(Forbidden):
            act()
    assert Expense.objects.get().title == "Pizza"


def test_removing_twice_is_harmless_and_changing_what_is_removed_is_refused(nok, ben):
    expense = spend(nok, 450)
    remove_expense(expense, by=by(nok))
    remove_expense(expense, by=by(nok))
    with pytest.raises(Gone):
        change_expense(expense, by=by(nok), title="Curry")
    assert not ExpenseShare.objects.exists()


def test_database_refuses_shares_of_nobody_and_double_ones(nok, ben):
    expense = spend(nok, 450)
    fields = {"home": nok.home, "expense": expense, "amount": 1}
    for who in ({}, {"user": nok.user, "name": "Nok"}, {"user": nok.user}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ExpenseShare.objects.create(**fields, **who)


# Undo


def test_undoing_a_change_that_was_changed_again_is_refused(nok, ben):
    expense = spend(nok, 450)
    change_expense(expense, by=by(nok), amount=Decimal(500))
    created, changed = Event.objects.filter(subject_id=expense.pk).order_by("seq")
    change_expense(expense, by=by(ben), title="Curry")
    for event in (created, changed):
        with pytest.raises(ActionError, match="changed again"):
            undo_event(event, by=by(nok))


# People who have left


def test_who_has_left_still_owes_by_name_and_can_pay(nok, ben):
    spend(nok, 900)
    remove_member(ben, by=by(nok))
    assert owed(nok.home) == {"Nok": 450, "Ben": -450}
    assert [(person.name, person.is_member) for person in people_of(nok.home).values()] == [
        ("Nok", True),
        ("Ben", False),
    ]
    assert shares(spend(nok, 10)) == {"Nok": 10}
    settle_up(key(ben), key(nok), Decimal(450), by=by(nok))
    assert owed(nok.home) == {}


def test_closed_account_still_owes_by_name(nok, ben):
    spend(nok, 900)
    close_account(ben.user)
    assert owed(nok.home) == {"Nok": 450, "Ben": -450}


def test_home_with_expenses_can_be_erased(nok):
    spend(nok, 900)
    close_account(nok.user)
    assert not Expense.objects.exists()
    assert not ExpenseShare.objects.exists()


def test_home_without_cents_divides_whole_amounts(nok, ben, ploy):
    update_home(nok.home, by=by(nok), currency="JPY")
    nok.refresh_from_db()
    assert sorted(shares(spend(nok, 1000)).values()) == [333, 333, 334]


# Those that come again


@pytest.fixture
def rent(freeze_time, nok, ben):
    """Rent of March 1st, which comes every month."""
    freeze_time("2026-03-01 12:00")
    return create_expense("Rent", Decimal(13000), by=by(nok), category="rent", note="flat", rrule="FREQ=MONTHLY")


def created():
    return [(expense.title, f"{expense.spent_on}") for expense in Expense.objects.order_by("spent_on")]


def test_due_expense_is_created_once_and_the_rule_goes_on_with_it(freeze_time, nok, rent):
    assert fire_recurring() == 0
    freeze_time("2026-04-01 08:00")
    assert [fire_recurring(), fire_recurring()] == [1, 0]
    assert created() == [("Rent", "2026-03-01"), ("Rent", "2026-04-01")]
    rent.refresh_from_db()
    newest = Expense.objects.get(spent_on=date(2026, 4, 1))
    assert (rent.rrule, newest.rrule, newest.category, newest.note) == ("", "FREQ=MONTHLY", "rent", "flat")
    assert newest.next_due_at.astimezone(nok.home.zone).date() == date(2026, 5, 1)
    assert shares(newest) == {"Nok": 6500, "Ben": 6500}
    assert owed(nok.home) == {"Nok": 13000, "Ben": -13000}


def test_missed_times_are_made_up_for_once(freeze_time, rent):
    freeze_time("2026-07-15 12:00")
    assert [fire_recurring(), fire_recurring()] == [1, 0]
    assert created()[1:] == [("Rent", "2026-04-01")]
    assert Expense.objects.due(timezone.now() + timedelta(days=18)).exists()


def test_change_of_the_newest_changes_those_to_come(freeze_time, nok, rent):
    freeze_time("2026-04-01 08:00")
    fire_recurring()
    newest = Expense.objects.exclude(rrule="").get()
    change_expense(newest, by=by(nok), amount=Decimal(14000))
    freeze_time("2026-05-01 08:00")
    fire_recurring()
    assert [row.amount for row in Expense.objects.order_by("spent_on")] == [13000, 14000, 14000]
    change_expense(Expense.objects.exclude(rrule="").get(), by=by(nok), rrule="")
    freeze_time("2026-09-01 08:00")
    assert fire_recurring() == 0


def test_rule_with_an_end_ends(freeze_time, nok, ben):
    freeze_time("2026-03-01 12:00")
    create_expense("Sofa", Decimal(900), by=by(nok), rrule="FREQ=MONTHLY;COUNT=2")
    freeze_time("2026-04-01 08:00")
    assert fire_recurring() == 1
    assert not Expense.objects.exclude(rrule="").exists()


def test_rule_ends_when_somebody_in_it_has_left(freeze_time, nok, ben, rent):
    remove_member(ben, by=by(nok))
    freeze_time("2026-04-01 08:00")
    fire_recurring()
    assert created() == [("Rent", "2026-03-01")]
    assert not Expense.objects.exclude(rrule="").exists()


def test_expense_that_was_removed_does_not_come_again(freeze_time, nok, rent):
    remove_expense(rent, by=by(nok))
    freeze_time("2026-04-01 08:00")
    assert fire_recurring() == 0


def test_rule_keeps_its_local_time_in_another_zone(nok, rent):
    update_home(nok.home, by=by(nok), timezone="Europe/Berlin")
    rent.refresh_from_db()
    assert f"{rent.next_due_at.astimezone(ZoneInfo('Europe/Berlin')):%d %H:%M}" == "01 08:00"


@pytest.mark.parametrize("fields", [{"rrule": "FREQ=NEVER"}, {"rrule": "FREQ=DAILY", "spent_on": date(1900, 1, 1)}])
def test_invalid_rules_are_refused(nok, fields):
    with pytest.raises(ActionError):
        spend(nok, 1, **fields)


def test_payment_can_not_repeat(nok, ben):
    payment = settle_up(key(ben), key(nok), Decimal(400), by=by(ben))
    with pytest.raises(ActionError, match="can't repeat"):
        change_expense(payment, by=by(ben), rrule="FREQ=WEEKLY")


def test_rule_of_hours_is_refused(nok):
    with pytest.raises(ActionError, match="once a day"):
        spend(nok, 100, rrule="FREQ=HOURLY")


@pytest.mark.parametrize("part", ["payer", "share"])
def test_what_somebody_who_left_is_in_can_not_repeat(nok, ben, part):
    dinner = spend(ben if part == "payer" else nok, 100)
    remove_member(ben, by=by(nok))
    with pytest.raises(ActionError, match="has left the home"):
        change_expense(dinner, by=by(nok), rrule="FREQ=MONTHLY")


def test_rule_is_exported_and_imported(nok):
    spend(nok, 100, rrule="FREQ=MONTHLY")
    client = ApiClient(nok)
    file = client.get("export").json()
    imported = Expense.objects.get(home=client.import_home(file))
    assert (imported.rrule, imported.next_due_at) == ("FREQ=MONTHLY", Expense.objects.get(home=nok.home).next_due_at)
    file["groceries"]["expenses"][0]["rrule"] = "FREQ=NEVER"
    assert "groceries.expenses.0" in client.import_file(file)["error"]


# Export and import


def test_expenses_are_exported_and_imported_with_the_names_of_the_others(nok, ben, ploy):
    User.objects.filter(pk=ploy.user_id).update(name="Ben")
    spend(nok, 100, category="rent", note="March")
    settle_up(key(ben), key(nok), Decimal(30), by=by(ben))
    client = ApiClient(nok)
    file = client.get("export").json()
    imported = Home.objects.get(pk=client.import_home(file))
    assert owed(imported) == {"Nok": Decimal("36.66"), "Ben": Decimal("-3.33"), "Ben 2": Decimal("-33.33")}
    assert [person.user_id for person in balances(imported)] == [nok.user_id, None, None]
    expense, payment = Expense.objects.filter(home=imported).order_by("created_at")
    assert (expense.title, expense.category, expense.note, expense.payer.key) == ("Pizza", "rent", "March", key(nok))
    assert (payment.is_payment, payment.payer.key) == (True, "Ben")
    member = imported.memberships.get()
    settle_up("Ben 2", key(nok), Decimal("33.33"), by=by(member))
    assert "Ben 2" not in owed(imported)
    del file["groceries"]["expenses"]
    assert balances(Home.objects.get(pk=client.import_home(file))) == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount": "99"}, "add up to 100 instead of 99"),
        ({"title": ""}, "needs a title"),
        ({"is_payment": True}, "from one person to another"),
        ({"spent_on": "0001-01-01"}, "year must be between"),
        ({"shares": []}, "at least 1 item"),
    ],
)
def test_import_of_an_expense_that_contradicts_itself_is_refused(nok, ben, change, message):
    spend(nok, 100)
    client = ApiClient(nok)
    file = client.get("export").json()
    file["groceries"]["expenses"][0] |= change
    failed = client.import_file(file)
    assert (failed["state"], "groceries.expenses.0" in failed["error"]) == ("failed", True)
    assert message in failed["error"]
