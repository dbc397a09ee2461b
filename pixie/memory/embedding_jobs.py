"""Computing what passages mean: when somebody asks, the newest that wait; at night, all of them.

Not as they are written: it takes milliseconds, and the weights some hundred megabytes, in a process that may serve a
home which never asks."""

from typing import Any
from uuid import UUID

from homes.events.log import home_lock
from pantry.db import store_vectors
from pixie.memory import embedding
from pixie.models import MemoryPosition, Passage

BATCH = 64
WHILE_ASKED = 16  # passages for which somebody who asks may wait


def embed_waiting(home_id: UUID, most: int | None = None) -> int:
    """All that waits, or the `most` newest, in batches. Two who do it at once compute some of it twice and write it
    once. Returns how many were written."""
    written, waiting = 0, Passage.objects.filter(home=home_id).waiting()
    while (most is None or written < most) and waiting.exists():  # mostly none does: nothing is read for that
        count = BATCH if most is None else min(BATCH, most - written)
        rows = waiting.select_related("user").order_by("-pk")[:count]
        vectors = embedding.of_many([row.told for row in rows])
        if vectors is None:
            break
        done = _write(home_id, {row.pk: (row.content, vector) for row, vector in zip(rows, vectors, strict=True)})
        written += done
        if not done:
            break
    return written


def _write(home_id: UUID, computed: dict[UUID, tuple[str, Any]]) -> int:
    """Of those that still say what was computed. The home's lock makes the order of revisions that of commits."""
    with home_lock(home_id):
        position, _new = MemoryPosition.objects.get_or_create(home_id=home_id)
        rows = [row for row in Passage.objects.filter(pk__in=computed).waiting() if row.content == computed[row.pk][0]]
        for row in rows:
            position.revision += 1
            row.embedding, row.revision = embedding.as_bytes(computed[row.pk][1]), position.revision
        Passage.objects.bulk_update(rows, ["embedding", "revision"])
        store_vectors(Passage, {row.pk: computed[row.pk][1] for row in rows})
        MemoryPosition.objects.filter(pk=position.pk).update(revision=position.revision)
    return len(rows)
