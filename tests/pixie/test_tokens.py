"""The tokens of a message and their features."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixie.nlu.tokens import FEATURES, PHRASES, SHAPES, features, phrases, shape, tokenize

WORDS = frozenset(("ไข่", "ไก่", "ไข่ไก่", "หมด", "แล้ว", "ซื้อ", "นม"))


def texts(text, words=WORDS):
    return [token.text for token in tokenize(text, words)]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("2kg rice, please", ["2", "kg", "rice", ",", "please"]),
        ("1,5 l milk", ["1,5", "l", "milk"]),
        ("don't forget Mama's 5:30", ["don't", "forget", "Mama's", "5:30"]),
        ("milk\nbread", ["milk", "\n", "bread"]),
        ("crème brûlée", ["crème", "brûlée"]),
        ("Bu\u0308rste", ["Bu\u0308rste"]),
        ("ไข่ไก่หมดแล้ว", ["ไข่ไก่", "หมด", "แล้ว"]),
        ("ซื้อนม2ขวด", ["ซื้อ", "นม", "2", "ข", "ว", "ด"]),
        ("oat_milk 👍🏽", ["oat", "_", "milk", "👍", "🏽"]),
        ("", []),
    ],
)
def test_tokens_of_a_text(text, tokens):
    assert texts(text) == tokens


def test_thai_is_cut_into_as_few_words_as_possible():
    assert texts("ไข่ไก่", WORDS) == ["ไข่ไก่"]
    assert texts("ไข่ไก่", WORDS - {"ไข่ไก่"}) == ["ไข่", "ไก่"]


def test_no_cluster_of_thai_is_cut():
    assert texts("กิ๊ก", frozenset(("กิ", "ก"))) == ["กิ๊", "ก"]


@given(st.text(max_size=80) | st.text("ไข่กหมด ้แล้ว1,a'", max_size=40))
def test_tokens_are_where_they_stand_in_the_text(text):
    end = 0
    for token in tokenize(text, WORDS):
        assert token.text and text[token.start : token.end] == token.text
        assert text[end : token.start].strip("\n") == text[end : token.start]
        end = token.end


@given(st.text(max_size=60))
def test_features_fit_the_network(text):
    tokens = tokenize(text, WORDS)
    rows = list(features(tokens))
    assert len(rows) == len(tokens)
    assert all(len(names) <= FEATURES for names in rows)
    assert all(len(shape(token, number)) == SHAPES for number, token in enumerate(tokens))


@given(st.text(max_size=60), st.sampled_from(["", "add_item"]))
def test_phrases_are_buckets(text, previous):
    buckets = phrases(text, previous)
    assert buckets and buckets == sorted(set(buckets))
    assert all(0 <= bucket < PHRASES for bucket in buckets)


def test_phrases_know_the_intent_before_and_no_digits():
    assert phrases("2 milk", "") == phrases("7 milk", "")
    assert phrases("milk", "") != phrases("milk", "undo")
