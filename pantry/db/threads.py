"""Thread pools for database work. The log has its own, so that events do not wait behind reconnecting clients."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from channels.db import database_sync_to_async

_in_thread: Any = partial(database_sync_to_async, thread_sensitive=False)
in_log_thread = partial(_in_thread, executor=ThreadPoolExecutor(2, "live-log"))
in_client_thread = partial(_in_thread, executor=ThreadPoolExecutor(4, "live-client"))
