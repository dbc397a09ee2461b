"""Django's SQLite backend with a fair write lock for the threads of a process.

In SQLite a writer that finds the lock taken sleeps and retries, so some wait for seconds while others overtake them.
Here transactions begin in the order in which they were requested. Other processes, and statements outside of
transactions, still use SQLite's own waiting.
"""

from collections import defaultdict, deque
from threading import Lock
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError


class FairLock:
    """A lock that is granted in the order of requests."""

    def __init__(self) -> None:
        self._mutex, self._is_held = Lock(), False
        self._waiting: deque[Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for up to `timeout` seconds. Returns whether the lock was acquired."""
        with self._mutex:
            if not self._is_held:
                self._is_held = True
                return True
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self._mutex:
            if turn not in self._waiting:  # granted just after the timeout
                return True
            self._waiting.remove(turn)
            return False

    def release(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False


write_locks: defaultdict[str, FairLock] = defaultdict(FairLock)


class DatabaseWrapper(base.DatabaseWrapper):
    """Hold the database's `FairLock` from BEGIN to COMMIT or ROLLBACK."""

    _held: FairLock | None = None

    def _start_transaction_under_autocommit(self) -> None:
        lock = write_locks[str(self.settings_dict["NAME"])]
        if not lock.acquire(self.settings_dict["OPTIONS"].get("timeout", 5.0)):
            raise OperationalError("database is locked")
        self._held = lock
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._release()
            raise

    def _commit(self) -> Any:
        super()._commit()  # type: ignore[misc]
        self._release()  # not after an error: the transaction is still open, to be rolled back

    def _rollback(self) -> Any:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._release()

    def _close(self) -> Any:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._release()

    def _release(self) -> None:
        lock, self._held = self._held, None
        if lock is not None:
            lock.release()
