"""The catalogues of answers: complete, correct and compiled."""

import ast
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

from chat.models import ChannelKind
from groceries.models import Frequency, ListState
from groceries.models.item import DEFAULT_CATEGORIES
from groceries.parsing.units import UNITS
from pixie.nlu import understand
from tests.messages import SOURCES, compile_catalogue, read_catalogue

ROOT = Path(settings.BASE_DIR)
KEYWORDS = {"_": None, "__": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2)}
# What writes an answer, and what it calls: the actions of its tools, whose errors it tells.
MODULES = [
    *("pixie/replies/*.py", "pixie/runs/*.py", "pixie/tools/*.py", "pixie/nlu/*.py", "pixie/suggestions/summary.py"),
    *("pixie/actions/passages.py", "pixie/actions/schedules.py", "pantry/recurrence.py", "pantry/errors.py"),
    *(
        f"groceries/actions/{name}.py"
        for name in (
            "archive",
            "batches",
            "entries",
            "expenses",
            "forecasts",
            "items",
            "lists",
            "pantry",
            "recurring",
            "undo",
        )
    ),
    *(
        "groceries/balances.py",
        "groceries/forecasts.py",
        "groceries/labels.py",
        "groceries/actions/amounts.py",
        "groceries/parsing/*.py",
        "chat/actions/messages.py",
    ),
    *("planner/actions/lines.py", "planner/actions/tasks.py", "planner/actions/undo.py", "planner/repeats.py"),
    *("homes/events/log.py", "homes/events/undo.py"),
]
PAGES = {"pixie/runs/trace.py"}  # writes no answer
TEMPLATES = [
    *(f"chat/{name}.html" for name in ("_answers", "_receipt", "_how", "_writing", "_message_body")),
    "pixie/_confirmation.html",
]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
SAME_WORDS = {"es": {"No"}, "de": set(), "th": set()}

catalogue_of_each = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.parent.parent.name)


def messages_of_modules():
    paths = {path for pattern in MODULES for path in ROOT.glob(pattern)} - {ROOT / page for page in PAGES}
    for path in sorted(paths):
        with path.open("rb") as file:
            for _line, message, _comments, _context in extract("python", file, keywords=KEYWORDS):
                yield message, None


def test_no_message_is_in_an_f_string():
    """The tools that collect messages do not see it there."""
    names, hidden = {"_", "gettext", "ngettext", "pgettext", "npgettext", "gettext_lazy"}, []
    for app in ("pantry", "homes", "groceries", "chat", "planner", "pixie"):
        for path in sorted((ROOT / app).rglob("*.py")):
            strings = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.JoinedStr)]
            calls = [node for each in strings for node in ast.walk(each) if isinstance(node, ast.Call)]
            hidden += [f"{path}:{node.lineno}" for node in calls if getattr(node.func, "id", "") in names]
    assert hidden == []


def messages_of_templates():
    for name in TEMPLATES:
        code = templatize((ROOT / "templates" / name).read_text())
        for literal in re.findall(r"""gettext\((u?'[^']*')|_\(("[^"]*")\)""", code):
            text = ast.literal_eval(next(filter(None, literal)))
            if text != "Deleted":  # an agent's answer is not
                yield text, None


def messages_of_labels():
    with translation.override("en"):
        labels = [*Frequency.labels, *ListState.labels, *ChannelKind.labels, *DEFAULT_CATEGORIES.values()]
        yield from ((str(label), None) for label in labels)
    yield from (((unit.name, unit.plural), "unit") for unit in UNITS.values() if unit.name != "piece")


@pytest.fixture(scope="module")
def messages():
    return {*messages_of_modules(), *messages_of_templates(), *messages_of_labels()}


def forms(message):
    """The texts of a message's id and of its translation."""
    return [[text] if isinstance(text, str) else list(text) for text in (message.id, message.string)]


def test_each_language_of_answers_but_english_has_a_catalogue():
    assert [source.parent.parent.name for source in SOURCES] == sorted(settings.PIXIE_LANGUAGES.keys() - {"en"})


def test_messages_are_extracted_from_everything_that_answers_use(messages):
    for message in [
        "Thinking…",  # answers
        "%(item)s is not on the list.",  # tools
        ("Added %(n)d item", "Added %(n)d items"),
        "Should I take {names} off the list?",  # understanding
        "every %(days)s",
        "There's already an item called “%(name)s”.",  # actions
        "Nothing changes until you answer.",  # templates
        "How %(agent)s did this",
        "Dairy",  # labels
    ]:
        assert (message, None) in messages
    assert (("bottle", "bottles"), "unit") in messages
    assert len(messages) > 350


@catalogue_of_each
def test_catalogue_has_all_messages_and_no_others(source, messages):
    translated = {(message.id, message.context) for message in read_catalogue(source) if message.id}
    assert messages - translated == set(), f"translate these in {source}, then run `make messages`"
    assert translated - messages == set(), f"remove these from {source}, then run `make messages`"


@catalogue_of_each
def test_no_translation_is_empty_or_fuzzy(source):
    catalogue = read_catalogue(source)
    assert not catalogue.obsolete
    for message in catalogue:
        if message.id:
            ids, strings = forms(message)
            assert all(text.strip() for text in strings) and not message.fuzzy, message.id
            assert len(strings) == (1 if len(ids) == 1 else catalogue.num_plurals), message.id


@catalogue_of_each
def test_translations_keep_the_placeholders(source):
    """The form for one may spell the number out, as in English."""
    for message in read_catalogue(source):
        if not message.id:
            continue
        ids, strings = forms(message)
        placeholders = [sorted(PLACEHOLDER.findall(text)) for text in ids]
        for index, text in enumerate(strings):
            allowed = placeholders if index == 0 and len(strings) > 1 else placeholders[-1:]
            assert sorted(PLACEHOLDER.findall(text)) in allowed, (message.id, text)
            assert re.sub(PLACEHOLDER, "", text).count("%") == 0, text


@catalogue_of_each
def test_no_sentence_is_left_in_english(source):
    language = source.parent.parent.name
    for message in read_catalogue(source):
        if message.id and message.context != "unit":
            ids, strings = forms(message)
            has_words = re.search(r"[A-Za-z]", PLACEHOLDER.sub("", ids[-1]))
            assert not has_words or strings[-1] != ids[-1] or strings[-1] in SAME_WORDS[language], message.id


@catalogue_of_each
def test_quotes_in_translations_cannot_be_ended_by_what_people_write(source):
    """`quotable` replaces “ and ” in what people write, and no other quotation marks."""
    for message in read_catalogue(source):
        for text in forms(message)[1] if message.id else ():
            assert not re.search('[«»‹›"]', text), text
            assert [mark for mark in text if mark in "“”„"] in (
                list("“”" * text.count("”")),
                list("„“" * text.count("„")),
            ), text


@catalogue_of_each
def test_compiled_catalogue_is_that_of_the_source(source):
    compiled = source.with_suffix(".mo").read_bytes()
    assert compiled == compile_catalogue(source), "run `make messages`"
    assert len(read_mo(BytesIO(compiled))) == len(read_catalogue(source))


QUOTED = re.compile("[“„]([^“”„]*)[”“]")


@catalogue_of_each
def test_examples_in_answers_are_understood(source):
    """A sentence that an answer tells people to write does what its English original does."""
    examples = 0
    for message in read_catalogue(source):
        for original, translated in zip(*forms(message), strict=False):
            pairs = zip(QUOTED.findall(original), QUOTED.findall(translated), strict=True)
            for english, example in pairs if message.id else ():
                if "%(" in english or "{" in english:
                    continue
                expected, understood = (
                    understand(text.replace("…", "the code is 4711")) for text in (english, example)
                )
                assert (example, understood.intent) == (example, expected.intent)
                assert [act.type for act in understood.actions] == [act.type for act in expected.actions]
                examples += 1
    assert examples == 4
