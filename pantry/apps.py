import sys
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Warning, register

OPERATOR = "operator"
"""The tag of checks whose warnings the first page of the administration shows."""


class PantryConfig(AppConfig):
    name = "pantry"


@register(OPERATOR)
def check_python(**options: Any) -> list[CheckMessage]:
    """Warn of a Python that takes quadratic time to parse cookies."""
    if sys.version_info >= (3, 12, 6) or (3, 11, 10) <= sys.version_info < (3, 12):
        return []
    return [
        Warning(
            "This Python takes long to parse hostile cookies (CVE-2024-7592).",
            hint="Cookies with many backslashes are refused. Update to Python 3.11.10, 3.12.6 or newer all the same.",
            id="pantry.W001",
        )
    ]
