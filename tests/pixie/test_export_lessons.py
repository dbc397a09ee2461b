"""Tests of `manage.py export_lessons`."""

import json
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from chat.actions import create_channel
from homes.actions import remove_member, update_home
from pixie.actions import create_agent, learn_lesson
from pixie.nlu.anonymize import Anonymizer, mark_items
from pixie.nlu.corpus import read_corpus
from tests.factories import by, move_in


def learn(member, text="We need 2 eggs", *, is_right=True, intent="add_item", **payload):
    calls = [{"type": intent, "payload": {"name": "eggs", "quantity": "2"} | payload}]
    return learn_lesson(text, intent, by=by(member), is_right=is_right, calls=calls)


def export(home_id):
    out = StringIO()
    call_command("export_lessons", str(home_id), stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_command_refuses_a_home_that_has_not_agreed(nok):
    learn(nok)
    with pytest.raises(CommandError, match="does not share its examples"):
        export(nok.home_id)
    with pytest.raises(CommandError, match="There is no home"):
        export(uuid4())


@pytest.mark.both_databases
def test_command_writes_right_lessons_in_the_format_of_the_data(nok, ben, tmp_path):
    update_home(nok.home, by=by(nok), shares_examples=True)
    learn(nok, "We need Eggs [soon](item)")
    learn(ben, "หมด eggs", intent="mark_purchased")
    learn(nok, "we need ham", is_right=False)
    learn(nok, "post hello", intent="post_message")  # no intent of the data
    rows = export(nok.home_id)
    assert rows == [
        {"m": "We need [Eggs](item) (soon)(item)", "intent": "add_item", "accept": [], "writer": "A", "lang": "en"},
        {"m": "หมด [eggs](item)", "intent": "mark_purchased", "accept": [], "writer": "B", "lang": "th"},
    ]
    (tmp_path / "99.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert [(each.text, each.spans[0].label) for each in read_corpus(tmp_path)] == [
        ("We need Eggs (soon)(item)", "item"),
        ("หมด eggs", "item"),
    ]


def test_command_leaves_no_names(nok, ben, ploy):
    update_home(nok.home, by=by(nok), shares_examples=True)
    som = move_in(nok, "Somchai Dee")
    remove_member(som, by=by(nok))
    create_channel("holiday-plans", by=by(nok))
    create_agent("Chef boy", by=by(nok))
    text = (
        "@chef-boy and Chef Boy: BEN's and Ploys eggs for somchai, Mr Dee; ask nok@example.com or +66 81-234 5678, "
        "acc 12345 in #holiday-plans or Holiday Plans, 2 eggs for Bengt"
    )
    learn(nok, text, name="Ben's eggs")
    (row,) = export(nok.home_id)
    assert row["m"] == (
        "@Pixie and Pixie: [Sam's eggs](item) for Sam, Mr Sam; ask name@example.com or +00 00-000 0000, "
        "acc 00000 in #lounge or lounge, 2 eggs for Bengt"
    ).replace("[Sam's eggs](item)", "Sam's and Sams eggs")


@pytest.mark.parametrize(
    ("people", "text", "expected"),
    [
        (["นก"], "ซื้อไข่ให้นกหน่อย", "ซื้อไข่ให้Samหน่อย"),
        (["José"], "José and Jose\u0301 and josés", "Sam and Sam and Sams"),
        (["Ben"], "ให้Benหน่อย, benefit", "ให้Samหน่อย, benefit"),
        (["Jörg Müller"], "Jorg, MULLER, jörgs", "Sam, Sam, Sams"),
        (["Иван"], "скажи Ивану", "скажи Samу"),
        (["Al"], "also Al and al's", "also Sam and Sam's"),
        (["Mary Ann"], "mary-ann, Mary, ANN", "Sam, Sam, Sam"),
        (["J"], "J and jam", "J and jam"),
        ([], "call 0812345678 on 3.5.", "call 0000000000 on 3.5."),
        ([], "a.b+c@d.example!", "name@example.com"),
        (["A|B (c)*"], "x a|b (c)* y", "x Sam y"),
    ],
)
def test_anonymizer_replaces_names_and_numbers(people, text, expected):
    assert Anonymizer(people=people, rooms=[], agents=[]).clean(text) == expected


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("add eggs and oat milk", ["Oat milk", "milk", "eggs"], "add [eggs](item) and [oat milk](item)"),
        ("add eggplant", ["egg"], "add eggplant"),
        ("add a (b)", ["a (b"], "add [a (b](item))"),
    ],
)
def test_items_are_marked(text, names, expected):
    assert mark_items(text, names) == expected
