"""API for commands that were queued offline."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.response import Response

from homes.api import serializers
from homes.api.viewsets import HomeViewSet
from homes.events import offline
from homes.events.actor import Actor
from homes.events.offline import MergeResult
from homes.models import Home
from pantry.api.endpoints import endpoint
from pantry.api.idempotency import fingerprint
from pantry.errors import ActionError, RateLimited
from pantry.models import Operation

log = logging.getLogger(__name__)

MAX_AGE = timedelta(days=365)
EXAMPLE = {
    "now": "2026-03-14T10:30:00Z",
    "intents": [{
        "op_id": "8d3f6f0e-6c1f-4f7a-8d8e-0f6f7c1b2a3d", "kind": "purchase_entry", "meant_at": "2026-03-14T10:12:00Z",
        "seen": 3, "data": {"entry": "0198a1b2-0000-7000-8000-000000000000", "price": "45"},
    }],
}  # fmt: skip


class IntentViewSet(HomeViewSet):
    tag = "Log"
    serializer_class = serializers.IntentResults

    @endpoint("Send offline changes", request=serializers.Intents, status=200, without_read=True, example=EXAMPLE)
    def create(self, data: dict[str, Any]) -> Response:
        """Runs them in order, each in its own transaction. A repeated `op_id` returns the first result.

        Stops at a message or change over its rate limit. The intents before it have results; without any, returns 429.
        """
        if data.get("by", self.user.pk) != self.user.pk:
            raise NotAuthenticated("Someone else is signed in now.")
        clock_offset = data["now"] - timezone.now()
        results: list[Any] = []
        for intent in data["intents"]:
            try:
                results.append(self.run_once(intent, clock_offset))
            except RateLimited:
                if not results:
                    raise
                break
        return Response({"results": results})

    @transaction.atomic
    def run_once(self, intent: dict[str, Any], clock_offset: timedelta) -> Any:
        """Run the command unless its `op_id` was run before; return its result.

        `clock_offset` is how far the device's clock is ahead of the server's.
        """
        scopes = self.actor().scopes  # which decide what the result may tell
        digest = fingerprint("intent", [self.home.pk, intent["kind"], intent["data"], scopes])
        # Insert the row first: its unique key makes a simultaneous repetition wait for the result.
        operation, is_new = Operation.objects.select_for_update(no_key=True).get_or_create(
            user=self.user, key=str(intent["op_id"]), defaults={"fingerprint": digest}
        )
        if operation.fingerprint != digest:
            message = _("This change was already sent with different content.")
            return self.result(intent, "refused", message)
        if is_new:
            by = replace(self.actor(intent["op_id"]), meant_at=_server_time(intent["meant_at"], clock_offset))
            operation.answer = self.run(intent, by)
            operation.save()
        return operation.answer

    def run(self, intent: dict[str, Any], by: Actor) -> dict[str, Any]:
        """Run the command and turn errors into results. Raises temporary errors, after which the client retries."""
        try:
            with transaction.atomic():
                merged = self.merge(intent, by)
        except (RateLimited, APIException, OperationalError, InterfaceError):
            raise
        except ActionError as error:
            return self.result(intent, "refused", str(error) if self.can_read else error.unnamed)
        except ModelError as error:
            return self.result(intent, "refused", " ".join(error.messages))
        except Exception:
            # A retry would fail again, and block the rest of the client's queue forever.
            log.exception("intent %s (%s) of home %s failed", intent["op_id"], intent["kind"], self.home.pk)
            message = _("Something went wrong on our side, so this change wasn't saved.")
            return self.result(intent, "failed", message)
        message = merged.message if self.can_read else ""
        return self.result(intent, "overtaken" if merged.lost else "done", message, merged.lost)

    def merge(self, intent: dict[str, Any], by: Actor) -> MergeResult:
        """Validate the command and apply it. Raises ActionError."""
        command = offline.commands.get(intent["kind"])
        if command is None:
            raise ActionError("Unknown kind.")
        by.require(command.scope)
        serializer = command.serializer(data=intent["data"], context={"home": by.home})
        if not serializer.is_valid():
            raise ActionError(_error_message(serializer.errors))
        return command.merge(serializer.validated_data, intent.get("seen"), by)

    def result(self, intent: dict[str, Any], outcome: str, message: str, lost: Iterable[str] = ()) -> dict[str, Any]:
        seq = Home.objects.values_list("last_seq", flat=True).get(pk=self.home.pk)
        return {"op_id": str(intent["op_id"]), "outcome": outcome, "message": message, "seq": seq, "lost": list(lost)}


def _server_time(device_time: datetime, clock_offset: timedelta) -> datetime:
    """Convert a device's time to the server's clock, limited to the past year."""
    now = timezone.now()
    try:
        return min(max(device_time - clock_offset, now - MAX_AGE), now)
    except OverflowError:
        return now


def _error_message(errors: Any) -> str:
    """Join the errors to one message, with the names of missing fields."""
    return " ".join(
        f"{field}: {error}" if error.code in ("required", "null") else str(error)
        for field, field_errors in errors.items()
        for error in field_errors
    )
