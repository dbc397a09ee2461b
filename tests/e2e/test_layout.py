"""Every page in two sizes and two color schemes: no horizontal overflow, accessible names, unique ids."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.person import unique_name

PAGES = {
    "today": "",
    "list": "list/",
    "lists": "lists/",
    "recurring": "recurring/",
    "money": "money/",
    "money, all": "money/?all",
    "new expense": "money/expenses/new",
    "payment": "money/settle",
    "chat": "chat/",
    "rooms": "chat/#channels",
    "new room": "chat/new/",
    "settings": "home/",
    "scheduled": "scheduled/",
    "leave": "home/leave/",
    "agents": "home/agents/",
    "new agent": "home/agents/new/",
    "new chat": "chat/new-chat/",
    "memory": "memory/",
    "costs": "home/costs/",
    "costs by member": "home/costs/?by=member",
}
ACCOUNT_PAGES = {
    "you": "/me/",
    "another home": "/homes/new/",
    "join": "/join/",
    "security": "/me/security/",
    "new token": "/me/security/tokens/new/",
    "close account": "/me/close/",
    "e-mail": "/accounts/email/",
    "password": "/accounts/password/change/",
    "second step": "/accounts/2fa/",
    "sign out": "/accounts/logout/",
}
SIGNED_OUT_PAGES = {
    "sign in": "/accounts/login/",
    "sign up": "/accounts/signup/",
    "password reset": "/accounts/password/reset/",
    "join": "/join/",
}
SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 800}]
DUPLICATE_IDS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}"""
OVERFLOWING = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const elements = [...document.body.querySelectorAll("*")];
  const wide = elements.filter((element) => element.getBoundingClientRect().right > width + 1);
  return wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 120));
}"""

# The entries that stay below something else, however the page is scrolled.
OUT_OF_SIGHT = """() => [...document.querySelectorAll(".entry")].filter((row) => {
  row.scrollIntoView({ block: "nearest" });
  const tick = row.querySelector(".entry__tick").getBoundingClientRect();
  const name = row.querySelector(".entry__name").getBoundingClientRect();
  const points = [[tick.left + tick.width / 2, tick.top + tick.height / 2], [name.left + 4, name.top + 4]];
  return !points.every(([x, y]) => row.contains(document.elementFromPoint(x, y)));
}).map((row) => row.innerText)"""


def check_layout(person) -> None:
    page = person.page
    for size in SIZES:
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(OVERFLOWING) == [], (size, scheme)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        for role in ("button", "link", "textbox", "combobox"):
            elements, named = page.get_by_role(role), page.get_by_role(role, name=re.compile(r"\S"))
            if elements.count() != named.count():
                named_html = {element.inner_html() for element in named.all()}
                nameless = [html for element in elements.all() if (html := element.inner_html()) not in named_html]
                pytest.fail(f"no accessible name: {role} {nameless}")
    assert page.evaluate(DUPLICATE_IDS) == []
    assert "<" not in page.title() and page.title().endswith("Pantry Pixie")


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_home_page_layout(nok, path):
    nok.goto(path)
    check_layout(nok)


@pytest.mark.parametrize("path", ACCOUNT_PAGES.values(), ids=ACCOUNT_PAGES)
def test_account_page_layout(nok, path):
    nok.goto(f"{nok.server.url}{path}")
    check_layout(nok)


@pytest.mark.parametrize("path", SIGNED_OUT_PAGES.values(), ids=SIGNED_OUT_PAGES)
def test_signed_out_page_layout(open_browser, path):
    visitor = open_browser()
    visitor.goto(f"{visitor.server.url}{path}")
    check_layout(visitor)


def test_list_pages_layout(nok):
    shop = nok.create_list(unique_name("Shop "))
    check_layout(nok)
    nok.page.set_viewport_size(SIZES[0])
    nok.add_items(
        "2 kg rice, the longest name of anything that was ever bought in this household or in the one next to it, eggs"
    )
    nok.tick("Eggs")
    nok.expect_in_basket("Eggs")
    nok.expand_entry("Rice")
    check_layout(nok)
    nok.pending_entry("Rice").get_by_role("link", name="Edit", exact=True).click()
    expect(nok.page.locator("h1")).to_have_text("Rice")
    check_layout(nok)
    nok.goto(f"{shop}rename")
    check_layout(nok)
    nok.goto(shop)
    nok.page.set_viewport_size(SIZES[0])
    nok.choose_from_menu("Complete list")
    nok.expect_text(re.compile("carries over|carry over"))
    check_layout(nok)


@pytest.mark.parametrize("page", ["", "shop"], ids=["list", "shop"])
def test_every_entry_can_be_scrolled_into_sight_with_text_of_twice_the_size(nok, page):
    shop = nok.create_list(unique_name("Shop "))
    nok.add_items(", ".join(["2 kg rice", "milk", "dish soap", *(unique_name() for _ in range(9))]))
    nok.tick("Milk")
    nok.expect_in_basket("Milk")
    nok.goto(f"{shop}{page}")
    nok.page.evaluate("document.documentElement.style.fontSize = '200%'")
    nok.field.fill("2 kg oranges, salt")
    expect(nok.page.locator(".understood__item")).to_have_count(2)
    assert nok.page.evaluate(OVERFLOWING) == []
    assert nok.page.evaluate(OUT_OF_SIGHT) == []


def test_room_pages_layout(nok):
    room = nok.create_room(unique_name("r").lower())
    check_layout(nok)
    nok.page.set_viewport_size(SIZES[0])
    nok.send_message("Who waters the plants?")
    check_layout(nok)
    message = nok.message("Who waters the plants?").get_attribute("id").split("m-", 1)[1]
    for path in (f"{room}{message}/", f"{room}{message}/edit", f"{room}people/"):
        nok.goto(path)
        check_layout(nok)


def test_run_page_layout(nok):
    nok.create_list(unique_name("Shop "))
    nok.open_pixie_chat()
    answer = nok.ask_pixie("We need 6 eggs", "Eggs")
    answer.get_by_role("link", name="How Pixie did this").click()
    nok.expect_text("Understood without a language model")
    check_layout(nok)


def test_member_and_invitation_pages_layout(nok):
    nok.goto("home/")
    nok.press("Create link")
    expect(nok.page.get_by_label("Send it to the person you're inviting")).to_be_visible()
    check_layout(nok)
    nok.page.set_viewport_size(SIZES[0])
    nok.page.locator("#members .row").filter(has_text="Ben").locator("summary").click()
    check_layout(nok)
    nok.page.set_viewport_size(SIZES[0])
    nok.page.get_by_role("link", name="Remove from this home…").click()
    expect(nok.page.locator("h1")).to_have_text("Remove Ben?")
    check_layout(nok)


def test_not_found_page_layout(open_browser, nok):
    """Check the page of a 404, which has no home around it."""
    visitor = open_browser(offline=True)
    visitor.page.route("**/nothing", lambda route: route.fulfill(response=route.fetch(), status=200))
    visitor.goto(f"{visitor.server.url}/nothing")
    expect(visitor.page.locator("h1")).to_have_text("Page not found")
    check_layout(visitor)
