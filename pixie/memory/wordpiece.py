"""Cutting text into the pieces that a BERT model knows: whole words where it can, else their parts."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

LONGEST_WORD = 100
BEGIN, END, UNKNOWN, PAD = "[CLS]", "[SEP]", "[UNK]", "[PAD]"


class WordPiece:
    """Of a model that knows small letters only."""

    def __init__(self, vocabulary: Path) -> None:
        lines = vocabulary.read_text(encoding="utf-8").splitlines()
        self.numbers = {piece: number for number, piece in enumerate(lines)}
        self.piece_numbers = lru_cache(maxsize=4096)(self._piece_numbers)

    def encode(self, text: str, most: int) -> list[int]:
        """The numbers of the pieces, `most` at the most, with those that mark the beginning and the end."""
        inside: list[int] = []
        for word in words(text):
            inside += self.piece_numbers(word)
            if len(inside) >= most - 2:
                break
        return [self.numbers[BEGIN], *inside[: most - 2], self.numbers[END]]

    def _piece_numbers(self, word: str) -> tuple[int, ...]:
        """The longest piece that the word begins with, then the longest that the rest does, and so on."""
        found, at = [], 0
        while at < len(word):
            for end in range(len(word), at, -1):
                number = self.numbers.get(("##" if at else "") + word[at:end])
                if number is not None:
                    found.append(number)
                    at = end
                    break
            else:
                return (self.numbers[UNKNOWN],)
        return tuple(found) if len(word) <= LONGEST_WORD else (self.numbers[UNKNOWN],)


def words(text: str) -> Iterator[str]:
    """Small words without accents; each sign, and each Chinese character, a word of its own."""
    word = ""
    for letter in unicodedata.normalize("NFD", text.lower()):
        kind = unicodedata.category(letter)
        if kind == "Mn" or letter == "\ufffd" or (kind[0] == "C" and letter not in "\t\n\r"):
            continue
        if letter.isspace() or _stands_alone(letter, kind):
            if word:
                yield word
            word = ""
            if not letter.isspace():
                yield letter
        else:
            word += letter
    if word:
        yield word


def _stands_alone(letter: str, kind: str) -> bool:
    is_sign = kind[0] == "P" or (letter.isascii() and letter.isprintable() and not letter.isalnum())
    return is_sign or "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf" or "\uf900" <= letter <= "\ufaff"
