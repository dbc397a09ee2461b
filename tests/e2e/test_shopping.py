"""In the shop: two people, one list, one hand each."""

import pytest
from playwright.sync_api import expect

from tests.e2e.people import own_word
from tests.server import BEN


@pytest.fixture
def shop(nok, ben) -> str:
    address = nok.begins_list(own_word("Shop "))
    nok.adds("milk, yoghurt, 2 kg rice, 3 limes")
    ben.goes_to(address)
    ben.sees_to_get("Limes", "3")
    return address


def test_who_goes_shopping_is_seen_and_comes_back(nok, ben, shop):
    ben.presses("Go shopping")
    shopping = nok.page.locator(".presence").filter(has_text="shopping")
    expect(shopping).to_contain_text("Ben is shopping")
    ben.ticks("Milk")
    nok.sees_got("Milk")
    ben.sees_got("Milk")
    ben.presses("Done")
    expect(shopping).to_have_count(0)
    ben.sees_to_get("Rice", "2 kg")
    expect(ben.field).to_be_visible()


def test_the_aisles_are_shared_out(nok, ben, shop):
    for person in (nok, ben):
        person.presses("Go shopping")
    dairy = ben.page.locator(".tier").filter(has_text="Dairy")
    dairy.get_by_role("button", name="I'll get these").click()
    expect(nok.page.locator(".tier").filter(has_text="Dairy").get_by_role("img", name="Ben")).to_be_visible()
    nok.page.locator(".tier").filter(has_text="Staple").get_by_role("button", name="I'll get these").click()
    expect(ben.page.locator(".tier").filter(has_text="Staple").get_by_role("img", name="Nok")).to_be_visible()
    dairy.get_by_role("button", name="Release").click()
    expect(nok.page.locator(".tier").filter(has_text="Dairy").get_by_role("img", name="Ben")).to_have_count(0)


def test_two_reach_for_the_same_thing(nok, meet, shop):
    """Ben's phone has not heard yet that Nok took it."""
    ben = meet(BEN, offline=True)
    ben.page.route_web_socket("**/ws/**", lambda socket: None)
    ben.goes_to(shop)
    expect(ben.to_get("Milk")).to_be_visible()
    nok.ticks("Milk")
    nok.sees_got("Milk")
    ben.ticks("Milk")
    expect(ben.page.locator(".toast")).to_contain_text("Nok just took Milk.")
    ben.sees_got("Milk")


def test_what_is_remembered_in_the_shop_is_added_there(nok, ben, shop):
    ben.presses("Go shopping")
    expect(ben.page).to_have_url(f"{shop}shop")
    ben.adds("6 eggs")
    nok.sees_to_get("Eggs", "6")
    ben.sees_to_get("Eggs", "6")
    expect(ben.page).to_have_url(f"{shop}shop")


def test_the_view_stays_where_one_ticks(nok, shop):
    """A long list: the row sinks far below, and whoever ticks, by hand or by keys, goes on with the next."""
    nok.adds(", ".join(own_word() for _each in range(12)))
    expect(nok.page.locator(".entry:not(.entry--got)")).to_have_count(16)
    nok.to_get("Milk").get_by_role("button", name="Got").focus()
    nok.page.keyboard.press("Enter")
    nok.sees_got("Milk")
    expect(nok.to_get("Yoghurt").get_by_role("button", name="Got")).to_be_focused()
    assert nok.page.evaluate("scrollY") < 200


def test_the_screen_stays_on(meet, shop):
    nok = meet("nok@apartment42.example", permissions=["screen-wake-lock"])
    nok.goes_to(f"{shop}shop")
    expect(nok.page.get_by_text("The screen stays on.")).to_be_visible()
