"""Hooks for packages above. Each registers one `AccountHooks`."""

from collections.abc import Callable
from dataclasses import dataclass

from homes.accounts.models import User


@dataclass(frozen=True, kw_only=True)
class AccountHooks:
    on_account_locked: Callable[[User], None]
    """Runs inside the transaction that changes a password or closes an account."""


_registered: list[AccountHooks] = []


def register(hooks: AccountHooks) -> None:
    _registered.append(hooks)


def account_locked(user: User) -> None:
    """Run the hooks. Call it inside the transaction that changes a password or closes an account."""
    for hooks in _registered:
        hooks.on_account_locked(user)
