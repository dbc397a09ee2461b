"""Pages and forms while offline."""

from playwright.sync_api import expect

from tests.e2e.offline.phone import go_offline, wait_for_cached_text


def test_visited_pages_open_offline(nok, shop):
    nok.add_items("2 kg rice")
    nok.expect_pending("Rice", "2 kg")
    wait_for_cached_text(nok, nok.pending_entry("Rice").get_attribute("id"))
    go_offline(nok)
    nok.page.reload()
    nok.expect_pending("Rice", "2 kg")
    nok.expect_text("Offline. What you see may be out of date. Reconnecting…")
    nok.page.goto(f"{nok.server.url}/")
    expect(nok.page.locator("h1")).to_have_count(1)
    assert f"/h/{nok.home}/" in nok.page.url
    nok.page.goto(f"{nok.server.url}/list/")
    expect(nok.page).to_have_url(shop)


def test_unvisited_page_shows_offline_page(nok, shop):
    go_offline(nok)
    nok.goto("money/")
    expect(nok.page.locator("h1")).to_have_text("You're offline")
    nok.follow_link("Back to saved pages")
    assert f"/h/{nok.home}/" in nok.page.url
    expect(nok.page.locator("h1")).not_to_have_text("You're offline")


def test_cached_page_has_the_latest_state(nok, ben, shop):
    ben.add_items("bread")
    nok.expect_pending("Bread", "1")
    wait_for_cached_text(nok, nok.pending_entry("Bread").get_attribute("id"))
    go_offline(nok)
    nok.page.reload()
    nok.expect_pending("Bread", "1")


def test_form_keeps_its_text_offline(nok, shop):
    nok.choose_from_menu("Rename")
    go_offline(nok)
    nok.page.get_by_label("Name of the list").fill("Market")
    nok.press("Save")
    nok.expect_text("Couldn't send. Try again when you're online.")
    expect(nok.page.get_by_label("Name of the list")).to_have_value("Market")


def test_unsent_text_is_shown_on_the_offline_page(nok, shop):
    nok.page.goto(f"{nok.server.url}/join/")
    nok.page.context.set_offline(True)
    nok.page.locator("[name=invitation]").fill("the link <b>")
    nok.page.locator("[name=invitation]").press("Enter")
    expect(nok.page.locator("h1")).to_have_text("You're offline")
    expect(nok.page.locator("main li").first).to_have_text("the link <b>")
    nok.expect_text("It wasn't sent. This is what you wrote:")
