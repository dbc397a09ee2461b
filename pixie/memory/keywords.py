"""Words of texts and queries for the search of memory."""

import re
import unicodedata
from functools import lru_cache

from groceries.parsing.names import singular

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Scripts without spaces between words: Thai, Lao, Burmese, Khmer, Chinese, Japanese.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|me|my|mine)\b|ฉัน|ผม|หนู", re.I)
_NEGATIONS = frozenset("not no never don dont don't doesn't isn't won't can't without nobody".split())
_STOP_WORDS = frozenset(
    "a an the this that these those it its he she they them his her their we us our ours i me my mine you your yours "
    "is are was were be been being am do does did done have has had having will would can could shall should may might "
    "must of to in on at by for from with about into onto over under as than and or but if so not no nor too very just "
    "what which who whom whose when where why how there here s t re ve ll d m don dont didn didnt isn isnt again "
    "any some please tell know remember say said told mention mentioned ever thing things something anything one "
    "pixie".split()
)
# These words say what kind of information is wanted, not its topic.
_WEAK = frozenset(
    "decide decided decision agree agreed like liked likes love loved prefer preferred favourite favorite want wanted "
    "buy bought usual usually always never last time get got use used name called call put keep say".split()
)


def index_words(*texts: str) -> str:
    """Return all words of the texts, for an index that stems English and splits at spaces."""
    return " ".join(word for text in texts for word in _words(text))


def query_words(text: str) -> list[str]:
    """Return the distinct words of a query without stop words, topic words first."""
    words = dict.fromkeys(word for word in _words(text) if word not in _STOP_WORDS)
    return sorted(words, key=lambda word: word in _WEAK)


def coverage(query: list[str], words: str, names: frozenset[str] = frozenset()) -> float:
    """Return the share of the query's topic words that are in `words`, from `index_words`: 0 to 1. The `names` of people
    count only in a query without other topic words."""
    topics = topic_words(query)
    topics = [word for word in topics if word not in names] or topics
    stems = {stem(word) for word in words.split()}
    return sum(stem(word) in stems for word in topics) / len(topics) if topics else 0.0


def topic_words(query: list[str]) -> list[str]:
    """Return the query's words that say what it is about."""
    return [word for word in query if word not in _WEAK]


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return a rough stem: “roast” for “roasts” and “roasted”."""
    word = re.sub(r"(?<=.{4})(?:ing|ed|ly)$", "", singular(word))
    return word.rstrip("e") if len(word) > 3 else word


def same_words(one: str, other: str) -> bool:
    """Return whether two texts have the same words, ignoring case and punctuation."""
    return _plain(one) == _plain(other)


def distinguishing_words(text: str) -> frozenset[str]:
    """Return the words that make similar sentences differ in meaning: numbers, negations and names."""
    words = _WORD.findall(text)
    names = {word.casefold() for word in words[1:] if word[:1].isupper()}
    return frozenset(names.union(word for word in _plain(text) if word in _NEGATIONS or any(map(str.isdigit, word))))


def is_first_person(text: str) -> bool:
    """Return whether the text has “I” or “my”, whose meaning depends on the author."""
    return _FIRST_PERSON.search(text) is not None


def _plain(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _words(text: str) -> list[str]:
    """Return lower-case words without accents; trigrams of scripts without spaces, hex-encoded, so that every index takes
    them as words."""
    if text.isascii() and text.isalpha():  # the usual case for names
        return [text.lower()]
    text = unicodedata.normalize("NFKC", text).casefold()
    grams = [run[start : start + 3] for run in _UNSPACED.findall(text) for start in range(max(1, len(run) - 2))]
    decomposed = (unicodedata.normalize("NFD", word) for word in _WORD.findall(_UNSPACED.sub(" ", text)))
    words = ("".join(letter for letter in word if unicodedata.category(letter) != "Mn") for word in decomposed)
    hexes = ("u" + "".join(f"{ord(letter):x}" for letter in gram) for gram in grams)
    return [*hexes, *(re.sub(r"['’]s$|['’]", "", word) for word in words)]
