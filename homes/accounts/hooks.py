"""Hooks for packages above."""

from collections.abc import Callable

from homes.accounts.models import User

on_account_locked: list[Callable[[User], None]] = []
"""Called inside the transaction that changes a password or closes an account."""


def account_locked(user: User) -> None:
    for hook in on_account_locked:
        hook(user)
