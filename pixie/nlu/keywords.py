"""The words under which something is found again, alike for what is kept and for what is asked."""

import re
import unicodedata
from functools import lru_cache

from groceries.parsing.names import singular

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Scripts without spaces between words: Thai, Lao, Burmese, Khmer, Chinese, Japanese.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_OF_ONESELF = re.compile(r"\b(?:i|i'm|i've|me|my|mine)\b|ฉัน|ผม|หนู", re.I)
_RUN = 3  # letters
_EMPTY = frozenset(
    "a an the this that these those it its he she they them his her their we us our ours i me my mine you your yours "
    "is are was were be been being am do does did done have has had having will would can could shall should may might "
    "must of to in on at by for from with about into onto over under as than and or but if so not no nor too very just "
    "what which who whom whose when where why how there here s t re ve ll d m don dont didn didnt isn isnt again "
    "any some please tell know remember say said told mention mentioned ever thing things something anything one "
    "pixie".split()
)
# They say what kind of thing is asked for, not what it is about.
_WEAK = frozenset(
    "decide decided decision agree agreed like liked likes love loved prefer preferred favourite favorite want wanted "
    "buy bought usual usually always never last time get got use used name called call put keep say".split()
)


def index_words(*texts: str) -> str:
    """All words of the texts, for an index that stems English and splits at spaces."""
    return " ".join(word for text in texts for word in _words(text))


def query_words(text: str) -> list[str]:
    """The words of a question that something can be found by, each once; the weightier first."""
    words = dict.fromkeys(word for word in _words(text) if word not in _EMPTY)
    return sorted(words, key=lambda word: word in _WEAK)


def coverage(asked: list[str], words: str, names: frozenset[str] = frozenset()) -> float:
    """How much of what is asked stands in the words of `index_words`: 0 to 1. A weak word alone counts for nothing, and
    the `names` of people only where nothing else is asked for."""
    heavy = topic_words(asked)
    heavy = [word for word in heavy if word not in names] or heavy
    if not heavy:
        return 0.0
    there = {stem(word) for word in words.split()}
    return sum(stem(word) in there for word in heavy) / len(heavy)


def topic_words(asked: list[str]) -> list[str]:
    """Those of the words that say what it is about."""
    return [word for word in asked if word not in _WEAK]


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Roughly: enough to know “roasts” and “roasted” for “roast”."""
    word = singular(word)
    for ending in ("ing", "ed", "ly"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            word = word[: -len(ending)]
            break
    return word.rstrip("e") if len(word) > 3 else word


def same_words(one: str, other: str) -> bool:
    """Whether two say the same in the same words, whatever their case and signs."""
    return _plain(one) == _plain(other)


def distinguishing_words(text: str) -> frozenset[str]:
    """What makes two sentences mean different things however alike they are: numbers, denials, names."""
    denials = {"not", "no", "never", "don", "dont", "don't", "doesn't", "isn't", "won't", "can't", "without", "nobody"}
    words = _WORD.findall(text)
    names = {word.casefold() for word in words[1:] if word[:1].isupper()}
    return frozenset(
        names | {word.casefold() for word in words if word.casefold() in denials or any(map(str.isdigit, word))}
    )


def is_first_person(text: str) -> bool:
    """Whether it says “I” or “my”, which means another one with everybody."""
    return _OF_ONESELF.search(text) is not None


def _plain(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _words(text: str) -> list[str]:
    """Small, without accents; of a script without spaces each run of three letters, written so that every index takes
    it for a word."""
    if text.isascii() and text.isalpha():  # most names
        return [text.lower()]
    text = unicodedata.normalize("NFKC", text).casefold()
    found = []
    for run in _UNSPACED.findall(text):
        pieces = [run[at : at + _RUN] for at in range(max(1, len(run) - _RUN + 1))]
        found += ["u" + "".join(f"{ord(letter):x}" for letter in piece) for piece in pieces]
    for word in _WORD.findall(_UNSPACED.sub(" ", text)):
        bare = "".join(letter for letter in unicodedata.normalize("NFD", word) if unicodedata.category(letter) != "Mn")
        found.append(bare.replace("'", "").replace("’", "").removesuffix("s" if "'s" in word or "’s" in word else " "))
    return [word for word in found if word]
