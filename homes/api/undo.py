"""API that undoes events and operations."""

from typing import Any
from uuid import uuid5

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.response import Response

from homes.api.serializers import EventPage
from homes.api.viewsets import HomeViewSet
from homes.events.models import Event
from homes.events.queries import event_payload
from homes.events.undo import undo_event, undo_operation
from pantry.api.endpoints import endpoint
from pantry.api.fields import Id, Integer, OneOf
from pantry.errors import ActionError


class UndoSerializer(OneOf):
    """Either one event or all that an operation of yours did."""

    one_of = ("seq", "op_id")

    seq = Integer(1, required=False, help_text="Number of the event to undo.")
    op_id = Id(required=False, help_text="The operation to undo, as its events name it.")


class UndoViewSet(HomeViewSet):
    tag = "Log"

    @endpoint(
        "Undo an event or an operation",
        request=UndoSerializer,
        response=EventPage,
        status=200,
        example={"seq": 812},
    )
    def create(self, data: dict[str, Any]) -> Response:
        """Returns the events that undid it. Idempotent."""
        events = Event.objects.visible_to(self.member).filter(**data)
        if "op_id" in data:
            events = events.filter(actor_user=self.user)
        if not (undone := list(events)):
            raise Http404
        if "op_id" in data:
            undo_operation(data["op_id"], by=self.actor())
        else:
            undo_event(undone[0], by=self.actor())
        op_ids = [uuid5(event.pk, "undo") for event in undone]
        undo_events = Event.objects.filter(home=self.home, op_id__in=op_ids).order_by("seq")
        if not undo_events:
            raise ActionError(_("There is nothing left to undo: it was changed back already."))
        self.home.refresh_from_db(fields=["last_seq"])
        results = [event_payload(undo) for undo in undo_events]
        return Response({"results": results, "seq": self.home.last_seq, "next": None})
