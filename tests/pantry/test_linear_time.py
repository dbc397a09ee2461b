"""Text that people or models wrote takes linear time: twice the text takes about twice as long.

Every pattern of the product is tried on strings made of what it repeats. Only the growth counts, so that a slow or busy
machine changes nothing: what takes long is measured again at half the length, several times.
"""

import ast
import html
import importlib
import json
import pkgutil
import random
import re
import time
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from decimal import InvalidOperation
from functools import cache
from pathlib import Path
from re import _constants as ops
from re import _parser as parser

import pytest
from pantry_pixie.amounts import read_amount

from chat.templatetags.chat_text import format_agent_text, format_text, mention_pattern
from groceries.parsing import quantities
from groceries.parsing.categories import guess_category
from groceries.parsing.entries import parse_line, parse_lines, read_amount_words
from groceries.parsing.foreign import read_file
from groceries.parsing.names import normalize, tidy
from groceries.parsing.notes import is_description, split_note
from groceries.parsing.quantities import normalize_unit, parse_quantity
from groceries.parsing.recipes import read_recipe
from homes import search
from homes.models import _mention_pattern
from homes.search import SearchQuery, excerpt, parse_query, score, split_words
from pantry import money
from pantry.errors import ActionError
from pantry.recurrence import is_rule
from pantry.text import clean_line, clean_text
from pantry.when.dates import find_when
from pantry.when.frequencies import find_frequency, find_thai_frequency
from pixie.llm import without_thoughts
from pixie.llm.base import parse_arguments
from pixie.memory.facts import read_facts
from pixie.memory.keywords import index_words
from pixie.nlu import chatting, intents, learned, understand
from pixie.nlu.clauses import strip_agent_names
from pixie.nlu.corpus import Span
from pixie.nlu.language import language_of
from pixie.nlu.questions import period
from pixie.nlu.reminders import read_reminder
from pixie.nlu.vocabulary import Vocabulary
from pixie.replies.small_talk import matches_smalltalk
from pixie.runs.draft import sanitize

PACKAGES = ("pantry", "homes", "groceries", "chat", "planner", "pixie", "pantry_pixie")
METHODS = {"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
LENGTHS = (12, 20, 200, 4000)
"""Rising, so that exponential growth shows before it takes hours."""
QUICK_SECONDS = 0.001  # quadratic time is ten times that at the largest length
MAX_GROWTH = 2.6
ALPHABET = " a1-,.ก<\n(&x"
PLAIN_PUMPS = (" ", "a", "ก", "1", "\n", "- ", ", ", "a ", "1 ", "x1,")
MAX_PUMPS = 20


@cache
def product_modules():
    names = list(PACKAGES)
    for package in PACKAGES:
        path = importlib.import_module(package).__path__
        names += [module.name for module in pkgutil.walk_packages(path, f"{package}.")]
    return [importlib.import_module(name) for name in names if not re.search(r"migrations|__main__|\bsettings\b", name)]


def patterns_within(value, depth=3):
    """Yield the patterns in a value of a module, also those in containers and attributes.

    Text in a container that looks like a pattern is one, too: `re.search(words, text)`.
    """
    if isinstance(value, re.Pattern):
        yield value
    if isinstance(value, str) and depth < 3 and re.search(r"\\[bdswBDSW]|\(\?|\.[*+]", value):
        with suppress(re.error):
            yield re.compile(value, re.IGNORECASE)
    if depth == 0 or isinstance(value, (re.Pattern, str, type(re))):
        return
    if isinstance(value, dict):
        parts = [*value, *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset)):
        parts = list(value)
    else:
        is_ours = getattr(value, "__module__", None) or ""
        parts = list(getattr(value, "__dict__", {}).values()) if str(is_ours).startswith(PACKAGES) else []
    for part in parts:
        yield from patterns_within(part, depth - 1)


@cache
def product_patterns():
    """Return the methods that are called on each pattern, by pattern and flags."""
    methods_of_names, patterns = defaultdict(set), defaultdict(set)
    sources = {module: ast.parse(Path(module.__file__).read_text()) for module in product_modules()}
    for tree in sources.values():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in METHODS
                and isinstance(node.value, ast.Name | ast.Attribute)
            ):
                methods_of_names[getattr(node.value, "attr", "") or getattr(node.value, "id", "")].add(node.attr)
    for module, tree in sources.items():
        for name, value in vars(module).items():
            for pattern in patterns_within(value):
                patterns[pattern] |= methods_of_names[name] or {"search"}
        for node in ast.walk(tree):  # re.sub("…", …)
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "re":
                flags = [keyword.value for keyword in node.keywords if keyword.arg == "flags"]
                position = {"sub": 4, "subn": 4, "split": 3}.get(node.func.attr, 2)
                flags += node.args[position : position + 1]
                try:
                    text, flag = (
                        eval(compile(ast.Expression(part), module.__name__, "eval"), vars(module))  # noqa: S307
                        for part in (node.args[0], flags[0] if flags else ast.Constant(0, lineno=1, col_offset=0))
                    )
                except NameError:  # made of local names: covered by the parsers below
                    continue
                patterns[re.compile(text, flag)].add(node.func.attr)
    return dict(patterns)


class Pumps:
    """Strings made of what a pattern repeats, alone and after what comes before it."""

    def __init__(self, pattern, generator):
        self.generator, self.flags, self.pumps = generator, pattern.flags, {}
        self.witness(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG), "")

    def add(self, *pumps):
        self.pumps |= dict.fromkeys(pump for pump in pumps if pump and len(pump) < 60)

    def witness(self, tree, before):
        """Return a text that the tree matches, `before` which another text stands, and add pumps of its repeats."""
        text = ""
        for operation, value in tree:
            text += self.part(operation, value, before + text)
        return text

    def part(self, operation, value, before):
        if operation is ops.LITERAL:
            return chr(value)
        if operation is ops.NOT_LITERAL:
            return self.generator.choice([char for char in ALPHABET if char != chr(value)])
        if operation is ops.ANY:
            return self.generator.choice(ALPHABET)
        if operation is ops.IN:
            return self.member(value)
        if operation is ops.BRANCH:
            return self.generator.choice([self.witness(branch, before) for branch in value[1]])
        if operation is ops.SUBPATTERN:
            return self.witness(value[-1], before)
        if operation is ops.ATOMIC_GROUP:
            return self.witness(value, before)
        if operation in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            least, most, body = value
            texts = {self.witness(body, before) for _ in range(3)}
            text = self.generator.choice(sorted(texts))
            if most > 40:
                self.add(before, before + " ", *texts, *(before + text for text in texts))
            return text * max(least, 1) if most < 40 or self.generator.random() < 0.7 else text * least
        return ""

    def member(self, items):
        is_negated = items[0][0] is ops.NEGATE
        own = [chr(value if operation is ops.LITERAL else value[0]) for operation, value in items
               if operation in (ops.LITERAL, ops.RANGE)]  # fmt: skip
        source = parser.State()
        subpattern = parser.SubPattern(source, [(ops.IN, items)])
        matches = re._compiler.compile(subpattern, self.flags & ~re.DEBUG).match
        return self.generator.choice(
            [char for char in (*ALPHABET, *([] if is_negated else own)) if matches(char)] or own or ["z"]
        )


def pumps_of(pattern):
    generator = random.Random(1)  # noqa: S311
    pumps = {}
    for _ in range(5):
        pumps |= Pumps(pattern, generator).pumps
    chosen = list(pumps)
    generator.shuffle(chosen)
    return [*PLAIN_PUMPS, *chosen[:MAX_PUMPS]]


def measure(function, text):
    start = time.thread_time()
    with suppress(ActionError, ValueError, InvalidOperation):  # refused
        function(text)
    return time.thread_time() - start


def pumped(pump, length):
    """Return about that many characters, with an end that most patterns do not match."""
    return pump * (length // len(pump)) + "\x01"


def growth(function, pump, length):
    """Return how many times longer it takes for twice the length: the least of up to six attempts."""
    half, full = pumped(pump, length // 2), pumped(pump, length)
    ratios = []
    for _ in range(6):
        long, short = (min(measure(function, text) for _ in range(2)) for text in (full, half))
        ratios.append(long / max(short, 1e-6))
        if ratios[-1] <= MAX_GROWTH:
            break
    return min(ratios)


def find_growth(function, pumps, lengths, quick_seconds=QUICK_SECONDS):
    """Return the pump for which the function takes more than linear time, with the growth; None if there is none."""
    for pump in pumps:
        for length in lengths:
            if measure(function, pumped(pump, length)) <= quick_seconds:
                continue
            if (ratio := growth(function, pump, length)) > MAX_GROWTH:
                return pump, length, round(ratio, 1)
    return None


def callers(pattern, methods):
    for method in sorted(methods):
        if method in ("sub", "subn"):
            yield lambda text, method=method: getattr(pattern, method)("", text)
        elif method == "finditer":
            yield lambda text: list(pattern.finditer(text))
        else:
            yield getattr(pattern, method)


def faults(patterns, lengths=LENGTHS):
    for pattern, methods in patterns.items():
        pumps = pumps_of(pattern)
        for call in callers(pattern, methods):
            if (fault := find_growth(call, pumps, lengths)) is not None:
                yield pattern.pattern, sorted(methods), fault
                break


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(a+)+b", "search"),
        (r"(?:a|a)*b", "match"),
        (r"\s*(?:x)\s*", "sub"),
        (r"\s+(?:and|plus)\s+", "split"),
        (r".*x.*y", "search"),
        (r"<(?P<tag>think|note)\b[^>]*>.*?</(?P=tag)>", "sub"),
        (r"\bremove\b.*\bfrom the list", "search"),
        (r"(\w+) (\w+ )*$", "search"),
    ],
)
def test_pattern_of_quadratic_or_exponential_time_is_a_fault(pattern, method):
    assert list(faults({re.compile(pattern, re.DOTALL): {method}}, (12, 20, 200, 3000)))


@pytest.mark.parametrize("pattern", [r"\s+", r"a{1,20}b", r"(?<!\s)\s++x", r"\A.*x", r"\A[^<]*+<b>|x", "don'?t|ก+"])
def test_pattern_of_linear_time_is_no_fault(pattern):
    assert list(faults({re.compile(pattern): {"search", "sub"}})) == []


def test_every_pattern_takes_linear_time():
    patterns = product_patterns()
    assert len(patterns) > 250
    rooms = chatting._post_patterns(("general", "kitchen", "the long room"))
    names = [_mention_pattern(("pixie", "chef boy"))]
    patterns |= {pattern: {"search"} for pattern in (*rooms, *names, mention_pattern(["Nok", "Ben & Co"]))}
    assert list(faults(patterns)) == []


SINGLE = {ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN}


def parts_of(tree):
    """Yield each operation of a parsed pattern with its argument, also those inside of others."""
    for operation, value in tree:
        yield operation, value
        for inner in value if isinstance(value, (tuple, list)) else [value]:
            for subtree in inner if isinstance(inner, list) else [inner]:
                if isinstance(subtree, parser.SubPattern):
                    yield from parts_of(subtree)


def is_misread(pattern):
    """Python before 3.11.5 finds too little if more than a character is repeated possessively."""
    parts = parts_of(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))
    repeated = [value[2] for operation, value in parts if operation is ops.POSSESSIVE_REPEAT]
    return any(len(body) != 1 or body[0][0] not in SINGLE for body in repeated)


def test_no_pattern_is_misread_by_an_older_python():
    assert is_misread(re.compile("a(?:(?:bc)*+|d)")) and not is_misread(re.compile("a(?:[bc]*+|d++)"))
    assert [pattern.pattern for pattern in product_patterns() if is_misread(pattern)] == []


PEOPLE = Vocabulary(items=("Eggs", "Oat milk", "Mac and cheese"), members=("Nok", "Ben"), agents=("pixie", "chef boy"),
                    rooms=("general", "kitchen"))  # fmt: skip
NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
QUERY = SearchQuery(("milk", "eggs"), ())
RECIPE = "<div itemscope itemtype='https://schema.org/Recipe'>"
NESTED = '{"@type": "Recipe", "name": '
PARSERS = {
    "understand": lambda text: understand(text, PEOPLE),
    "strip_agent_names": lambda text: strip_agent_names(text, PEOPLE),
    "name_items": lambda text: learned.name_items(text, [Span("item", 0, 1, text[:1])], PEOPLE),
    "find_when": lambda text: find_when(text, NOW),
    "find_frequency": find_frequency,
    "find_thai_frequency": find_thai_frequency,
    "read_facts": read_facts,
    "read_reminder": read_reminder,
    "period": period,
    "index_words": index_words,
    "language_of": lambda text: language_of(text, "en"),
    "matches_smalltalk": matches_smalltalk,
    "parse_lines": parse_lines,
    "read_recipe, nested markup": lambda text: read_recipe(
        f"{RECIPE}{'<b itemprop=name>' * 200}{html.escape(text)}".encode()
    ),
    "read_recipe, nested data": lambda text: read_recipe(
        f"<script type='ld+json'>{NESTED * 100}{json.dumps(text)}{'}' * 100}</script>".encode()
    ),
    "read_file": lambda text: read_file(text.encode()),
    "read_file, rows": lambda text: read_file(text.replace(" ", "\n").encode()),
    "read_file, table": lambda text: read_file(f"Item;Amount\n{text}".encode()),
    "read_file, export": lambda text: read_file(json.dumps([{"name": text, "note": text}]).encode()),
    "parse_quantity": parse_quantity,
    "parse_amount": quantities.parse_amount,
    "normalize_unit": normalize_unit,
    "tidy": tidy,
    "normalize": normalize,
    "guess_category": guess_category,
    "price": money.parse_money,
    "number": money.parse_number,
    "split_note": split_note,
    "is_description": is_description,
    "parse_line": parse_line,
    "read_amount_words": lambda text: read_amount_words(text, text, text, text),
    "clean_text": clean_text,
    "clean_line": clean_line,
    "is_rule": is_rule,
    "parse_query": parse_query,
    "split_words": split_words,
    "score": lambda text: score(text, QUERY),
    "excerpt": lambda text: excerpt(text, QUERY),
    "format_text": lambda text: format_text(text, mention_pattern(["Nok", "Ben & Co"])),
    "format_agent_text": lambda text: format_agent_text(text, mention_pattern(["Nok", "Ben & Co"])),
    "sanitize": sanitize,
    "without_thoughts": without_thoughts,
    "parse_arguments": parse_arguments,
    "read_amount": read_amount,
}
TEXT_PUMPS = (
    " ", "\t", "\n", "a", "1", "ก", "-", ",", "- ", ", ", "a ", "1 ", "ก ", "x1,", "1/", "1.", "½ ", "milk, ", "and ",
    "every day ", "remind ", "tomorrow at 5 ", "เอา", "ออก ", "ไม่ซื้อ", "<think ", "<think>", "</think", "<a ", "<",
    "[", "![", "[a](", "**a", "`", "# ", "@pixie ", "@nok", "www.", "http://", "a@b.", "&lt;", '"', 'from:"', "'s ",
    '{"a":', "[1,", "BYDAY=MO,", "FREQ=", "$1 ", "1 kg and ", "1 kg, ", "1 kg (", "1 kg or ", "2 x ",
    "half a ", "สองโล",
)  # fmt: skip


@pytest.mark.parametrize("pump", ["a", "a ", "a. ", "a\n", "ก", "milk, ", "x" * 399 + "."])
def test_network_reads_each_character_once(pump):
    text = pump * (4000 // len(pump))
    stretches = learned._cut(text)
    assert sum(map(len, stretches)) <= len(text) + len(stretches)
    assert len(stretches) <= 2 * len(text) / 400 + 1


@pytest.mark.parametrize("name", PARSERS)
def test_parser_takes_linear_time(name, monkeypatch):
    monkeypatch.setattr(intents, "MAX_LENGTH", 100_000)
    monkeypatch.setattr(search, "MAX_QUERY_CHARS", 100_000)
    monkeypatch.setattr(intents, "network", lambda: None)  # reads stretches of the same length, see below
    measure(PARSERS[name], "milk")  # loads what is cached
    assert find_growth(PARSERS[name], TEXT_PUMPS, (20, 400, 8000), quick_seconds=0.004) is None
