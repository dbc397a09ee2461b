from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Warning, register

from pantry.apps import OPERATOR


class PixieConfig(AppConfig):
    name = "pixie"

    def ready(self) -> None:
        from pixie import hooks

        hooks.register()


@register(OPERATOR)
def check_network(**options: Any) -> list[CheckMessage]:
    """Warn of a network that cannot be read. Takes some 50 ms."""
    from pixie.nlu.network import is_intact

    if is_intact():
        return []
    return [
        Warning(
            "Pixie understands only exact commands, such as reminders and “undo”.",
            hint="pixie/nlu/network.npz is missing, damaged or of another version: install it anew.",
            id="pixie.W001",
        )
    ]
