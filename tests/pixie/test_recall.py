"""How well is found what was said in other words: sentences and questions about them, in paraphrases.jsonl.

Beside them lie a household's purchases, and questions to which nobody ever said an answer.
"""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pantry.db import search_by_words
from pixie.actions import remember_passage
from pixie.memory import search
from pixie.memory.embedding_jobs import embed_waiting
from pixie.models import Passage
from tests.cast import by

ROWS = [json.loads(line) for line in (Path(__file__).parent / "paraphrases.jsonl").read_text().splitlines()]
ASKED = [row for row in ROWS if row["fact"]]
THINGS = ["milk", "eggs", "rice", "coffee beans", "lemons", "cat litter", "bin bags", "dish soap", "bread", "oat milk"]


@pytest.fixture
def first_five(nok, ben, ploy):
    """`first_five(question)`: what is found."""
    for row in ASKED:
        remember_passage(row["fact"], by=by(nok))
    for number in range(100):
        what = f"{THINGS[number % 10].capitalize()}, {number + 1}, for ฿{10 + number}"
        remember_passage(f"{('Ben', 'Ploy')[number % 2]} bought {what}", by=by(nok), source="purchase")
    embed_waiting(nok.home_id)
    rows = Passage.objects.visible_to(nok)
    return lambda question: [hit.passage.content for hit in search.search(rows, nok.home, question, 5)]


def test_there_are_enough_of_them():
    assert len(ASKED) >= 60


def test_what_was_said_in_other_words_is_found(first_five):
    found = [row["fact"] in first_five(row["question"]) for row in ASKED]
    assert sum(found) / len(found) >= 0.8


def test_what_nobody_said_is_not_made_up(first_five):
    answered = [row["question"] for row in ROWS if not row["fact"] and first_five(row["question"])]
    assert len(answered) <= 3, answered


def test_two_of_the_words_go_before_any_number_of_newer_ones(nok):
    """Where more have one of the words than are looked at."""
    kept = remember_passage("The plumber comes about the boiler", by=by(nok))[0]
    for number in range(8):
        remember_passage(f"The plumber has number {number}", by=by(nok))
    rows = Passage.objects.visible_to(nok)
    for most in (1, 5, 20):
        found = search_by_words(rows, ["plumber", "boiler", "rent"], search.NEWEST, most)
        assert found[0] == kept.pk
        assert len(found) == len(set(found)) == min(most, 9)


def test_a_question_of_a_thousand_words_finds_what_its_first_ones_name(nok):
    kept = remember_passage("The plumber comes about the boiler", by=by(nok))[0]
    rows = Passage.objects.visible_to(nok)
    asked = ["plumber", "boiler", *(f"word{number}" for number in range(1000))]
    with CaptureQueriesContext(connection) as asking:
        assert search_by_words(rows, asked, search.NEWEST, 5) == [kept.pk]
    assert max(len(query["sql"]) for query in asking) < 10_000
