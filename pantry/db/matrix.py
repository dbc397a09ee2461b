"""Vector search in memory, for databases without pgvector."""

import os
from collections import OrderedDict
from threading import Lock
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

# The products are small and the process has many threads already: with two BLAS threads the slowest searches took ten
# times as long. The variable must be set before numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

MAX_BYTES = 64_000_000  # of all matrices; the least recently used is evicted first
OVERSAMPLING = 2  # candidates for each result, before rows are filtered

_matrices: "OrderedDict[tuple[str, UUID], Matrix]" = OrderedDict()
_lock = Lock()


class Matrix:
    """The vectors of a home, one in each row. `revision` is the newest write that was read."""

    def __init__(self, model: Any, home_id: UUID) -> None:
        self.model, self.home_id = model, home_id
        self.lock = Lock()
        self.clear()

    def clear(self) -> None:
        import numpy

        self.revision = 0
        self.positions: dict[UUID, int] = {}
        self.pks: list[UUID] = []
        self.vectors: Any = numpy.empty((0, 0), dtype=numpy.float32)

    @property
    def bytes(self) -> int:
        return int(self.vectors.nbytes)

    def catch_up(self) -> None:
        """Read the vectors that were written since the last call. One index lookup if there are none.

        Deleted rows stay until then; searches filter by the database's rows, so they are never returned.
        """
        rows = self.model.objects.filter(home=self.home_id, revision__isnull=False)
        newest = rows.order_by("-revision").values_list("revision", flat=True).first()
        if newest is None or newest == self.revision:
            return
        self._read(rows.filter(revision__gt=self.revision))
        if rows.count() != len(self.pks):
            self.clear()
            self._read(rows)

    def _read(self, rows: QuerySet[Any]) -> None:
        import numpy

        written = list(rows.values_list("pk", "revision", "embedding"))
        if not written:
            return
        new = numpy.frombuffer(b"".join(bytes(row[2]) for row in written), dtype=numpy.float16)
        new = new.reshape(len(written), -1).astype(numpy.float32)
        added = []
        for index, (pk, revision, _embedding) in enumerate(written):
            self.revision = max(self.revision, revision)
            if pk in self.positions:
                self.vectors[self.positions[pk]] = new[index]
            else:
                self.positions[pk] = len(self.pks)
                self.pks.append(pk)
                added.append(index)
        if added:
            self.vectors = numpy.concatenate([self.vectors, new[added]]) if self.vectors.size else new[added]

    def nearest(self, rows: QuerySet[Any], vector: Any, limit: int) -> list[tuple[UUID, float]]:
        """Return up to `limit` of `rows` with their cosine similarity, the most similar first."""
        import numpy

        with self.lock:
            self.catch_up()
            pks, vectors = self.pks, self.vectors
            if not pks:
                return []
            similarities = vectors @ numpy.asarray(vector, dtype=numpy.float32)
            candidates = OVERSAMPLING * limit
            while True:
                count = min(candidates, len(pks))
                top = numpy.argpartition(-similarities, count - 1)[:count] if count < len(pks) else numpy.arange(count)
                top = top[numpy.argsort(-similarities[top])]
                cosines = {pks[index]: float(similarities[index]) for index in top}
                visible = set(rows.filter(pk__in=list(cosines)).values_list("pk", flat=True))
                if len(visible) >= limit or count == len(pks):
                    return [(pk, cosine) for pk, cosine in cosines.items() if pk in visible][:limit]
                candidates *= 8


def matrix_of(model: Any, home_id: UUID) -> Matrix:
    """Return the home's cached matrix, or an empty one."""
    key = (model._meta.label, home_id)
    with _lock:
        matrix = _matrices.pop(key, None) or Matrix(model, home_id)
        _matrices[key] = matrix
        while len(_matrices) > 1 and sum(cached.bytes for cached in _matrices.values()) > MAX_BYTES:
            _matrices.popitem(last=False)
        return matrix
