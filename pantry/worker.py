"""The consumer of Celery's worker."""

import logging

from celery.worker import consumer

log = logging.getLogger(__name__)


class Consumer(consumer.Consumer):
    """Keep the worker running when it loses the connection to Redis.

    Celery 5.7 closes the broken connection, and kombu 5.7 fails with an AttributeError if it was closed already.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError as error:
            if error.name != "hostname":
                raise
            log.warning("the broken connection to Redis was closed already; connecting again")
