"""What people paste, mistype and try out: text like any other, or refused in clear words and still in the field."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.people import own_word
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
    return nok.begins_list(own_word("Shop "))


def fits(person) -> None:
    """Nothing sticks out at the side."""
    assert person.page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_odd_text_stands_in_the_room_as_it_was_written(nok):
    nok.opens_room(own_word("r").lower())
    for text in ODD:
        nok.says(text)
        expect(nok.page.locator("#talk .bubble").last).to_contain_text(text)
    fits(nok)


def test_odd_text_on_the_list_is_only_text(nok, shop):
    for text in ODD:
        nok.adds(text)
        expect(nok.page.locator(".toast--error")).to_have_count(0)
    expect(nok.page.locator(".entry__name").filter(has_text="<script>alert(1)</script>")).to_have_count(1)
    expect(nok.page.locator(".entry__name").filter(has_text="{{ 7*7 }}")).to_have_count(1)
    fits(nok)


def test_odd_text_in_a_plain_form_is_only_text(nok):
    for text in ODD:
        nok.goes_to("recurring/")
        nok.page.get_by_label("What, and how much").fill(text)
        nok.presses("Save")
        expect(nok.page.get_by_label("What, and how much")).to_have_value("")
    expect(nok.page.locator(".row__title").filter(has_text="<script>alert(1)</script>")).to_have_count(1)
    fits(nok)


@pytest.mark.parametrize("text", [LONG, UNBROKEN], ids=["words", "one word"])
def test_five_thousand_letters(nok, shop, text):
    nok.field.fill(text)
    typed = nok.field.input_value()
    nok.page.locator("#add").get_by_role("button", name="Add").click()
    nok.reads(re.compile("That name is too long"))
    expect(nok.field).to_have_value(typed)
    fits(nok)

    nok.opens_room(own_word("r").lower())
    writing = nok.page.locator("#text-message")
    writing.fill(text)
    kept = writing.input_value()
    nok.page.locator("#say-message").get_by_role("button", name="Send").click()
    # The field holds no more than a message may be long; past that, it is refused and stays.
    said = nok.page.locator("#talk .bubble").filter(has_text=text[:50])
    expect(said.or_(nok.page.locator(".toast--error"))).to_be_visible()
    assert said.count() or writing.input_value() == kept
    fits(nok)


def test_an_amount_that_is_none(nok, shop):
    nok.adds("2 kg rice")
    nok.opens_row("Rice").get_by_role("link", name="Edit", exact=True).click()
    nok.page.get_by_label("Note").fill("the good one")
    for amount in AMOUNTS:
        nok.page.get_by_label("How much").fill(amount)
        nok.presses("Save")
        expect(nok.page.locator(".field__error")).to_be_visible()
        expect(nok.page.get_by_label("How much")).to_have_value(amount)
        expect(nok.page.get_by_label("Note")).to_have_value("the good one")
    nok.goes_to(shop)
    nok.sees_to_get("Rice", "2 kg")


def test_a_price_that_is_none(nok, shop):
    nok.adds("rice")
    nok.ticks("Rice")
    nok.got("Rice").locator(".entry__price").click()
    for price in PRICES:
        nok.page.get_by_label("Price").fill(price)
        nok.presses("Save")
        expect(nok.page.locator(".field__error")).to_be_visible()
        expect(nok.page.get_by_label("Price")).to_have_value(price)
    nok.goes_to(shop)
    expect(nok.got("Rice").locator(".entry__price")).to_have_text("Price")


def test_a_name_of_nothing(nok):
    nok.goes_to("lists/")
    nok.page.get_by_label("Name of the list").fill(" \u200b ")
    nok.presses("Create")
    expect(nok.page.locator(".field__error")).to_be_visible()
    nok.goes_to("chat/new/")
    nok.page.get_by_label("Name of the room").fill("...")
    nok.page.get_by_label("What it is about").fill("nothing much")
    nok.presses("Create room")
    expect(nok.page.locator("body")).to_contain_text(re.compile("room|…", re.I))


def test_the_sign_up_form_keeps_what_was_typed(meet):
    guest = meet()
    guest.page.goto(f"{guest.server.url}/accounts/signup/")
    guest.signs_up("Anna <b>", "nok@apartment42.example")
    expect(guest.page.locator(".field__error, .errors").first).to_be_visible()
    expect(guest.page.get_by_label("Your name")).to_have_value("Anna <b>")
    expect(guest.page.get_by_label("Email")).to_have_value("nok@apartment42.example")


BAD_BYTES = {
    "NUL": "mi\0lk",
    "5,000 letters": UNBROKEN,
    "line ends": "\r\n\u2028\u2029\x0b",
    "nothing": "",
    "broken UTF-8": b"\xff\xfe\x80",
    "half a pair": "\ud83d".encode("utf-8", "surrogatepass"),
}


@pytest.mark.parametrize("value", BAD_BYTES.values(), ids=BAD_BYTES)
def test_no_form_breaks_over_http(visitor, value):
    """Each field of each form in turn, as no browser would send it."""
    ben = visitor(BEN)
    base = f"/h/{ben.home}/"
    shop = _path(ben.post(f"{base}lists/", data={"name": own_word("Shop ")}))
    ben.post(f"{shop}add", data={"text": "2 kg rice"})
    row = re.search(r'id="e-([0-9a-f-]+)"', ben.get(shop).text)
    entry = f"{shop}{row[1]}/"
    room = _path(ben.post(f"{base}chat/new/", data={"name": own_word("r").lower(), "topic": ""}))
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
        "/me/": {"locale": "en"},
        "/homes/new/": {"timezone": "UTC"},
    }
    for address, fields in forms.items():
        for name in fields:
            answer = ben.post(address, data={**fields, name: value})
            assert answer.status_code < 500, (address, name)
    odd = value if isinstance(value, str) else value.decode("latin-1")
    for page, name in {"money/": "month", "chat/": "before", f"{shop[len(base) :]}understood": "text"}.items():
        assert ben.get(f"{base}{page}", params={name: odd[:2000]}).status_code < 500, page


def _path(answer) -> str:
    return answer.url.path


@pytest.fixture(scope="module")
def addresses(visitor) -> dict[str, set[str]]:
    """Every address that Nok's pages lead to: those to read and those to send to."""
    nok = visitor(NOK)
    found: dict[str, set[str]] = {"get": set(), "post": set()}
    base = f"/h/{nok.home}/"
    waiting = {f"{base}{page}" for page in ("", "list/", "lists/", "recurring/", "money/", "chat/", "home/")}
    while waiting:
        address = waiting.pop()
        if address in found["get"] or len(found["get"]) > 70:
            continue
        found["get"].add(address)
        page = nok.get(address).text.replace("&amp;", "&")
        waiting |= {link.split("#")[0] for link in re.findall(rf'(?:href|hx-get)="({base}[^"]*)"', page)}
        found["post"] |= set(re.findall(rf'(?:action|hx-post)="({base}[^"]+)"', page))
    assert len(found["get"]) > 20 and len(found["post"]) > 20
    return found


def test_a_stranger_finds_nothing_at_any_address(addresses, visitor):
    mai = visitor(MAI)
    assert {mai.get(address).status_code for address in addresses["get"]} == {404}
    assert {mai.post(address).status_code for address in addresses["post"]} <= {404, 405}


def test_ids_of_another_home_lead_nowhere_in_ones_own(addresses, visitor):
    nok, mai = visitor(NOK), visitor(MAI)
    for kind in ("get", "post"):
        for address in addresses[kind]:
            mine = address.replace(nok.home, mai.home)
            if len(ID.findall(mine)) > 1:
                assert getattr(mai, kind)(mine).status_code in (404, 405), mine


def test_ids_that_nothing_has_lead_nowhere(addresses, visitor):
    nok = visitor(NOK)
    for kind in ("get", "post"):
        shapes = {ID.sub("ID", address) for address in addresses[kind]}
        for shape in shapes:
            if shape.count("ID") > 1:
                address = shape.replace("ID", nok.home, 1)
                while "ID" in address:
                    address = address.replace("ID", str(uuid4()), 1)
                assert getattr(nok, kind)(address).status_code in (404, 405), address
