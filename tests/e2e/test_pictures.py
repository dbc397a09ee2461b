"""Pictures of entries and receipts: sent as soon as they are chosen, live for others, and without JavaScript."""

from playwright.sync_api import expect

from tests.e2e.person import unique_name
from tests.pictures import PDF, picture
from tests.server import BEN

PHOTO = {"name": "milk.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(800, 600))}


def test_picture_of_an_entry_appears_on_the_others_row_and_is_undone(nok, ben):
    url, item = nok.create_list(unique_name("Pictures ")), unique_name("Milk ")
    nok.add_items(item)
    ben.page.goto(url)
    row = ben.pending_entry(item)
    expect(row).to_be_visible()
    nok.page.goto(nok.pending_entry(item).locator(".qty__value").evaluate("link => link.href"))
    nok.page.locator("add-file input[type=file]").set_input_files(PHOTO)
    nok.expect_text("milk.jpg is added.")
    expect(row.get_by_role("link", name=f"Picture of {item}")).to_be_visible()
    row.get_by_role("link", name=f"Picture of {item}").click()
    image = ben.page.get_by_role("img", name="milk.jpg")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
    ben.page.goto(url)
    nok.page.locator(".toast").get_by_role("button", name="Undo").click()
    nok.expect_text("Undone.")
    expect(row.get_by_role("link", name=f"Picture of {item}")).to_have_count(0)


def test_receipt_is_added_and_removed_without_javascript(open_browser):
    plain, title = open_browser(BEN, java_script_enabled=False), unique_name("Taxi ")
    plain.goto("money/expenses/new")
    plain.page.get_by_label("What was it for?").fill(title)
    plain.page.get_by_label("Amount").fill("90")
    plain.press("Save")
    plain.page.get_by_role("link", name=title).click()
    plain.page.locator("input[type=file]").set_input_files(
        {"name": "bill.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    plain.press("Add")
    plain.page.get_by_role("link", name="bill.pdf").click()
    plain.press("Remove")
    plain.expect_text("bill.pdf is removed.")
    expect(plain.page.get_by_role("link", name="bill.pdf")).to_have_count(0)
