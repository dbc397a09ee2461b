"""As an app on a phone."""

from playwright.sync_api import expect

from tests.e2e.browser import sign_in
from tests.e2e.offline.phone import comes_up, goes_down, waiting
from tests.server import NOK


def test_what_another_app_shares_is_in_the_field_and_on_the_list_after_a_yes(nok, ben, shop):
    nok.page.goto(f"{nok.server.url}/share/?title=Curry&text=2+kg+chicken&url=")
    expect(nok.field).to_have_value("Curry\n2 kg chicken")
    nok.field.fill("2 kg chicken")
    nok.field.press("Enter")
    nok.sees_to_get("Chicken", "2 kg")


def test_sharing_works_without_a_signal(nok, ben, shop):
    goes_down(nok)
    nok.page.goto(f"{nok.server.url}/share/?text=7+figs")
    expect(nok.page).to_have_url(shop)
    expect(nok.field).to_have_value("7 figs")
    nok.field.press("Enter")
    waiting(nok, 1)
    comes_up(nok)
    nok.sees_to_get("Figs", "7")
    ben.sees_to_get("Figs", "7")


def test_it_can_be_installed(device, server):
    page = device().new_page()
    sign_in(page, server, NOK)
    page.wait_for_function("() => Boolean(navigator.serviceWorker.controller)")
    devtools = page.context.new_cdp_session(page)
    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"] == f"{server.url}/manifest.webmanifest"
