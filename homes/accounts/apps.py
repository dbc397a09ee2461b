from typing import Any

from django.apps import AppConfig
from django.http import HttpRequest


class AccountsConfig(AppConfig):
    name = "homes.accounts"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        authenticator_added.connect(_end_sign_ins_without_second_step)


def _end_sign_ins_without_second_step(request: HttpRequest, user: Any, authenticator: Any, **kwargs: Any) -> None:
    """allauth offers no other hook for this."""
    from homes.accounts.actions import end_sign_ins

    if authenticator.type != authenticator.Type.RECOVERY_CODES:
        end_sign_ins(user, request=request)
