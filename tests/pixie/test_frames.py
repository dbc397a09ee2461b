"""Frames: which amount, price and note belongs to which item."""

import pytest

from pixie.nlu.corpus import read_markup
from pixie.nlu.frames import build


def things(marked):
    text, spans = read_markup(marked)
    frame = build(text, "add_item", spans)
    return [(thing.name, thing.quantity, thing.unit, thing.price, ", ".join(thing.notes)) for thing in frame.things]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[2](quantity)[kg](unit) [rice](item)", [("rice", "2", "kg", "", "")]),
        (
            "[milk](item), [2](quantity) [bread](item) and [eggs](item)",
            [("milk", "", "", "", ""), ("bread", "2", "", "", ""), ("eggs", "", "", "", "")],
        ),
        (
            "[milk](item) [45 baht](price=฿45) and [eggs](item) for [60](price)",
            [("milk", "", "", "฿45", ""), ("eggs", "", "", "60", "")],
        ),
        (
            "[milk](item) and [rice](item), [35](price) and [89](price)",
            [("milk", "", "", "35", ""), ("rice", "", "", "89", "")],
        ),
        (
            "[Milk](item) - [2](quantity)\n[Bread](item) - [1](quantity)",
            [("Milk", "2", "", "", ""), ("Bread", "1", "", "", "")],
        ),
        (
            "[2](quantity) [400g](note) [cans](unit=can) of [tomatoes](item), the [cheap](note) ones",
            [("tomatoes", "2", "can", "", "400g, cheap")],
        ),
        (
            "[oats](item) [1.2](quantity) [kg](unit) [$3.69](price), [milk](item) [2](quantity)[l](unit) [$7](price)",
            [("oats", "1.2", "kg", "$3.69", ""), ("milk", "2", "l", "$7", "")],
        ),
        ("[peanut bar](item), [50](quantity) [g](unit), quantity [4](quantity)", [("peanut bar", "4", "", "", "50 g")]),
        ("[4](quantity) [peanut bars](item) of [50](quantity) [g](unit)", [("peanut bars", "4", "", "", "50 g")]),
        ("[ladies finger and](item) [a gourd](item)", [("ladies finger", "", "", "", ""), ("gourd", "", "", "", "")]),
        ("the [oat milk](item)", [("oat milk", "", "", "", "")]),
        ("[some rice](item)", [("rice", "", "", "", "")]),
        ("[ไข่](item)[10](quantity)[ฟอง](unit) [นม](item)", [("ไข่", "10", "ฟอง", "", ""), ("นม", "", "", "", "")]),
    ],
)
def test_words_go_to_the_nearest_item(marked, expected):
    assert things(marked) == expected


def test_the_later_of_two_amounts_corrects_the_first():
    text, spans = read_markup("[2](quantity) [litres](unit=liter) of [vinegar](item) is not enough, get [4](quantity)")
    [thing] = build(text, "change_item", spans).things
    assert (thing.quantity, thing.unit, thing.notes) == ("4", "liter", [])


def test_second_price_of_an_item_is_named_as_unused():
    text, spans = read_markup("got [eggs](item) for [60](price), [35](price)")
    frame = build(text, "mark_purchased", spans)
    assert ([thing.price for thing in frame.things], frame.unused) == (["60"], ("35",))


def test_what_belongs_to_no_item_stays():
    text, spans = read_markup("make it [4](quantity) [kg](unit) from [Lotus](store), paid 35")
    frame = build(text, "change_item", spans)
    assert frame.things == ()
    assert (frame.word("quantity"), frame.word("store"), frame.word("date")) == ("4\x1fkg", "Lotus", "")
    assert frame.unused == ("35",)
