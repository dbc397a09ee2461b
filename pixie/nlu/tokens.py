"""The tokens of a message, and the features of each that the network is trained on.

Latin words, numbers, signs and line breaks are tokens. Thai has no spaces: it is cut into as few words of a list as
possible. A Latin word has pieces in MiniLM's vocabulary, a Thai word has none; its features are itself and its neighbours.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from pixie.minilm import WordPiece
from pixie.nlu.corpus import INTENTS

_LETTER, _MARK = r"[^\W\d_\u0e00-\u0e7f]", r"[\u0300-\u036f]"
_TOKEN = re.compile(
    rf"\d+(?:[.,/:]\d+)*|[\u0e00-\u0e7f]+|{_LETTER}+(?:{_MARK}+{_LETTER}*)*(?:['’]{_LETTER}+)*|\n|[^\w\s]|_"
)
_THAI = re.compile("[\u0e00-\u0e7f]")
# A consonant with its vowels and tones, which no word ends within.
_CLUSTER = re.compile("[เแโใไ]?[ก-ฮ][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*[ะาๅ\u0e33]?|[\u0e00-\u0e7f]")
_MAX_CLUSTERS = 12  # of a word
_UNKNOWN_COST = 2  # of a cluster that is in no word, where a word costs 1
_WORD_OR_SIGN = re.compile(rf"{_LETTER}+|0+|[^\w\s]")
_PART = re.compile(r"[^\W_]+|[^\w\s]|_")
MAX_PIECES = 128  # of a message, with the marks at its ends; longer ones are read in parts
MAX_PIECES_PER_WORD = 8
FEATURES, SHAPES = 6, 6  # at most, of a token
PHRASES = 1 << 15  # buckets that the phrases of a message are hashed to
_LINE_BREAK, _NO_INTENT = "[unused1]", "[unused2]"
_INTENT = {intent: f"[unused{number}]" for number, intent in enumerate(sorted(INTENTS), 3)}


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    start: int
    end: int

    @property
    def is_thai(self) -> bool:
        return _THAI.match(self.text) is not None


def tokenize(text: str, words: frozenset[str] = frozenset()) -> list[Token]:
    """Return the tokens of a text; `words` is the list of Thai words."""
    tokens = []
    for match in _TOKEN.finditer(text):
        ends = _word_ends(match[0], words) if _THAI.match(match[0]) else [len(match[0])]
        for start, end in zip([0, *ends], ends, strict=False):
            tokens.append(Token(match[0][start:end], match.start() + start, match.start() + end))
    return tokens


def _word_ends(run: str, words: frozenset[str]) -> list[int]:
    """Return where the words of a run of Thai end, if it is cut into as few as possible (maximal matching)."""
    ends = [0, *(match.end() for match in _CLUSTER.finditer(run))]
    costs, origins = [0], [0]
    for last in range(1, len(ends)):
        cost, origin = costs[last - 1] + _UNKNOWN_COST, last - 1
        for first in range(max(0, last - _MAX_CLUSTERS), last):
            if costs[first] + 1 < cost and run[ends[first] : ends[last]] in words:
                cost, origin = costs[first] + 1, first
        costs.append(cost)
        origins.append(origin)
    cuts, last = [], len(ends) - 1
    while last:
        cuts.append(ends[last])
        last = origins[last]
    return cuts[::-1]


def shape(token: Token, position: int) -> tuple[bool, ...]:
    """Return what a token looks like: small letters are all that its pieces know."""
    text = token.text
    first = text[0]
    has_capitals = text.isupper() and len(text) > 1
    return first.isupper(), has_capitals, first.isdigit(), not first.isalnum(), position == 0, len(text) == 1


def features(tokens: Sequence[Token]) -> Iterator[list[str]]:
    """Yield the features of each token, of which those that training has seen often count: the word itself and, of a
    Thai word, its neighbours, its beginning and its end."""
    low = ["", *(token.text.lower() for token in tokens), ""]
    for position, token in enumerate(tokens, 1):
        before, word, behind = low[position - 1 : position + 2]
        if token.is_thai:
            clusters = _CLUSTER.findall(word)
            around = [f"b:{before} {word}", f"a:{word} {behind}", f"n:{before} {behind}"]
            yield [f"t:{word}", *around, f"s:{clusters[0]}", f"e:{clusters[-1]}"]
        else:
            yield [f"w:{word}"] if token.text.isalpha() else []


def phrases(text: str, previous: str) -> list[int]:
    """Return the buckets of all runs of one to three words and of two to five letters, which the intent is linear in.
    Digits count as 0; `previous` is the intent of the message before."""
    plain = re.sub(r"\d", "0", text.lower())
    words = _WORD_OR_SIGN.findall(plain)
    runs = {"w" + " ".join(words[start : start + size]) for size in (1, 2, 3) for start in range(len(words) - size + 1)}
    for word in plain.split():
        padded = f" {word} "
        runs |= {"c" + padded[start : start + size] for size in (2, 3, 4, 5) for start in range(len(padded) - size + 1)}
    return sorted({crc32(run.encode()) % PHRASES for run in runs | {f"x{previous}"}})


class Pieces:
    """The numbers of pieces in MiniLM's vocabulary."""

    def __init__(self, tokenizer: WordPiece) -> None:
        self.tokenizer = tokenizer
        self.begin, self.end, self.unknown = (tokenizer.ids[mark] for mark in ("[CLS]", "[SEP]", "[UNK]"))
        self.of_word = lru_cache(maxsize=8192)(self._of_word)

    def previous(self, intent: str) -> int:
        """Return the piece that stands for the intent of the message before."""
        return self.tokenizer.ids[_INTENT.get(intent, _NO_INTENT)]

    def _of_word(self, word: str) -> tuple[int, ...]:
        """Return the pieces of a token, at least one."""
        if word == "\n":
            return (self.tokenizer.ids[_LINE_BREAK],)
        if _THAI.match(word):
            return (self.unknown,)
        decomposed = unicodedata.normalize("NFD", word.lower())
        plain = "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")
        pieces = [piece for part in _PART.findall(plain) for piece in self.tokenizer.piece_ids(part)]
        return tuple(pieces[:MAX_PIECES_PER_WORD]) or (self.unknown,)
