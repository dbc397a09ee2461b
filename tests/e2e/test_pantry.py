"""The pantry: an open page follows, and barcodes are read with the camera."""

import pytest
from playwright.sync_api import expect

from tests.server import NOK

# A camera with an empty picture, in which `see(code)` finds a code.
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 9, 9);
  return canvas.captureStream();
};
window.BarcodeDetector = class {
  async detect() {
    return window.seen ? [{ rawValue: window.seen }] : [];
  }
};
"""


def see(page, code):
    page.evaluate("code => { window.seen = code; }", code)


def add(person, text):
    person.goto("pantry/")
    person.page.get_by_label("What, and how much").fill(text)
    person.page.get_by_role("button", name="Add", exact=True).click()
    expect(person.page.locator("#toasts .toast", has_text="is in the pantry")).to_be_visible()


def test_open_page_follows_what_others_use(nok, ben):
    add(nok, "6 quail eggs")
    ben.goto("pantry/")
    row = ben.page.locator("#pantry li", has_text="Quail eggs")
    expect(row).to_contain_text("6")
    nok.page.get_by_role("button", name="Use 1 of Quail eggs").click()
    expect(nok.page.locator("#toasts .toast", has_text="Used 1 of Quail eggs.")).to_be_visible()
    expect(row.locator(".row__sub")).to_contain_text("5")
    nok.page.locator("#toasts .toast").get_by_role("button", name="Undo").last.click()
    expect(row.locator(".row__sub")).to_contain_text("6")


def test_search_shows_what_is_found_while_it_is_typed(nok):
    add(nok, "2 kg yams")
    nok.page.get_by_label("Search the pantry").press_sequentially("nothing like that")
    expect(nok.page.get_by_text("Nothing called “nothing like that” is at home.")).to_be_visible()


def test_camera_reads_a_package_once_until_it_is_gone(open_browser):
    nok = open_browser(NOK, locale="en-GB")  # a page of its own, because of the script
    nok.page.add_init_script(CAMERA)
    nok.goto("pantry/scan")
    page = nok.page
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("video")).to_be_visible()
    see(page, "4006381333931")
    page.get_by_label("Item").fill("Felt pens")
    page.get_by_role("button", name="Save").click()
    toast = page.locator("#toasts .toast", has_text="In the pantry: Felt pens, 1.")
    expect(toast).to_be_visible()
    expect(page.locator("video")).to_be_visible()  # it goes on by itself
    see(page, "4006381333931")
    page.wait_for_function("sessionStorage.getItem('scan-code-last') === '4006381333931'")
    see(page, "96385074")
    expect(page.get_by_text("This code is new here.")).to_be_visible()
    nok.goto("pantry/")
    expect(page.locator("#pantry li", has_text="Felt pens").locator(".row__sub")).to_have_text("1")


@pytest.mark.parametrize("is_refused", [False, True])
def test_codes_are_typed_where_there_is_no_camera(open_browser, is_refused):
    nok = open_browser(NOK, locale="en-GB")  # a page of its own, because of the script
    if is_refused:
        nok.page.add_init_script(CAMERA + "navigator.mediaDevices.getUserMedia = async () => { throw Error(); };")
    nok.goto("pantry/scan")
    button = nok.page.get_by_role("button", name="Scan with the camera")
    if is_refused:
        button.click()
        expect(nok.page.get_by_text("The camera isn't available.")).to_be_visible()
    else:
        expect(button).to_be_hidden()
    nok.page.get_by_label("Barcode").fill("LOT-7")
    nok.page.get_by_label("Barcode").press("Enter")
    expect(nok.page.get_by_text("This code is new here.")).to_be_visible()
