"""Recall of memory search: facts and paraphrased questions about them from paraphrases.jsonl, among purchases.

Some of the questions have no answer.
"""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pantry.db import search_by_words
from pixie.actions import remember_passage
from pixie.memory import search
from pixie.memory.embedding import embed_waiting
from pixie.models import Passage
from tests.factories import by

pytestmark = pytest.mark.both_databases

ROWS = [json.loads(line) for line in (Path(__file__).parent / "paraphrases.jsonl").read_text().splitlines()]
ANSWERABLE = [row for row in ROWS if row["fact"]]
ITEMS = ["milk", "eggs", "rice", "coffee beans", "lemons", "cat litter", "bin bags", "dish soap", "bread", "oat milk"]


@pytest.fixture
def top_five(nok, ben, ploy):
    """Return the five best matches: `top_five(question)`."""
    for row in ANSWERABLE:
        remember_passage(row["fact"], by=by(nok))
    for number in range(100):
        purchase = f"{ITEMS[number % 10].capitalize()}, {number + 1}, for ฿{10 + number}"
        remember_passage(f"{('Ben', 'Ploy')[number % 2]} bought {purchase}", by=by(nok), source="purchase")
    embed_waiting(nok.home_id)
    rows = Passage.objects.visible_to(nok)
    return lambda question: [hit.passage.content for hit in search.search(rows, nok.home, question, 5)]


def test_there_are_at_least_sixty_questions():
    assert len(ANSWERABLE) >= 60


def test_paraphrased_questions_find_their_fact(top_five):
    hits = [row["fact"] in top_five(row["question"]) for row in ANSWERABLE]
    assert sum(hits) / len(hits) >= 0.8


def test_questions_without_a_fact_find_nothing(top_five):
    answered = [row["question"] for row in ROWS if not row["fact"] and top_five(row["question"])]
    assert len(answered) <= 3, answered


def test_passage_with_two_words_ranks_before_newer_ones_with_one(nok):
    """Even when more passages have one of the words than the limit."""
    passage = remember_passage("The plumber comes about the boiler", by=by(nok))[0]
    for number in range(8):
        remember_passage(f"The plumber has number {number}", by=by(nok))
    rows = Passage.objects.visible_to(nok)
    for limit in (1, 5, 20):
        matches = search_by_words(rows, ["plumber", "boiler", "rent"], search.NEWEST, limit)
        assert matches[0] == passage.pk
        assert len(matches) == len(set(matches)) == min(limit, 9)


def test_query_of_a_thousand_words_uses_only_the_first(nok):
    passage = remember_passage("The plumber comes about the boiler", by=by(nok))[0]
    rows = Passage.objects.visible_to(nok)
    words = ["plumber", "boiler", *(f"word{number}" for number in range(1000))]
    with CaptureQueriesContext(connection) as queries:
        assert search_by_words(rows, words, search.NEWEST, 5) == [passage.pk]
    assert max(len(query["sql"]) for query in queries) < 10_000
