"""What others did meanwhile."""

from playwright.sync_api import expect

from tests.e2e.offline.phone import adds, comes_up, goes_down, notice, removes, waiting
from tests.e2e.people import Person, own_word
from tests.server import BEN


def test_fault_3_what_was_added_after_a_removal_stays(nok, ben, shop):
    nok.adds("2 melons")
    ben.sees_to_get("Melons", "2")
    goes_down(nok)
    removes(nok, "Melons")
    waiting(nok, 1)
    ben.adds("3 melons")
    ben.sees_to_get("Melons", "5")

    comes_up(nok)
    expect(notice(nok)).to_contain_text("Remove: Melons")
    nok.sees_to_get("Melons", "3")
    ben.sees_to_get("Melons", "3")


def test_fault_5_a_removal_reaches_the_other_whoever_was_away(nok, ben, shop):
    nok.adds("bread, jam")
    ben.sees_to_get("Jam", "1")
    goes_down(nok)
    removes(nok, "Bread")
    removes(ben, "Jam")
    ben.sees_nothing_of("Jam")
    expect(nok.to_get("Jam")).to_be_visible()
    comes_up(nok)
    for person in (nok, ben):
        person.sees_nothing_of("Bread")
        person.sees_nothing_of("Jam")


def test_fault_8_a_phone_that_slept_hears_all_it_missed(nok, ben, shop, visitor):
    nok.adds("bread")
    ben.sees_to_get("Bread", "1")
    nok.sees_to_get("Bread", "1")
    goes_down(nok)
    adds(nok, "jam")
    them = visitor(BEN)
    things = [own_word() for _thing in range(12)]
    for thing in things:
        assert them.post(f"{shop}add", data={"text": thing}, follow_redirects=False).status_code == 302
    ben.ticks("Bread")
    ben.sees_got("Bread")
    comes_up(nok)
    nok.sees_got("Bread")
    for thing in [*things, "Jam"]:
        nok.sees_to_get(thing, "1")
        ben.sees_to_get(thing, "1")


def test_of_two_amounts_the_later_stands_and_the_other_is_told(nok, ben, shop):
    nok.adds("2 melons")
    ben.sees_to_get("Melons", "2")
    goes_down(nok)
    changes(nok, "Melons", "4")
    waiting(nok, 1)
    ben.opens_row("Melons").get_by_role("link", name="Edit", exact=True).click()
    ben.page.get_by_label("How much").fill("7")
    ben.presses("Save")
    ben.sees_to_get("Melons", "7")

    comes_up(nok)
    nok.sees_to_get("Melons", "7")
    expect(notice(nok)).to_contain_text("Ben")
    expect(notice(nok)).to_contain_text("Melons: How much: 4")
    nok.page.reload()
    expect(notice(nok)).to_have_count(1)
    notice(nok).get_by_role("button", name="OK").click()
    expect(notice(nok)).to_have_count(0)
    nok.page.reload()
    nok.sees_to_get("Melons", "7")
    expect(notice(nok)).to_have_count(0)


def changes(person: Person, name: str, amount: str) -> None:
    person.opens_row(name).get_by_role("link", name="Edit", exact=True).click()
    person.page.locator("#change").get_by_label("Quantity").fill(amount)
    person.presses("Save")


def test_different_fields_both_stand(nok, ben, shop):
    nok.adds("2 melons")
    ben.sees_to_get("Melons", "2")
    goes_down(nok)
    changes(nok, "Melons", "4")
    ben.opens_row("Melons").get_by_role("link", name="Edit", exact=True).click()
    ben.page.get_by_label("Note").fill("ripe ones")
    ben.presses("Save")
    comes_up(nok)
    for person in (nok, ben):
        person.sees_to_get("Melons", "4")
        expect(person.to_get("Melons")).to_contain_text("ripe ones")
    expect(notice(nok)).to_have_count(0)


def test_what_was_refused_is_shown_with_what_was_typed(nok, shop):
    text = "x" * 150
    goes_down(nok)
    adds(nok, text)
    nok.page.reload()
    waiting(nok, 1)
    comes_up(nok)
    expect(notice(nok)).to_contain_text("That name is too long")
    expect(notice(nok)).to_contain_text(text)
    goes_down(nok)
    notice(nok).get_by_role("button", name="Try again").click()
    waiting(nok, 1)
    expect(notice(nok)).to_have_count(0)
    comes_up(nok)
    expect(notice(nok).or_(nok.page.locator(".toast--error")).first).to_contain_text("That name is too long")
