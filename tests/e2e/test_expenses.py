"""Shared expenses, live and without JavaScript."""

from playwright.sync_api import expect

from tests.e2e.person import unique_name
from tests.server import BEN


def fill(person, title, amount):
    person.goto("money/expenses/new")
    person.page.get_by_label("What was it for?").fill(title)
    person.page.get_by_label("Amount").fill(amount)


def row(person, title):
    return person.page.locator("section[aria-labelledby=t-expenses] .row").filter(has_text=title)


def test_expense_appears_on_the_others_page_and_goes_when_it_is_undone(nok, ben):
    title = unique_name("Pizza ")
    ben.goto("money/")
    fill(nok, title, "฿450")
    nok.press("Save")
    expect(row(nok, title)).to_contain_text("฿450")
    expect(row(ben, title)).to_contain_text("Nok paid")
    nok.page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(row(ben, title)).to_have_count(0)


def test_expense_is_added_settled_and_removed_without_javascript(open_browser):
    plain, title = open_browser(BEN, java_script_enabled=False), unique_name("Taxi ")
    fill(plain, title, "90")
    plain.press("Save")
    row(plain, title).get_by_role("link").click()
    plain.page.get_by_text("Uneven shares").click()
    plain.page.get_by_label("Nok (optional)").fill("60")
    plain.press("Save")
    plain.expect_text(f"{title} is changed.")
    debt = plain.page.locator("section[aria-labelledby=t-debts] .row").filter(has_text="Ben owes Nok")
    debt.get_by_role("link", name="Settle up").click()
    plain.press("Save")
    plain.expect_text("Ben paid Nok.")
    for name in (title, "Ben paid Nok"):
        row(plain, name).first.get_by_role("link").click()
        plain.press("Remove")
        expect(row(plain, name)).to_have_count(0)
