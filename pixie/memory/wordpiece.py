"""WordPiece tokenizer, as BERT models use it."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

MAX_WORD_LENGTH = 100
BEGIN, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"


class WordPiece:
    """Tokenizer of an uncased model."""

    def __init__(self, vocabulary: Path) -> None:
        lines = vocabulary.read_text(encoding="utf-8").splitlines()
        self.ids = {piece: piece_id for piece_id, piece in enumerate(lines)}
        self.piece_ids = lru_cache(maxsize=4096)(self._piece_ids)

    def encode(self, text: str, max_length: int) -> list[int]:
        """Return the token ids, including those that mark the beginning and the end, truncated to `max_length`."""
        body: list[int] = []
        for word in words(text):
            body += self.piece_ids(word)
            if len(body) >= max_length - 2:
                break
        return [self.ids[BEGIN], *body[: max_length - 2], self.ids[END]]

    def _piece_ids(self, word: str) -> tuple[int, ...]:
        """Split greedily: the longest known prefix, then the longest known prefix of the rest, and so on."""
        piece_ids, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece_id = self.ids.get(("##" if start else "") + word[start:end])
                if piece_id is not None:
                    piece_ids.append(piece_id)
                    start = end
                    break
            else:
                return (self.ids[UNKNOWN],)
        return tuple(piece_ids) if len(word) <= MAX_WORD_LENGTH else (self.ids[UNKNOWN],)


def words(text: str) -> Iterator[str]:
    """Split into lower-case words without accents; each punctuation mark and each Chinese character is a word."""
    word = ""
    for letter in unicodedata.normalize("NFD", text.lower()):
        category = unicodedata.category(letter)
        if category == "Mn" or letter == "\ufffd" or (category[0] == "C" and letter not in "\t\n\r"):
            continue
        if letter.isspace() or _is_single(letter, category):
            if word:
                yield word
            word = ""
            if not letter.isspace():
                yield letter
        else:
            word += letter
    if word:
        yield word


def _is_single(letter: str, category: str) -> bool:
    if category[0] == "P" or (letter.isascii() and letter.isprintable() and not letter.isalnum()):
        return True
    return "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf" or "\uf900" <= letter <= "\ufaff"
