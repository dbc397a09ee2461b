from typing import Any

from allauth.usersessions import apps
from django.apps import AppConfig
from django.http import HttpRequest


class UserSessionsConfig(apps.UserSessionsConfig):  # type: ignore[misc]
    """allauth's, which would store the keys of sessions."""

    default = False

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_set, user_logged_in

        for signal in (user_logged_in, password_set, password_changed):
            signal.connect(_list_session)


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


def _list_session(request: HttpRequest, **kwargs: Any) -> None:
    from homes.accounts.sessions import list_session

    list_session(request)
