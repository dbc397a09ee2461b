"""Batch computation of passages' embeddings: the newest before a search, all of them at night.

Not when a passage is written: that would load some hundred megabytes of weights into processes whose homes may never
search.
"""

from typing import Any
from uuid import UUID

from homes.events.log import home_lock
from pantry.db import store_vectors
from pixie.memory import embedding
from pixie.models import MemoryPosition, Passage

BATCH_SIZE = 64
MAX_PER_QUERY = 16  # passages that a search waits for


def embed_waiting(home_id: UUID, limit: int | None = None) -> int:
    """Embed the home's passages that have no embedding yet, newest first. Return how many were written.

    Concurrent calls compute some twice and write each once.
    """
    written, waiting = 0, Passage.objects.filter(home=home_id).without_embedding()
    while (limit is None or written < limit) and waiting.exists():  # the usual case, none, costs one query
        count = BATCH_SIZE if limit is None else min(BATCH_SIZE, limit - written)
        rows = waiting.select_related("user").order_by("-pk")[:count]
        vectors = embedding.embed_texts([row.embedding_text for row in rows])
        if vectors is None:
            break
        batch = _write(home_id, {row.pk: (row.content, vector) for row, vector in zip(rows, vectors, strict=True)})
        written += batch
        if not batch:
            break
    return written


def _write(home_id: UUID, computed: dict[UUID, tuple[str, Any]]) -> int:
    """Store the vectors of passages whose content has not changed. Takes the home's lock, so that revisions are
    committed in order."""
    with home_lock(home_id):
        position, _new = MemoryPosition.objects.get_or_create(home_id=home_id)
        rows = [
            row
            for row in Passage.objects.filter(pk__in=computed).without_embedding()
            if row.content == computed[row.pk][0]
        ]
        for row in rows:
            position.revision += 1
            row.embedding, row.revision = embedding.to_bytes(computed[row.pk][1]), position.revision
        Passage.objects.bulk_update(rows, ["embedding", "revision"])
        store_vectors(Passage, {row.pk: computed[row.pk][1] for row in rows})
        MemoryPosition.objects.filter(pk=position.pk).update(revision=position.revision)
    return len(rows)
