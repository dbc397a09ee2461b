"""The messages that understanding is measured on, and learned from."""

from collections import Counter

import pytest

from pixie.nlu.corpus import DATA, Span, read_corpus, read_markup


@pytest.fixture(scope="module")
def corpus():
    return list(read_corpus())


def test_markup_is_read():
    assert read_markup("get [two](quantity=2) [oat mlik](item=oat milk)!") == (
        "get two oat mlik!",
        (Span("quantity", 4, 7, "2"), Span("item", 8, 16, "oat milk")),
    )
    assert read_markup("- [ ] eggs [x] done (maybe)") == ("- [ ] eggs [x] done (maybe)", ())


@pytest.mark.parametrize("line", ['{"m": "x"}', "x", '{"m": "[a](b)", "intent": "chat", "accept": [], "writer": "A"}'])
def test_line_that_breaks_the_format_is_named(tmp_path, line):
    (tmp_path / "01.jsonl").write_text(line)
    with pytest.raises(ValueError, match="01.jsonl, line 1"):
        list(read_corpus(tmp_path))


def test_corpus_is_written_by_many_people_in_many_ways(corpus):
    writers = Counter(example.writer for example in corpus)
    assert len(corpus) >= 7_500 and len(writers) >= 100
    assert max(writers.values()) < 150
    languages = Counter(example.language for example in corpus)
    assert languages["th"] >= 1_200
    assert {example.talk for example in corpus if example.talk}


def test_a_fifth_of_the_messages_wants_nothing(corpus):
    quiet = [example for example in corpus if example.intent in ("chat", "unclear")]
    assert len(quiet) >= len(corpus) / 5


def test_marks_are_inside_the_text_and_hardly_any_message_is_there_twice(corpus):
    for example in corpus:
        assert all(0 <= span.start < span.end <= len(example.text) for span in example.spans), example
        assert "](" not in example.text
    single = [example.text for example in corpus if not example.talk]
    assert len(set(single)) > len(single) * 0.99


def test_readme_names_the_labels_and_intents():
    text = (DATA / "README.md").read_text()
    assert "`kept`" in text and "`talk`" in text
