"""The consumer of Celery's worker."""

import logging

from celery.worker import consumer

log = logging.getLogger(__name__)


class Consumer(consumer.Consumer):
    """Keep the worker running when it loses the connection to Redis.

    Wherever Celery 5.7 uses a connection that it has closed after an error, kombu 5.7 raises an AttributeError, which
    Celery takes for a fault of the program. It is handled here as Celery handles a lost connection.
    """

    def start(self) -> None:
        while True:
            try:
                super().start()
            except AttributeError as error:
                if error.name != "hostname":
                    raise
                log.warning("the broken connection to Redis was closed already; connecting again", exc_info=True)
                self.on_close()
                self.blueprint.restart(self)
            else:
                return
