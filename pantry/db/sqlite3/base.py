"""Django's SQLite backend with a fair write lock for the threads of a process.

In SQLite a writer that finds the lock taken sleeps and retries, so some wait for seconds while others overtake them.
Here transactions begin in the order in which they were requested, and statements that write outside of one take their
turn as well. Other processes still use SQLite's own waiting.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from threading import Condition
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError


class FairLock:
    """A lock that is granted in the order of requests."""

    def __init__(self) -> None:
        self._turns: deque[object] = deque()  # the first one has the lock
        self._changed = Condition()

    def acquire(self, timeout: float) -> bool:
        """Wait for up to `timeout` seconds. Returns whether the lock was acquired."""
        turn = object()
        with self._changed:
            self._turns.append(turn)
            is_granted = self._changed.wait_for(lambda: self._turns[0] is turn, timeout)
            if not is_granted:
                self._turns.remove(turn)
            return is_granted

    def release(self) -> None:
        with self._changed:
            self._turns.popleft()
            self._changed.notify_all()


WRITES = ("INSERT", "UPDATE", "DELETE", "ANALYZE")
write_locks: defaultdict[str, FairLock] = defaultdict(FairLock)


class DatabaseWrapper(base.DatabaseWrapper):
    """Hold the database's `FairLock` from BEGIN to COMMIT or ROLLBACK, or during a statement that writes."""

    _held: FairLock | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(self._execute_in_turn)

    def _execute_in_turn(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if self._held or not sql.startswith(WRITES):
            return execute(sql, params, many, context)
        self._acquire()
        try:
            return execute(sql, params, many, context)
        finally:
            self._release()

    def _start_transaction_under_autocommit(self) -> None:
        self._acquire()
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

    def _acquire(self) -> None:
        lock = write_locks[str(self.settings_dict["NAME"])]
        if not lock.acquire(self.settings_dict["OPTIONS"].get("timeout", 5.0)):
            raise OperationalError("database is locked")
        self._held = lock

    def _release(self) -> None:
        lock, self._held = self._held, None
        if lock is not None:
            lock.release()
