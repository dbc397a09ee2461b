"""The vectors of one home in memory, where no database looks through them."""

import os
from collections import OrderedDict
from threading import Lock
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

# Many threads serve here already, and one sentence is too little to share out: two threads of BLAS that wait for each
# other took ten times as long at the worst as one. It is read when numpy is first imported, which is later.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

MOST_BYTES = 64_000_000  # of all homes' together; the home that was asked longest ago goes first
FIRST = 2  # times as many as wanted are looked at before the asker's rights are

_kept: "OrderedDict[tuple[str, UUID], Matrix]" = OrderedDict()
_lock = Lock()


class Matrix:
    """One row a vector. Rows bear the number of the write that made them (`revision`), so what is new is known."""

    def __init__(self, model: Any, home_id: UUID) -> None:
        self.model, self.home_id = model, home_id
        self.lock = Lock()
        self.forget()

    def forget(self) -> None:
        import numpy

        self.revision = 0
        self.places: dict[UUID, int] = {}
        self.pks: list[UUID] = []
        self.vectors: Any = numpy.empty((0, 0), dtype=numpy.float32)

    @property
    def bytes(self) -> int:
        return int(self.vectors.nbytes)

    def catch_up(self) -> None:
        """Read what was written since: one look into an index when nothing was. What is gone is dropped by then; until
        then it is in nobody's rows, so it is found by nobody."""
        rows = self.model.objects.filter(home=self.home_id, revision__isnull=False)
        newest = rows.order_by("-revision").values_list("revision", flat=True).first()
        if newest is None or newest == self.revision:
            return
        self._read(rows.filter(revision__gt=self.revision))
        if rows.count() != len(self.pks):
            self.forget()
            self._read(rows)

    def _read(self, rows: QuerySet[Any]) -> None:
        import numpy

        found = list(rows.values_list("pk", "revision", "embedding"))
        if not found:
            return
        new = numpy.frombuffer(b"".join(bytes(row[2]) for row in found), dtype=numpy.float16)
        new = new.reshape(len(found), -1).astype(numpy.float32)
        fresh = []
        for place, (pk, revision, _embedding) in enumerate(found):
            self.revision = max(self.revision, revision)
            if pk in self.places:
                self.vectors[self.places[pk]] = new[place]
            else:
                self.places[pk] = len(self.pks)
                self.pks.append(pk)
                fresh.append(place)
        if fresh:
            self.vectors = numpy.concatenate([self.vectors, new[fresh]]) if self.vectors.size else new[fresh]

    def nearest(self, rows: QuerySet[Any], vector: Any, limit: int) -> list[tuple[UUID, float]]:
        import numpy

        with self.lock:
            self.catch_up()
            pks, vectors = self.pks, self.vectors
            if not pks:
                return []
            alike = vectors @ numpy.asarray(vector, dtype=numpy.float32)
            wanted = FIRST * limit
            while True:
                count = min(wanted, len(pks))
                top = numpy.argpartition(-alike, count - 1)[:count] if count < len(pks) else numpy.arange(count)
                top = top[numpy.argsort(-alike[top])]
                named = {pks[place]: float(alike[place]) for place in top}
                seen = set(rows.filter(pk__in=list(named)).values_list("pk", flat=True))
                if len(seen) >= limit or count == len(pks):
                    return [(pk, cosine) for pk, cosine in named.items() if pk in seen][:limit]
                wanted *= 8


def matrix_of(model: Any, home_id: UUID) -> Matrix:
    key = (model._meta.label, home_id)
    with _lock:
        found = _kept.pop(key, None) or Matrix(model, home_id)
        _kept[key] = found
        while len(_kept) > 1 and sum(matrix.bytes for matrix in _kept.values()) > MOST_BYTES:
            _kept.popitem(last=False)
        return found
