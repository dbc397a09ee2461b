"""The presenter of a list and the templates of its page."""

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
from tests.counting import queries_of
from tests.factories import by


@pytest.fixture
def presenter(nok, weekly):
    return lambda: ListPresenter(nok.home, weekly)


def aisles(presenter):
    return [(aisle.category.name, len(aisle.entries)) for aisle in presenter.aisles]


def render(presenter, part):
    """Render a partial of the list's page."""
    context = {"presenter": presenter, "list": presenter.list, "home": presenter.home, "base": "/here/"}
    return render_to_string(f"groceries/_{part}.html", context)


def aisle_html(presenter):
    return render(presenter, "list_entries").partition('id="basket"')[0]


def basket_html(presenter):
    return render(presenter, "basket")


def test_empty_list_has_no_entries_and_columns(presenter):
    assert (presenter().entries, presenter().percent, presenter().pending, presenter().columns()) == (
        [],
        0,
        [],
        [[], []],
    )


def test_aisles_are_in_the_order_of_the_shop(presenter, milk, rice, eggs):
    assert aisles(presenter()) == [("dairy", 2), ("staple", 1)]
    Category.objects.filter(name="staple").update(position=0)
    Category.objects.filter(name="dairy").update(position=1)
    assert aisles(presenter()) == [("staple", 1), ("dairy", 2)]


def test_aisles_keep_their_column_when_the_list_changes(presenter, nok, weekly, milk, rice):
    def columns():
        return [[aisle.category.name for aisle in column] for column in presenter().columns()]

    add_entry(weekly, "dish soap", by=by(nok))
    assert columns() == [["dairy", "staple"], ["household"]]
    for name in ("salt", "sugar", "flour", "noodles"):
        add_entry(weekly, name, by=by(nok))
    purchase_entry(milk, by=by(nok))
    assert columns() == [["staple"], ["household"]]


def test_row_shows_name_amount_note_and_buttons(presenter, nok, milk):
    change_entry(milk, by=by(nok), note="the <blue> one", quantity=Decimal("1.5"))
    row = aisle_html(presenter())
    for text in ("Milk", "1.5 liters", "the &lt;blue&gt; one", f"/here/{milk.pk}/purchase", f"/here/{milk.pk}/less"):
        assert text in row


def test_basket_shows_purchases_newest_first(presenter, nok, milk, eggs, rice, freeze_time):
    for hour, entry in enumerate((milk, rice)):
        freeze_time(f"2026-03-04 1{hour}:00")
        purchase_entry(entry, by=by(nok), price=Decimal(40 + hour))
    basket = presenter().basket
    assert [entry.item.name for entry in basket] == ["Rice", "Milk"]
    html = basket_html(presenter())
    assert html.index("Rice") < html.index("฿41") < html.index("Milk") < html.index("฿40")
    assert (presenter().paid, len(presenter().pending), presenter().percent) == (81, 1, 67)


def test_removed_entry_is_not_shown(presenter, nok, milk):
    remove_entry(milk, by=by(nok))
    assert not presenter().entries


def test_expected_cost_is_the_sum_of_usual_prices(presenter, nok, milk, eggs):
    update_item(milk.item, by=by(nok), estimated_price=Decimal(45))
    assert presenter().expected == 45


def test_due_items_exclude_pending_ones(presenter, nok, milk):
    set_recurring("Milk", "weekly", by=by(nok), rrule="FREQ=DAILY")
    assert not presenter().due
    purchase_entry(milk, by=by(nok))
    assert [rule.item for rule in presenter().due] == [milk.item]


def test_basket_of_a_completed_list_is_disabled(presenter, nok, weekly, milk):
    purchase_entry(milk, by=by(nok))
    assert "disabled" not in basket_html(presenter())
    change_list_state(weekly, "completed", by=by(nok))
    weekly.refresh_from_db()
    assert "disabled" in basket_html(presenter())


def test_rows_show_who_added_and_bought(presenter, nok, ben, pixie, weekly, milk):
    add_entry(weekly, "Eggs", by=by(nok).as_agent(pixie))
    html = aisle_html(presenter())
    assert 'aria-label="Nok"' in html
    assert 'aria-label="Pixie"' in html
    purchase_entry(milk, by=by(ben))
    assert 'aria-label="Ben"' in basket_html(presenter())


def test_former_member_has_no_avatar(presenter, nok, ben, weekly, milk):
    purchase_entry(milk, by=by(ben))
    remove_member(ben, by=by(nok))
    assert "Milk" in basket_html(presenter())
    assert 'aria-label="Ben"' not in basket_html(presenter())


def test_rendered_row_is_updated_after_changes(presenter, nok, milk):
    assert "1 liter" in aisle_html(presenter())
    change_entry(milk, by=by(nok), quantity=Decimal(3))
    assert "3 liters" in aisle_html(presenter())
    rename_user(nok.user, name="Noknoi")
    assert 'aria-label="Noknoi"' in aisle_html(presenter())


def test_row_is_rendered_in_the_language_of_the_viewer(presenter, nok, weekly):
    add_entry(weekly, "Parsley", by=by(nok), quantity=Decimal(2), unit="bunch")
    assert "2 bunches" in aisle_html(presenter())
    with override("th"):
        assert "2 bunches" not in aisle_html(presenter())


def test_columns_have_about_equal_height(presenter, nok, weekly):
    for name in ("Limes", "Basil", "Milk", "Rice", "Chicken", "Dish soap", "Cat litter"):
        add_entry(weekly, name, by=by(nok))
    heights = [sum(len(aisle.entries) + 1 for aisle in column) for column in presenter().columns()]
    assert abs(heights[0] - heights[1]) <= 3
    names = [aisle.category.name for column in presenter().columns() for aisle in column]
    assert names == [aisle.category.name for aisle in presenter().aisles]


def test_query_count_is_constant_for_long_lists(presenter, nok, pixie, weekly):
    def fill(count):
        for number in range(count):
            entry, _new = add_entry(weekly, f"Spice {number} of {count}", by=by(nok).as_agent(pixie))
            if number % 2:
                purchase_entry(entry, by=by(nok))

    fill(3)
    query_count = queries_of(lambda: render(presenter(), "list_entries"))
    fill(57)
    assert queries_of(lambda: render(presenter(), "list_entries")) == query_count == 6
