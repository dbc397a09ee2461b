"""Odd and invalid input: stored as plain text, or rejected with an error and kept in the field."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.person import unique_name
from tests.server import BEN, MAI, NOK

ODD = [
    "🥑🇹🇭 guacamole 👩‍👩‍👧‍👦",
    "חלב ושוקולד",
    "pear \u202eegnaro\u202c",
    "<script>alert(1)</script><b>bread</b>",
    "{{ 7*7 }} {% now 'Y' %}",
    "milk' OR '1'='1' --",
    "น้ำปลา",
    "Z̴̡̛a̷l̸g̵o̶",
]
AMOUNTS = ["0", "-1", "1e9", "NaN", "∞", "1000000", "many", "0.00001", ""]
PRICES = ["-5", "NaN", "1e12", "cheap"]
LONG = "long " * 1000
UNBROKEN = "x" * 5000
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def shop(nok) -> str:
    return nok.create_list(unique_name("Shop "))


def expect_no_overflow(person) -> None:
    """Check that the page does not scroll sideways."""
    assert person.page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_odd_text_in_a_room_is_shown_as_written(nok):
    nok.create_room(unique_name("r").lower())
    for text in ODD:
        nok.send_message(text)
        expect(nok.page.locator("#message-list .bubble").last).to_contain_text(text)
    expect_no_overflow(nok)


def test_odd_text_on_a_list_is_escaped(nok, shop):
    for text in ODD:
        nok.add_items(text)
        expect(nok.page.locator(".toast--error")).to_have_count(0)
    expect(nok.page.locator(".entry__name").filter(has_text="<script>alert(1)</script>")).to_have_count(1)
    expect(nok.page.locator(".entry__name").filter(has_text="{{ 7*7 }}")).to_have_count(1)
    expect_no_overflow(nok)


def test_odd_text_in_a_form_is_escaped(nok):
    for text in ODD:
        nok.goto("recurring/")
        nok.page.get_by_label("What, and how much").fill(text)
        nok.press("Save")
        expect(nok.page.get_by_label("What, and how much")).to_have_value("")
    expect(nok.page.locator(".row__title").filter(has_text="<script>alert(1)</script>")).to_have_count(1)
    expect_no_overflow(nok)


@pytest.mark.parametrize("text", [LONG, UNBROKEN], ids=["words", "one word"])
def test_too_long_text_is_rejected_and_kept(nok, shop, text):
    nok.field.fill(text)
    typed = nok.field.input_value()
    nok.page.locator("#add").get_by_role("button", name="Add").click()
    nok.expect_text(re.compile("That name is too long|no more than 4000 characters"))
    expect(nok.field).to_have_value(typed)
    expect_no_overflow(nok)

    nok.create_room(unique_name("r").lower())
    textarea = nok.page.locator("#text-message")
    textarea.fill(text)
    typed = textarea.input_value()
    nok.page.locator("#say-message").get_by_role("button", name="Send").click()
    # The field is limited to the length of a message, but a longer text is rejected and stays.
    message = nok.page.locator("#message-list .bubble").filter(has_text=text[:50])
    expect(message.or_(nok.page.locator(".toast--error"))).to_be_visible()
    assert message.count() or textarea.input_value() == typed
    expect_no_overflow(nok)


def test_invalid_amount_shows_error_and_keeps_the_form(nok, shop):
    nok.add_items("2 kg rice")
    nok.expand_entry("Rice").get_by_role("link", name="Edit", exact=True).click()
    nok.page.get_by_label("Note").fill("the good one")
    for amount in AMOUNTS:
        nok.page.get_by_label("Quantity").fill(amount)
        nok.press("Save")
        expect(nok.page.locator(".field__error:visible")).to_be_visible()
        expect(nok.page.get_by_label("Quantity")).to_have_value(amount)
        expect(nok.page.get_by_label("Note")).to_have_value("the good one")
    nok.goto(shop)
    nok.expect_pending("Rice", "2 kg")


def test_invalid_price_shows_error_and_is_kept(nok, shop):
    nok.add_items("rice")
    nok.tick("Rice")
    nok.goto(nok.server.url + nok.basket_entry("Rice").locator(".entry__price").get_attribute("href"))
    for price in PRICES:
        nok.page.get_by_label("Price").fill(price)
        nok.press("Save")
        expect(nok.page.locator(".field__error")).to_be_visible()
        expect(nok.page.get_by_label("Price")).to_have_value(price)
    nok.goto(shop)
    expect(nok.basket_entry("Rice").locator(".entry__price")).to_have_text("Price")


def test_empty_name_shows_error(nok):
    nok.goto("lists/")
    nok.page.get_by_label("Name of the list").fill(" \u200b ")
    nok.press("Create")
    expect(nok.page.locator(".field__error")).to_be_visible()
    nok.goto("chat/new/")
    nok.page.get_by_label("Name of the room").fill("...")
    nok.page.get_by_label("What it's about").fill("nothing much")
    nok.press("Create room")
    expect(nok.page.locator("body")).to_contain_text(re.compile("room|…", re.I))


def test_rejected_sign_up_keeps_the_form(open_browser):
    visitor = open_browser()
    visitor.page.goto(f"{visitor.server.url}/accounts/signup/")
    visitor.sign_up("Anna <b>", "nok@apartment42.example")
    expect(visitor.page.locator(".field__error, .errors").first).to_be_visible()
    expect(visitor.page.get_by_label("Your name")).to_have_value("Anna <b>")
    expect(visitor.page.get_by_label("Email")).to_have_value("nok@apartment42.example")


BAD_BYTES = {
    "NUL": "mi\0lk",
    "5,000 letters": UNBROKEN,
    "line ends": "\r\n\u2028\u2029\x0b",
    "nothing": "",
    "broken UTF-8": b"\xff\xfe\x80",
    "half a pair": "\ud83d".encode("utf-8", "surrogatepass"),
}


@pytest.mark.parametrize("value", BAD_BYTES.values(), ids=BAD_BYTES)
def test_forms_survive_invalid_bytes(visitor, value):
    """Send invalid bytes in each field of each form."""
    ben = visitor(BEN)
    base = f"/h/{ben.home}/"
    shop = _path(ben.post(f"{base}lists/", data={"name": unique_name("Shop ")}))
    ben.post(f"{shop}add", data={"text": "2 kg rice"})
    row = re.search(r'id="e-([0-9a-f-]+)"', ben.get(shop).text)
    entry = f"{shop}{row[1]}/"
    room = _path(ben.post(f"{base}chat/new/", data={"name": unique_name("r").lower(), "topic": ""}))
    forms = {
        f"{base}lists/": {"name": "Shop"},
        f"{shop}add": {"text": "rice", "op_id": str(uuid4())},
        f"{shop}rename": {"name": "Shop"},
        f"{shop}state": {"state": "approved"},
        f"{entry}edit": {"quantity": "2", "unit": "kg", "note": "", "category": "1"},
        f"{entry}more": {"op_id": str(uuid4())},
        f"{base}recurring/": {"text": "rice", "frequency": "weekly"},
        f"{base}chat/new/": {"name": "room", "topic": "", "is_private": ""},
        f"{room}send": {"body": "hello", "op_id": str(uuid4())},
        f"{base}tell": {"body": "hello", "op_id": str(uuid4())},
        f"{base}home/invite/": {"email": "a@b.example", "role": "member"},
        f"{base}home/update/": {"name": "Apartment 42", "timezone": "UTC", "monthly_budget": "1"},
        "/join/": {"invitation": "x"},
        "/homes/new/": {"timezone": "UTC"},
    }
    for address, fields in forms.items():
        for name in fields:
            response = ben.post(address, data={**fields, name: value})
            assert response.status_code < 500, (address, name)
    odd = value if isinstance(value, str) else value.decode("latin-1")
    for page, name in {"money/": "month", "chat/": "before", f"{shop[len(base) :]}understood": "text"}.items():
        assert ben.get(f"{base}{page}", params={name: odd[:2000]}).status_code < 500, page


def _path(response) -> str:
    return response.url.path


@pytest.fixture(scope="module")
def addresses(visitor) -> dict[str, set[str]]:
    """Return every URL that Nok's pages link to (get) or submit to (post)."""
    nok = visitor(NOK)
    urls: dict[str, set[str]] = {"get": set(), "post": set()}
    base = f"/h/{nok.home}/"
    queue = {f"{base}{page}" for page in ("", "list/", "lists/", "recurring/", "money/", "chat/", "home/")}
    while queue:
        address = queue.pop()
        if address in urls["get"] or len(urls["get"]) > 70:
            continue
        urls["get"].add(address)
        page = nok.get(address).text.replace("&amp;", "&")
        queue |= {link.split("#")[0] for link in re.findall(rf'(?:href|hx-get)="({base}[^"]*)"', page)}
        urls["post"] |= set(re.findall(rf'(?:action|hx-post)="({base}[^"]+)"', page))
    assert len(urls["get"]) > 20 and len(urls["post"]) > 20
    return urls


def test_every_page_returns_404_for_strangers(addresses, visitor):
    mai = visitor(MAI)
    assert {mai.get(address).status_code for address in addresses["get"]} == {404}
    assert {mai.post(address).status_code for address in addresses["post"]} <= {404, 405}


def test_ids_of_another_home_return_404(addresses, visitor):
    nok, mai = visitor(NOK), visitor(MAI)
    for kind in ("get", "post"):
        for address in addresses[kind]:
            mine = address.replace(nok.home, mai.home)
            if len(ID.findall(mine.partition("?")[0])) > 1:  # those of a query only fill a form
                assert getattr(mai, kind)(mine).status_code in (404, 405), mine


def test_unknown_ids_return_404(addresses, visitor):
    nok = visitor(NOK)
    for kind in ("get", "post"):
        patterns = {ID.sub("ID", address.partition("?")[0]) for address in addresses[kind]}
        for pattern in patterns:
            if pattern.count("ID") > 1:
                address = pattern.replace("ID", nok.home, 1)
                while "ID" in address:
                    address = address.replace("ID", str(uuid4()), 1)
                assert getattr(nok, kind)(address).status_code in (404, 405), address
