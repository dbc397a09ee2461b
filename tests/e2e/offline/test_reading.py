"""What opens without a signal."""

from playwright.sync_api import expect

from tests.e2e.offline.phone import goes_down, kept_with


def test_the_pages_that_were_open_open_without_a_signal(nok, shop):
    nok.adds("2 kg rice")
    nok.sees_to_get("Rice", "2 kg")
    kept_with(nok, nok.to_get("Rice").get_attribute("id"))
    goes_down(nok)
    nok.page.reload()
    nok.sees_to_get("Rice", "2 kg")
    nok.reads("Offline. What you see may be out of date. Reconnecting…")
    nok.page.goto(f"{nok.server.url}/")
    expect(nok.page.locator("h1")).to_have_count(1)
    assert f"/h/{nok.home}/" in nok.page.url
    nok.page.goto(f"{nok.server.url}/list/")
    expect(nok.page).to_have_url(shop)


def test_a_page_that_was_never_open_says_so_kindly(nok, shop):
    goes_down(nok)
    nok.goes_to("money/")
    expect(nok.page.locator("h1")).to_have_text("You're offline")
    nok.follows("Back to saved pages")
    assert f"/h/{nok.home}/" in nok.page.url
    expect(nok.page.locator("h1")).not_to_have_text("You're offline")


def test_it_is_the_last_state_that_is_kept(nok, ben, shop):
    ben.adds("bread")
    nok.sees_to_get("Bread", "1")
    kept_with(nok, nok.to_get("Bread").get_attribute("id"))
    goes_down(nok)
    nok.page.reload()
    nok.sees_to_get("Bread", "1")


def test_a_form_that_needs_the_signal_keeps_what_was_typed(nok, shop):
    nok.chooses("Rename")
    goes_down(nok)
    nok.page.get_by_label("Name of the list").fill("Market")
    nok.presses("Save")
    nok.reads("Couldn't send. Try again when you're online.")
    expect(nok.page.get_by_label("Name of the list")).to_have_value("Market")


def test_what_was_typed_on_a_page_that_is_gone_is_shown(nok, shop):
    nok.page.goto(f"{nok.server.url}/join/")
    nok.page.context.set_offline(True)
    nok.page.locator("[name=invitation]").fill("the link <b>")
    nok.page.locator("[name=invitation]").press("Enter")
    expect(nok.page.locator("h1")).to_have_text("You're offline")
    expect(nok.page.locator("main li").first).to_have_text("the link <b>")
    nok.reads("It wasn't sent. This is what you wrote:")
