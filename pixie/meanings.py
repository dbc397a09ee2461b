"""Computing what passages mean, after they were written: it takes milliseconds that nobody should wait for."""

from typing import Any
from uuid import UUID

from django.db import transaction

from pantry.db import keep_vectors
from pixie import embedding
from pixie.models import MemoryPosition, Passage

BATCH = 64


def waiting_homes() -> set[UUID]:
    if embedding.model_or_none() is None:
        return set()
    return set(Passage.objects.waiting().values_list("home", flat=True))


def embed_waiting(home_id: UUID) -> int:
    """All that waits, in batches. Two who do it at once compute some of it twice and write it once."""
    written = 0
    while rows := list(Passage.objects.filter(home=home_id).waiting().select_related("user").order_by("pk")[:BATCH]):
        vectors = embedding.of_many([row.told for row in rows])
        if vectors is None:
            break
        done = _write(home_id, {row.pk: (row.content, vector) for row, vector in zip(rows, vectors, strict=True)})
        written += done
        if not done:
            break
    return written


@transaction.atomic
def _write(home_id: UUID, computed: dict[UUID, tuple[str, Any]]) -> int:
    """Of those that still say what was computed. The position's lock makes the order of revisions that of commits."""
    position, _new = MemoryPosition.objects.select_for_update(no_key=True).get_or_create(home_id=home_id)
    rows = [row for row in Passage.objects.filter(pk__in=computed).waiting() if row.content == computed[row.pk][0]]
    for row in rows:
        position.revision += 1
        row.embedding, row.revision = embedding.as_bytes(computed[row.pk][1]), position.revision
    Passage.objects.bulk_update(rows, ["embedding", "revision"])
    keep_vectors(Passage, {row.pk: computed[row.pk][1] for row in rows})
    MemoryPosition.objects.filter(pk=position.pk).update(revision=position.revision)
    return len(rows)
