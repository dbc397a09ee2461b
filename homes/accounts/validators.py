"""Validators of passwords, in AUTH_PASSWORD_VALIDATORS."""

from homes.accounts.actions import end_sign_ins
from homes.accounts.models import User


class NewPasswordEndsSignIns:
    """Validates nothing. Django tells validators of each new password, wherever it was set."""

    def validate(self, password: str, user: User | None = None) -> None:
        pass

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user is not None:
            end_sign_ins(user)

    def get_help_text(self) -> str:
        return ""
