"""Pages of shared expenses and payments."""

import html
import re
from datetime import date
from decimal import Decimal

import pytest

from groceries.actions import change_expense, create_expense, settle_up
from groceries.balances import Part, balances
from groceries.models import Expense
from homes.actions import remove_member
from tests.counting import queries_of
from tests.factories import by


@pytest.fixture
def url(nok, ben):
    return f"/h/{nok.home_id}/money/"


@pytest.fixture
def client(nok, sign_in):
    return sign_in(nok)


def form(*among, **fields):
    return {
        "title": "Pizza",
        "amount": "฿ 450",
        "paid_by": str(among[0].user_id),
        "among": [str(member.user_id) for member in among],
        "spent_on": "2026-03-04",
        "category": "Eating out",
        "note": "",
        **fields,
    }


def only_shares():
    return {share.person.name: share.amount for share in Expense.objects.get().shares}


def test_empty_month_leads_to_a_new_expense(url, client):
    page = client.get(url).text
    assert "No shared expenses this month" in page
    assert f"{url}expenses/new" in page
    assert "Who owes whom" not in page


def test_expense_is_added_and_undone_from_its_toast(url, client, nok, ben):
    page = client.get(f"{url}expenses/new")
    assert 'value="Eating out"' in page.text
    response = client.post(f"{url}expenses/new", form(nok, ben))
    assert response.url == f"{url}?month=2026-03#t-expenses"
    expense = Expense.objects.get()
    assert (expense.amount, expense.category, expense.spent_on) == (450, "eating out", date(2026, 3, 4))
    assert only_shares() == {"Nok": 225, "Ben": 225}
    page = client.get(f"{url}?month=2026-03").text
    for text in ("Pizza is added.", "Nok paid", "Eating out", "฿450", "Ben owes Nok", "฿225"):
        assert text in page
    undo = page.split(f"/h/{nok.home_id}/operations/")[1].split('"')[0]
    assert client.post(f"/h/{nok.home_id}/operations/{undo}").url == url
    assert not Expense.objects.exists()


def test_others_divide_what_someone_has_not(url, client, nok, ben):
    client.post(f"{url}expenses/new", form(nok, ben, amount_0="", amount_1="100"))
    assert only_shares() == {"Nok": 350, "Ben": 100}
    page = client.get(f"{url}expenses/{Expense.objects.get().pk}/").text
    assert '<details class="disclosure" open>' in page
    assert 'value="350"' in page
    assert 'value="100"' in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": " "}, "This can&#x27;t be empty."),
        ({"title": "x" * 81}, "at most 80 characters"),
        ({"amount": "many"}, "Enter an amount, like 45"),
        ({"amount": "0"}, "from 0.01 to 99999999.99"),
        ({"among": []}, "Choose who shares it."),
        ({"paid_by": "Mai"}, "Select a valid choice"),
        ({"amount_0": "450", "amount_1": "450"}, "add up to 900 instead of 450"),
        ({"spent_on": "1200-01-01"}, "from 1900"),
    ],
)
def test_mistakes_are_shown_and_nothing_is_saved(url, client, nok, ben, fields, message):
    response = client.post(f"{url}expenses/new", form(nok, ben, **fields))
    assert (response.status_code, message in response.text) == (422, True)
    assert not Expense.objects.exists()


def test_expense_is_changed_and_removed(url, client, nok, ben):
    expense = create_expense("Pizza", Decimal(450), by=by(nok))
    page = f"{url}expenses/{expense.pk}/"
    assert '<details class="disclosure">' in client.get(page).text
    client.post(page, form(ben, title="Curry", amount="1,000.50"))
    expense.refresh_from_db()
    assert (expense.title, expense.amount, expense.paid_by) == ("Curry", Decimal("1000.50"), ben.user)
    assert "Curry is removed." in client.post(f"{page}remove", follow=True).text
    assert not Expense.objects.exists()


def test_expense_repeats_until_it_is_set_to_never(url, client, nok, ben):
    client.post(f"{url}expenses/new", form(nok, ben, rrule="FREQ=MONTHLY", spent_on=f"{nok.home.now().date()}"))
    expense = Expense.objects.get()
    assert "every month" in client.get(url).text
    page = client.get(f"{url}expenses/{expense.pk}/").text
    assert '<option value="FREQ=MONTHLY" selected>Every month</option>' in page
    client.post(f"{url}expenses/{expense.pk}/", form(nok, ben, rrule=""))
    assert "every month" not in client.get(url).text


def test_debt_is_settled_with_the_proposed_amount(url, client, nok, ben):
    create_expense("Pizza", Decimal(450), by=by(nok))
    link = f"{url}settle?from={ben.user_id}&amp;to={nok.user_id}"
    assert link in client.get(url).text
    page = client.get(link.replace("&amp;", "&")).text
    assert 'value="225"' in page
    assert "Settle up" in page
    payment = {"payer": str(ben.user_id), "payee": str(nok.user_id), "amount": "225", "spent_on": "2026-03-04"}
    response = client.post(f"{url}settle", payment, follow=True)
    assert "Ben paid Nok." in response.text
    assert balances(nok.home) == {}
    page = client.get(f"{url}?month=2026-03").text
    assert "Ben paid Nok" in page
    assert "Nobody owes anything." in page
    edit = f"{url}expenses/{Expense.objects.get(is_payment=True).pk}/"
    client.post(edit, {**payment, "amount": "200"})
    assert list(balances(nok.home).values()) == [25, -25]


def test_payment_to_oneself_and_unknown_people_are_refused(url, client, nok):
    mine = {"payer": str(nok.user_id), "payee": str(nok.user_id), "amount": "1", "spent_on": "2026-03-04"}
    response = client.post(f"{url}settle", mine)
    assert (response.status_code, "from one person to another" in response.text) == (422, True)
    assert client.get(f"{url}settle?from=nobody&to=").status_code == 200


def test_categories_are_apart_from_the_groceries(url, client, nok, ben, freeze_time):
    freeze_time("2026-03-10 12:00")
    create_expense("Rent", Decimal(13000), by=by(nok), category="rent")
    create_expense("Pizza", Decimal(450), by=by(nok), category="Pizza Fridays")
    settle_up(str(nok.user_id), str(ben.user_id), Decimal(7), by=by(nok))
    page = client.get(url).text
    for text in ("Shared expenses by category", "Rent", "Pizza Fridays", "฿13,450", "These don't count toward"):
        assert text in page
    assert "Nothing was bought this month." in page


def test_who_left_is_named_and_stays_in_the_expense_on_editing(url, client, nok, ben):
    expense = create_expense("Pizza", Decimal(450), by=by(nok))
    remove_member(ben, by=by(nok))
    assert "Ben owes Nok" in client.get(url).text
    assert "Ben" in client.get(f"{url}expenses/{expense.pk}/").text
    assert "Ben" not in client.get(f"{url}expenses/new").text
    client.post(f"{url}expenses/{expense.pk}/", form(nok, ben, amount="500"))
    assert only_shares() == {"Nok": 250, "Ben": 250}


def test_long_names_do_not_break_the_page(url, client, nok):
    create_expense("x" * 80, Decimal("99999999.99"), by=by(nok), category="c" * 40)
    assert "x" * 80 in client.get(url).text


def test_query_count_does_not_grow_with_expenses(url, client, nok, ben):
    create_expense("Pizza", Decimal(450), by=by(nok))
    client.get(url)
    few = queries_of(lambda: client.get(url))
    for number in range(8):
        create_expense("Pizza", Decimal(450), by=by(ben), shares=[Part(str(nok.user_id))], note=str(number))
    assert queries_of(lambda: client.get(url)) == few


def test_all_expenses_of_a_month_are_shown_on_demand(url, client, nok):
    for number in range(13):
        create_expense(f"Coffee {number}.", Decimal(60), by=by(nok))
    assert "Show all 13" in client.get(url).text
    assert "Coffee 0." not in client.get(url).text
    assert "Coffee 0." in client.get(f"{url}?all").text


def test_stranger_gets_404(url, nok, mai, sign_in):
    expense = create_expense("Pizza", Decimal(450), by=by(nok))
    stranger, theirs = sign_in(mai), f"/h/{mai.home_id}/money/expenses/{expense.pk}/"
    for path in (f"{url}expenses/{expense.pk}/", f"{url}settle", theirs):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{theirs}remove").status_code == 404
    assert Expense.objects.exists()


def stale(page, **changes):
    """Return what a form sends that was opened as `page`, and in which only the `changes` were made."""
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page.text.split("<main")[1]):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in attributes and (attributes.get("type") != "checkbox" or "checked" in tag):
            fields.setdefault(attributes["name"], []).append(html.unescape(attributes.get("value", "")))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page.text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        fields[name] = [chosen[1] if chosen else ""]
    return {**fields, **changes}


def test_form_that_was_open_while_the_rule_went_on_does_not_bring_it_back(url, client, nok, ben):
    rent = create_expense("Rent", Decimal(13000), by=by(nok), rrule="FREQ=MONTHLY")
    opened = client.get(f"{url}expenses/{rent.pk}/")
    change_expense(rent, by=by(ben), rrule="", amount=Decimal(14000))
    client.post(f"{url}expenses/{rent.pk}/", stale(opened, note="as agreed"))
    rent = Expense.objects.get()
    assert (rent.rrule, rent.amount, rent.note) == ("", 14000, "as agreed")


def test_changing_the_note_moves_no_cents(url, client, nok, ben, ploy):
    amounts = ((nok, "33.33"), (ben, "33.34"), (ploy, "33.33"))
    shares = [Part(str(each.user_id), Decimal(amount)) for each, amount in amounts]
    expense = create_expense("Gift", Decimal(100), by=by(nok), shares=shares)
    before = only_shares()
    opened = client.get(f"{url}expenses/{expense.pk}/")
    client.post(f"{url}expenses/{expense.pk}/", stale(opened, note="for mother"))
    assert (only_shares(), Expense.objects.get().note) == (before, "for mother")
    client.post(f"{url}expenses/{expense.pk}/", stale(opened, among=[str(nok.user_id), str(ben.user_id)]))
    assert only_shares() == {"Nok": 50, "Ben": 50}
