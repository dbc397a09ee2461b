"""The home's own names are kept when a text is split, although only those that it may have are looked up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groceries.actions import create_item
from groceries.actions.items import read_lines, with_own_names
from groceries.parsing.entries import MAX_LINES, parse_lines
from groceries.parsing.names import normalize
from pantry.errors import ActionError
from tests.counting import queries_of
from tests.factories import by

WORDS = ["salt", "pepper", "and", ",", "2", "kg", "mac", "cheese", "-", "(big)", "ham", "&", "1/2", "ไข่", "7up"]
OWN = ["salt and pepper", "mac, cheese and ham", "7up", "ไข่ ham", "pepper - salt", "2 salt", "ham & cheese and salt"]


@pytest.fixture
def own(nok):
    for name in OWN:
        create_item(name, by=by(nok))
    return frozenset(map(normalize, OWN))


@given(words=st.lists(st.sampled_from(WORDS), max_size=14))
def test_looked_up_names_are_as_good_as_all(words):
    """Without a database: the same loop, with names that are looked up in a set."""
    text, own = " ".join(words), frozenset(map(normalize, OWN))
    assert _looked_up(text, own) == parse_lines(text, own)


def _looked_up(text, own):
    class Asked(set):
        def __contains__(self, name):
            asked.add(name)
            return super().__contains__(name)

        def __bool__(self):
            return True

    asked, known = set(), Asked()
    while True:
        lines = parse_lines(text, known)
        found = asked & own
        if found <= set(known):
            return lines
        known.update(found)


@pytest.mark.both_databases
def test_own_names_are_kept_with_one_query_for_a_text(nok, own):
    text = "2 packs salt and pepper, mac, cheese and ham and 7up"
    assert [line.name for line in read_lines(text, nok.home)] == ["salt and pepper", "mac, cheese and ham", "7up"]
    assert queries_of(lambda: read_lines(text, nok.home)) <= 2
    assert queries_of(lambda: read_lines("milk, eggs and 2 kg flour", nok.home)) == 1


@pytest.mark.both_databases
@pytest.mark.parametrize("letter", ["\0", "\ud800", "\U0010ffff"])
def test_letters_that_no_name_has_are_not_looked_up(nok, own, letter):
    assert len(read_lines(f"salt{letter} and pepper, 7up", nok.home)) >= 2


def test_own_names_count_once_towards_the_maximum(nok, own):
    whole = "\n".join(["salt and pepper"] * MAX_LINES)
    assert len(read_lines(whole, nok.home)) == MAX_LINES
    with pytest.raises(ActionError):
        read_lines(f"{whole}\n7up", nok.home)


def test_error_without_own_names_is_raised(nok):
    with pytest.raises(ActionError, match="nothing"):
        with_own_names(nok.home, _refuse)


def _refuse(names):
    raise ActionError("nothing")
