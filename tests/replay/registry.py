"""Registry of replay cases, and helpers that they share."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.utils import timezone

from homes.events.actor import Actor
from homes.models import Membership
from tests.factories import by

Case = Callable[[SimpleNamespace], Any]


class Cases(dict[str, Case]):
    """Cases by action. A case calls the action on `s`, the scene of tests/test_replay.py."""

    def register(self, action: str) -> Callable[[Case], Case]:
        def add(case: Case) -> Case:
            self[action] = case
            return case

        return add


def in_an_hour() -> datetime:
    return timezone.now() + timedelta(hours=1)


def offline_actor(s: SimpleNamespace, member: Membership | None = None) -> Actor:
    """Return the actor of a change that the member, by default Nok, made offline ten minutes ago."""
    return replace(by(member or s.nok, op_id=uuid4()), meant_at=timezone.now() - timedelta(minutes=10))
