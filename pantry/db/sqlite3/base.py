"""Django's SQLite backend, with a queue in which the threads of a process wait for the write lock.

SQLite lets a writer that finds the lock taken sleep and try again, so whoever comes at the right moment gets it, and
another may wait for seconds. Here a transaction begins when all that were asked for before it have ended. Other
processes, and statements outside of transactions, still wait as SQLite has it.
"""

from collections import defaultdict, deque
from threading import Lock
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError


class FairLock:
    """A lock that is handed over in the order in which it was asked for."""

    def __init__(self) -> None:
        self._mutex, self._is_held = Lock(), False
        self._waiting: deque[Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for `timeout` seconds at most. Returns whether the lock is held."""
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
            if turn not in self._waiting:  # handed over in the very last moment
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
    """Holds the database's `FairLock` from BEGIN to COMMIT or ROLLBACK."""

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
        self._release()  # after an error the transaction goes on, to be rolled back

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
