"""The consumer of Celery's worker."""

import logging

from celery.worker import consumer

log = logging.getLogger(__name__)


class Consumer(consumer.Consumer):
    """Outlives every loss of the connection to Redis.

    Celery 5.7 closes the broken connection, for which kombu 5.7 may look up the host of one that is closed already.
    It raises an AttributeError then, which would end the worker.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError:
            log.warning("the broken connection to Redis was closed already; connecting again")
