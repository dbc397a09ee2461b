"""Offline changes that conflict with changes of others."""

from playwright.sync_api import expect

from tests.e2e.offline.phone import add_with_enter, expect_waiting, go_offline, go_online, notice, remove_entry
from tests.e2e.person import Person, unique_name
from tests.server import BEN


def test_addition_after_an_offline_removal_is_kept(nok, ben, shop):
    nok.add_items("2 melons")
    ben.expect_pending("Melons", "2")
    go_offline(nok)
    remove_entry(nok, "Melons")
    expect_waiting(nok, 1)
    ben.add_items("3 melons")
    ben.expect_pending("Melons", "5")

    go_online(nok)
    expect(notice(nok)).to_contain_text("Remove: Melons")
    nok.expect_pending("Melons", "3")
    ben.expect_pending("Melons", "3")


def test_online_and_offline_removals_reach_both_phones(nok, ben, shop):
    nok.add_items("bread, jam")
    ben.expect_pending("Jam", "1")
    go_offline(nok)
    remove_entry(nok, "Bread")
    remove_entry(ben, "Jam")
    ben.expect_no_entry("Jam")
    expect(nok.pending_entry("Jam")).to_be_visible()
    go_online(nok)
    for person in (nok, ben):
        person.expect_no_entry("Bread")
        person.expect_no_entry("Jam")


def test_reconnected_phone_catches_up(nok, ben, shop, visitor):
    nok.add_items("bread")
    ben.expect_pending("Bread", "1")
    nok.expect_pending("Bread", "1")
    go_offline(nok)
    add_with_enter(nok, "jam")
    client = visitor(BEN)
    names = [unique_name() for _ in range(12)]
    for name in names:
        assert client.post(f"{shop}add", data={"text": name}, follow_redirects=False).status_code == 302
    ben.tick("Bread")
    ben.expect_in_basket("Bread")
    go_online(nok)
    nok.expect_in_basket("Bread")
    for name in [*names, "Jam"]:
        nok.expect_pending(name, "1")
        ben.expect_pending(name, "1")


def test_conflicting_amounts_keep_the_later_and_show_notice(nok, ben, shop):
    nok.add_items("2 melons")
    ben.expect_pending("Melons", "2")
    go_offline(nok)
    change_amount(nok, "Melons", "4")
    expect_waiting(nok, 1)
    ben.expand_entry("Melons").get_by_role("link", name="Edit", exact=True).click()
    ben.page.get_by_label("Quantity").fill("7")
    ben.press("Save")
    ben.expect_pending("Melons", "7")

    go_online(nok)
    nok.expect_pending("Melons", "7")
    expect(notice(nok)).to_contain_text("Ben")
    expect(notice(nok)).to_contain_text("Melons: Quantity: 4")
    nok.page.reload()
    expect(notice(nok)).to_have_count(1)
    notice(nok).get_by_role("button", name="OK").click()
    expect(notice(nok)).to_have_count(0)
    nok.page.reload()
    nok.expect_pending("Melons", "7")
    expect(notice(nok)).to_have_count(0)


def change_amount(person: Person, name: str, amount: str) -> None:
    person.expand_entry(name).get_by_role("link", name="Edit", exact=True).click()
    person.page.locator("#change").get_by_label("Quantity").fill(amount)
    person.press("Save")


def test_changes_of_different_fields_are_merged(nok, ben, shop):
    nok.add_items("2 melons")
    ben.expect_pending("Melons", "2")
    go_offline(nok)
    change_amount(nok, "Melons", "4")
    ben.expand_entry("Melons").get_by_role("link", name="Edit", exact=True).click()
    ben.page.get_by_label("Note").fill("ripe ones")
    ben.press("Save")
    go_online(nok)
    for person in (nok, ben):
        person.expect_pending("Melons", "4")
        expect(person.pending_entry("Melons")).to_contain_text("ripe ones")
    expect(notice(nok)).to_have_count(0)


def test_rejected_change_is_shown_with_its_text(nok, shop):
    text = "x" * 150
    go_offline(nok)
    add_with_enter(nok, text)
    nok.page.reload()
    expect_waiting(nok, 1)
    go_online(nok)
    expect(notice(nok)).to_contain_text("That name is too long")
    expect(notice(nok)).to_contain_text(text)
    go_offline(nok)
    notice(nok).get_by_role("button", name="Try again").click()
    expect_waiting(nok, 1)
    expect(notice(nok)).to_have_count(0)
    go_online(nok)
    expect(notice(nok).or_(nok.page.locator(".toast--error")).first).to_contain_text("That name is too long")
