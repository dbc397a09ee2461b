"""Listening to a stream without being held up by it."""

import threading
from collections.abc import Iterator
from queue import Empty, Queue
from typing import TypeVar

Piece = TypeVar("Piece")
_END = object()


def watched(stream: Iterator[Piece], every: float) -> Iterator[Piece | None]:
    """What the stream brings, as it comes, and None whenever nothing has come for `every` seconds: then the caller can
    look whether to go on. A stream that the caller leaves is closed when its next piece comes, or its patience ends.

    The stream is read in a thread of its own and must not touch the database.
    """
    heard: Queue[object] = Queue()
    left = threading.Event()

    def read() -> None:
        try:
            for piece in stream:
                heard.put(piece)
                if left.is_set():
                    break
            heard.put(_END)
        except BaseException as error:  # noqa: BLE001 (raised where it is listened to)
            heard.put(error)
        finally:
            close = getattr(stream, "close", None)
            if close is not None:
                close()

    threading.Thread(target=read, name="model", daemon=True).start()
    try:
        while True:
            try:
                piece = heard.get(timeout=every)
            except Empty:
                yield None
                continue
            if piece is _END:
                return
            if isinstance(piece, BaseException):
                raise piece
            yield piece  # type: ignore[misc]
    finally:
        left.set()
