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
        self.model, self.home_id, self.lock = model, home_id, Lock()
        self.revision = 0
        self.pks: list[UUID] = []
        self.vectors: Any = None

    @property
    def bytes(self) -> int:
        return int(self.vectors.nbytes) if self.pks else 0

    def catch_up(self) -> None:
        """Read the vectors that were written since the last call. One index lookup if there are none.

        Deleted rows stay until then; searches filter by the database's rows, so they are never returned.
        """
        import numpy

        rows = self.model.objects.filter(home=self.home_id, revision__isnull=False)
        newest = rows.order_by("-revision").values_list("revision", flat=True).first()
        if newest is None or newest == self.revision:
            return
        new = list(rows.filter(revision__gt=self.revision).values_list("pk", "embedding"))
        if rows.count() != len(self.pks) + len(new):  # some were changed or deleted
            self.pks = []
            new = list(rows.values_list("pk", "embedding"))
        if not new:
            return
        numbers = numpy.frombuffer(b"".join(bytes(embedding) for _pk, embedding in new), dtype=numpy.float16)
        vectors = numpy.asarray(numbers, dtype=numpy.float32).reshape(len(new), -1)
        self.vectors = numpy.concatenate([self.vectors, vectors]) if self.pks else vectors
        self.pks = [*self.pks, *(pk for pk, _embedding in new)]
        self.revision = newest

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
