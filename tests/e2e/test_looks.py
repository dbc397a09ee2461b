"""Every page, on a phone and on a desk, by day and by night: nothing sticks out, and everything has a name."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import own_word

PAGES = {
    "today": "",
    "list": "list/",
    "lists": "lists/",
    "what comes back": "recurring/",
    "money": "money/",
    "money, all": "money/?all",
    "chat": "chat/",
    "rooms": "chat/#channels",
    "new room": "chat/new/",
    "settings": "home/",
    "scheduled": "scheduled/",
    "leave": "home/leave/",
    "agents": "home/agents/",
    "new agent": "home/agents/new/",
    "new talk": "chat/new-talk/",
    "what Pixie knows": "memory/",
    "what Pixie costs": "home/costs/",
    "what Pixie costs, by whom": "home/costs/?by=member",
}
OWN = {
    "you": "/me/",
    "another home": "/homes/new/",
    "join": "/join/",
    "e-mail": "/accounts/email/",
    "password": "/accounts/password/change/",
    "second step": "/accounts/2fa/",
    "sign out": "/accounts/logout/",
}
DOOR = {
    "sign in": "/accounts/login/",
    "sign up": "/accounts/signup/",
    "forgotten": "/accounts/password/reset/",
    "no invitation": "/join/",
}
SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 800}]
TWICE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}"""
STICKS_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1);
  return wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 120));
}"""


def looks_right(person) -> None:
    page = person.page
    for size in SIZES:
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(STICKS_OUT) == [], (size, scheme)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        for role in ("button", "link", "textbox", "combobox"):
            everything, named = page.get_by_role(role), page.get_by_role(role, name=re.compile(r"\S"))
            if everything.count() != named.count():
                known = {element.inner_html() for element in named.all()}
                nameless = [html for one in everything.all() if (html := one.inner_html()) not in known]
                pytest.fail(f"no name to be read aloud: {role} {nameless}")
    assert page.evaluate(TWICE) == []
    assert "<" not in page.title() and page.title().endswith("Pantry Pixie")


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_of_the_home(nok, path):
    nok.goes_to(path)
    looks_right(nok)


@pytest.mark.parametrize("path", OWN.values(), ids=OWN)
def test_a_page_of_ones_own(nok, path):
    nok.goes_to(f"{nok.server.url}{path}")
    looks_right(nok)


@pytest.mark.parametrize("path", DOOR.values(), ids=DOOR)
def test_a_page_at_the_door(meet, path):
    guest = meet()
    guest.goes_to(f"{guest.server.url}{path}")
    looks_right(guest)


def test_the_pages_of_a_list(nok):
    shop = nok.begins_list(own_word("Shop "))
    looks_right(nok)
    nok.page.set_viewport_size(SIZES[0])
    nok.adds(
        "2 kg rice, the longest name of anything that was ever bought in this household or in the one next to it, eggs"
    )
    nok.ticks("Eggs")
    nok.sees_got("Eggs")
    nok.opens_row("Rice")
    looks_right(nok)
    nok.to_get("Rice").get_by_role("link", name="Edit", exact=True).click()
    expect(nok.page.locator("h1")).to_have_text("Rice")
    looks_right(nok)
    nok.goes_to(f"{shop}rename")
    looks_right(nok)
    nok.goes_to(shop)
    nok.page.set_viewport_size(SIZES[0])
    nok.chooses("Complete list")
    nok.reads(re.compile("carries over|carry over"))
    looks_right(nok)


def test_the_pages_of_a_room(nok):
    room = nok.opens_room(own_word("r").lower())
    looks_right(nok)
    nok.page.set_viewport_size(SIZES[0])
    nok.says("Who waters the plants?")
    looks_right(nok)
    message = nok.message("Who waters the plants?").get_attribute("id").split("m-", 1)[1]
    for path in (f"{room}{message}/", f"{room}{message}/edit", f"{room}people/"):
        nok.goes_to(path)
        looks_right(nok)


def test_the_page_of_how_pixie_did_it(nok):
    nok.begins_list(own_word("Shop "))
    nok.goes_to_pixie()
    answer = nok.tells_pixie("We need 6 eggs", "Eggs")
    answer.get_by_role("link", name="How Pixie did this").click()
    nok.reads("Understood without a language model")
    looks_right(nok)


def test_the_pages_about_others(nok):
    nok.goes_to("home/")
    nok.presses("Create link")
    expect(nok.page.get_by_label("Send it to the person you're inviting")).to_be_visible()
    looks_right(nok)
    nok.page.set_viewport_size(SIZES[0])
    nok.page.locator("#members .row").filter(has_text="Ben").locator("summary").click()
    looks_right(nok)
    nok.page.set_viewport_size(SIZES[0])
    nok.page.get_by_role("link", name="Remove from this home…").click()
    expect(nok.page.locator("h1")).to_have_text("Remove Ben?")
    looks_right(nok)


def test_what_is_not_there(meet, nok):
    """The page of a 404 stands by itself."""
    guest = meet(offline=True)
    guest.page.route("**/nothing", lambda route: route.fulfill(response=route.fetch(), status=200))
    guest.goes_to(f"{guest.server.url}/nothing")
    expect(guest.page.locator("h1")).to_have_text("Page not found")
    looks_right(guest)
