"""A list as it is shown."""

from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from groceries.actions import (
    add_entry,
    change_entry,
    change_list_state,
    purchase_entry,
    remove_entry,
    set_recurring,
    update_item,
)
from groceries.list_presenter import ListPresenter
from groceries.models import Category
from homes.actions import remove_member, rename_user
from tests.cast import by
from tests.counting import queries_of


@pytest.fixture
def shelf(nok, weekly):
    return lambda: ListPresenter(nok.home, weekly)


def aisles(shelf):
    return [(aisle.category.name, len(aisle.entries)) for aisle in shelf.aisles]


def rendered(shelf, part):
    """One of the parts of which the list's page is made."""
    context = {"presenter": shelf, "list": shelf.list, "home": shelf.home, "base": "/here/"}
    return render_to_string(f"groceries/_{part}.html", context)


def aisle_html(shelf):
    return rendered(shelf, "shelf").partition('id="basket"')[0]


def basket_html(shelf):
    return rendered(shelf, "basket")


def test_an_empty_list(shelf):
    assert (shelf().entries, shelf().percent, shelf().pending, shelf().columns()) == ([], 0, [], [[], []])


def test_things_stand_in_the_aisles_of_the_shop_in_their_order(shelf, milk, rice, eggs):
    assert aisles(shelf()) == [("dairy", 2), ("staple", 1)]
    Category.objects.filter(name="staple").update(position=0)
    Category.objects.filter(name="dairy").update(position=1)
    assert aisles(shelf()) == [("staple", 1), ("dairy", 2)]


def test_a_row_has_its_name_amount_note_and_buttons(shelf, nok, milk):
    change_entry(milk, by=by(nok), note="the <blue> one", quantity=Decimal("1.5"))
    row = aisle_html(shelf())
    for shown in ("Milk", "1.5 liters", "the &lt;blue&gt; one", f"/here/{milk.pk}/purchase", f"/here/{milk.pk}/less"):
        assert shown in row


def test_what_is_bought_lies_in_the_basket_the_last_on_top(shelf, nok, milk, eggs, rice, clock):
    for hour, entry in enumerate((milk, rice)):
        clock(f"2026-03-04 1{hour}:00")
        purchase_entry(entry, by=by(nok), price=Decimal(40 + hour))
    basket = shelf().basket
    assert [entry.item.name for entry in basket] == ["Rice", "Milk"]
    html = basket_html(shelf())
    assert html.index("Rice") < html.index("฿41") < html.index("Milk") < html.index("฿40")
    assert (shelf().paid, len(shelf().pending), shelf().percent) == (81, 1, 67)


def test_what_was_removed_is_not_shown(shelf, nok, milk):
    remove_entry(milk, by=by(nok))
    assert not shelf().entries


def test_what_it_will_cost_is_what_it_cost_before(shelf, nok, milk, eggs):
    update_item(milk.item, by=by(nok), estimated_price=Decimal(45))
    assert shelf().expected == 45


def test_what_is_due_and_pending_on_the_list_is_not_offered(shelf, nok, milk):
    set_recurring("Milk", "weekly", by=by(nok), rrule="FREQ=DAILY")
    assert not shelf().due
    purchase_entry(milk, by=by(nok))
    assert [rule.item for rule in shelf().due] == [milk.item]


def test_on_a_list_that_is_done_nothing_can_be_put_back(shelf, nok, weekly, milk):
    purchase_entry(milk, by=by(nok))
    assert "disabled" not in basket_html(shelf())
    change_list_state(weekly, "completed", by=by(nok))
    weekly.refresh_from_db()
    assert "disabled" in basket_html(shelf())


def test_who_added_and_who_bought_is_seen(shelf, nok, ben, pixie, weekly, milk):
    add_entry(weekly, "Eggs", by=by(nok).as_agent(pixie))
    html = aisle_html(shelf())
    assert 'aria-label="Nok"' in html
    assert 'aria-label="Pixie"' in html
    purchase_entry(milk, by=by(ben))
    assert 'aria-label="Ben"' in basket_html(shelf())


def test_who_left_has_no_face(shelf, nok, ben, weekly, milk):
    purchase_entry(milk, by=by(ben))
    remove_member(ben, by=by(nok))
    assert "Milk" in basket_html(shelf())
    assert 'aria-label="Ben"' not in basket_html(shelf())


def test_a_row_that_was_drawn_before_shows_what_is_so_now(shelf, nok, milk):
    assert "1 liter" in aisle_html(shelf())
    change_entry(milk, by=by(nok), quantity=Decimal(3))
    assert "3 liters" in aisle_html(shelf())
    rename_user(nok.user, name="Noknoi")
    assert 'aria-label="Noknoi"' in aisle_html(shelf())


def test_a_row_is_drawn_in_the_language_of_who_looks(shelf, nok, weekly):
    add_entry(weekly, "Parsley", by=by(nok), quantity=Decimal(2), unit="bunch")
    assert "2 bunches" in aisle_html(shelf())
    with override("th"):
        assert "2 bunches" not in aisle_html(shelf())


def test_two_stacks_of_about_the_same_height(shelf, nok, weekly):
    for name in ("Limes", "Basil", "Milk", "Rice", "Chicken", "Dish soap", "Cat litter"):
        add_entry(weekly, name, by=by(nok))
    heights = [sum(len(aisle.entries) + 1 for aisle in stack) for stack in shelf().columns()]
    assert abs(heights[0] - heights[1]) <= 3
    shown = [aisle.category.name for stack in shelf().columns() for aisle in stack]
    assert shown == [aisle.category.name for aisle in shelf().aisles]


def test_a_long_list_costs_no_more_queries(shelf, nok, pixie, weekly):
    def fill(count):
        for number in range(count):
            entry, _new = add_entry(weekly, f"Spice {number} of {count}", by=by(nok).as_agent(pixie))
            if number % 2:
                purchase_entry(entry, by=by(nok))

    fill(3)
    few = queries_of(lambda: rendered(shelf(), "shelf"))
    fill(57)
    assert queries_of(lambda: rendered(shelf(), "shelf")) == few == 3
