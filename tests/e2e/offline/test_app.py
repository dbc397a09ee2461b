"""The product as an installed app."""

from playwright.sync_api import expect

from tests.e2e.browser import sign_in
from tests.e2e.offline.phone import expect_waiting, go_offline, go_online
from tests.server import NOK


def test_shared_text_is_prefilled_and_added(nok, ben, shop):
    nok.page.goto(f"{nok.server.url}/share/?title=Curry&text=2+kg+chicken&url=")
    expect(nok.field).to_have_value("Curry\n2 kg chicken")
    nok.field.fill("2 kg chicken")
    nok.field.press("Enter")
    nok.expect_pending("Chicken", "2 kg")


def test_shared_text_is_added_offline(nok, ben, shop):
    go_offline(nok)
    nok.page.goto(f"{nok.server.url}/share/?text=7+figs")
    expect(nok.page).to_have_url(shop)
    expect(nok.field).to_have_value("7 figs")
    nok.field.press("Enter")
    expect_waiting(nok, 1)
    go_online(nok)
    nok.expect_pending("Figs", "7")
    ben.expect_pending("Figs", "7")


def test_app_can_be_installed(device, server):
    page = device().new_page()
    sign_in(page, server, NOK)
    page.wait_for_function("() => Boolean(navigator.serviceWorker.controller)")
    devtools = page.context.new_cdp_session(page)
    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"] == f"{server.url}/manifest.webmanifest"
