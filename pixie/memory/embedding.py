"""Text embeddings of 384 dimensions, computed locally by `pixie.minilm`, which is opened on first use.

Passages are embedded in batches: the newest before a search, all of them at night. Not when they are written: that
would load some hundred megabytes of weights into processes whose homes may never search.
"""

import logging
import math
import mmap
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from homes.events.log import home_lock
from pantry.db import store_vectors
from pixie import minilm
from pixie.minilm import WIDTH, Encoder, open_weights
from pixie.models import MemoryPosition, Passage

log = logging.getLogger(__name__)

MAX_TOKENS = 128  # per text; few passages have more
BATCH_SIZE = 16  # texts
PASSAGES_PER_BATCH = 64
MAX_PER_QUERY = 16  # passages that a search waits for
TOKEN_MULTIPLE = 4  # BLAS handles rows in fours: eleven tokens take longer than twelve
_lock = Lock()  # the first use opens the model in one thread only


@lru_cache(maxsize=256)
def embed_query(text: str) -> Any:
    """Return the unit vector of a query, or None if the weights are not installed. About 5 ms; cached."""
    vectors = embed_texts([text])
    return None if vectors is None else vectors[0]


def embed_texts(texts: Sequence[str]) -> Any:
    """Return one unit vector per text, as rows, or None if the weights are not installed.

    The weights are let go of afterwards: to read them again takes 2 ms, to keep them 45 MB.
    """
    with _lock:
        model = _open_model()
    if model is None or not texts:
        return None
    vectors = model.encode(texts)
    model.file.madvise(mmap.MADV_DONTNEED)
    return vectors


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


def to_bytes(vector: Any) -> bytes:
    """Encode a vector as `Passage.embedding` stores it: 16-bit floats."""
    import numpy

    return bytes(vector.astype(numpy.float16).tobytes())


@lru_cache(maxsize=1)
def _open_model() -> "MiniLM | None":
    if (weights := minilm.folder()) is None:
        log.warning("the embedding weights are not installed: memory is searched by words only")
        return None
    return MiniLM(weights)


class MiniLM:
    def __init__(self, folder: Path) -> None:
        self.tokenizer = minilm.tokenizer(folder)
        weights, self.file = open_weights(folder)
        self.encoder = Encoder(weights)

    def encode(self, texts: Sequence[str]) -> Any:
        """Return one unit vector per text, as rows. Texts of similar length share a batch, to save padding."""
        import numpy

        encoded = [self.tokenizer.encode(text, MAX_TOKENS) for text in texts]
        order = sorted(range(len(texts)), key=lambda index: len(encoded[index]))
        vectors = numpy.empty((len(texts), WIDTH), dtype=numpy.float32)
        for start in range(0, len(order), BATCH_SIZE):
            indexes = order[start : start + BATCH_SIZE]
            vectors[indexes] = self._encode_batch([encoded[index] for index in indexes])
        return vectors

    def _encode_batch(self, batch: list[list[int]]) -> Any:
        import numpy as np

        length = TOKEN_MULTIPLE * math.ceil(max(map(len, batch)) / TOKEN_MULTIPLE)
        ids = np.array([row + [0] * (length - len(row)) for row in batch])
        mask = np.array([[1.0] * len(row) + [0.0] * (length - len(row)) for row in batch], dtype=np.float32)
        x = self.encoder.run(self.encoder.embed(ids), mask)
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)
