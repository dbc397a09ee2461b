"""What was done without a signal, brought in: one door for the browser and everybody else."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.core.exceptions import ValidationError as ModelError
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, NotAuthenticated, ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from homes.accounts.models import ApiToken
from homes.api import serializers as shapes
from homes.api.viewsets import HomeViewSet
from homes.events import offline
from homes.events.actor import Actor
from homes.events.offline import MergeResult
from homes.models import Home
from pantry.api.schema import describe
from pantry.errors import ActionError, Forbidden
from pantry.models import Operation

log = logging.getLogger(__name__)

OLDEST = timedelta(days=365)
EXAMPLE = {
    "now": "2026-03-14T10:30:00Z",
    "intents": [
        {
            "op_id": "8d3f6f0e-6c1f-4f7a-8d8e-0f6f7c1b2a3d",
            "kind": "purchase_entry",
            "meant_at": "2026-03-14T10:12:00Z",
            "seen": 3,
            "data": {"entry": "0198a1b2-0000-7000-8000-000000000000", "price": "45"},
        }
    ],
}


class IntentViewSet(HomeViewSet):
    @describe(
        "Bring in what was done without a signal", tag="Log", takes=shapes.Intents, gives=shapes.IntentResults,
        posts=True, example=EXAMPLE,
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        """In order, each by itself. One whose `op_id` was answered before gets the same answer, and changes nothing."""
        said = self.validated_body(shapes.Intents)
        if said.get("by", self.user.pk) != self.user.pk:
            raise NotAuthenticated("Somebody else is signed in by now.")
        ahead = said["now"] - timezone.now()
        return Response({"results": [self.settle(intent, ahead) for intent in said["intents"]]})

    @transaction.atomic
    def settle(self, intent: dict[str, Any], ahead: timedelta) -> Any:
        """`ahead`: by how much the device's clock is ahead of ours."""
        mark = fingerprint(self.home, intent)
        # The row first: the unique key makes the second of two wait until the first has answered.
        operation, is_new = Operation.objects.select_for_update(no_key=True).get_or_create(
            user=self.user, key=str(intent["op_id"]), defaults={"fingerprint": mark}
        )
        if operation.fingerprint != mark:
            return self.answer(intent, "refused", MergeResult(message=_("That was sent before, as something else.")))
        if is_new:
            by = replace(self.actor(intent["op_id"]), meant_at=moment(intent["meant_at"], ahead))
            operation.answer = self.outcome(intent, by)
            operation.save()
        return operation.answer

    def outcome(self, intent: dict[str, Any], by: Actor) -> dict[str, Any]:
        try:
            with transaction.atomic():
                settled = self.do(intent, by)
        except ActionError as refusal:
            return self.answer(intent, "refused", MergeResult(message=str(refusal)))
        except ModelError as error:
            return self.answer(intent, "refused", MergeResult(message=" ".join(error.messages)))
        except (APIException, OperationalError, InterfaceError):
            raise  # it passes: the client sends the intent again
        except Exception:
            # Repeating it would fail again, and everything behind it in the client's queue would wait for ever.
            log.exception("intent %s (%s) of home %s failed", intent["op_id"], intent["kind"], self.home.pk)
            return self.answer(intent, "failed", MergeResult(message=_("That didn't work, and it's our mistake.")))
        return self.answer(intent, "overtaken" if settled.lost else "done", settled)

    def do(self, intent: dict[str, Any], by: Actor) -> MergeResult:
        kind = offline.commands.get(intent["kind"])
        if kind is None:
            raise ActionError("There is no such kind of intent.")
        token = self.request.auth
        if isinstance(token, ApiToken) and kind.scope not in token.scopes:
            raise Forbidden(f"This token lacks the scope “{kind.scope}”.")
        shape = kind.shape(data=intent["data"])
        if not shape.is_valid():
            raise ActionError(_in_words(shape.errors))
        return kind.settle(shape.validated_data, intent.get("seen"), by)

    def answer(self, intent: dict[str, Any], outcome: str, settled: MergeResult) -> dict[str, Any]:
        seq = Home.objects.values_list("last_seq", flat=True).get(pk=self.home.pk)
        told = {"outcome": outcome, "message": settled.message, "seq": seq, "lost": list(settled.lost)}
        return {"op_id": str(intent["op_id"]), **told}


def moment(meant_at: datetime, ahead: timedelta) -> datetime:
    """By our clock; never in the future, and at most a year ago."""
    now = timezone.now()
    try:
        return min(max(meant_at - ahead, now - OLDEST), now)
    except OverflowError:
        return now


def fingerprint(home: Home, intent: dict[str, Any]) -> str:
    try:
        said = orjson.dumps([home.pk, intent["kind"], intent["data"]], option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise ParseError("This is nested too deeply.") from error
    return salted_hmac("intent", said, algorithm="sha256").hexdigest()


def _in_words(errors: Any) -> str:
    """A sentence for people where a value is wrong; the field's name, too, where it is missing."""
    return " ".join(
        f"{field}: {error}" if error.code in ("required", "null") else str(error)
        for field, found in errors.items()
        for error in found
    )
