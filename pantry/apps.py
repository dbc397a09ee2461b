from django.apps import AppConfig
from django.db.backends.signals import connection_created


class PantryConfig(AppConfig):
    name = "pantry"

    def ready(self) -> None:
        from pantry.db import read_moments

        connection_created.connect(read_moments, dispatch_uid="pantry.read_moments")
