"""API of spending and undo."""

from datetime import date
from typing import Any
from uuid import uuid5

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from groceries import reports
from groceries.api import serializers as shapes
from homes.api.events import LOG
from homes.api.serializers import EventPage
from homes.api.viewsets import HomeViewSet
from homes.events.models import Event
from homes.events.queries import event_payload
from homes.events.undo import undo_event
from homes.models import Home
from pantry.api.schema import describe
from pantry.errors import ActionError
from pantry.models import as_json

MIN_DATE, MAX_DATE = date(1900, 1, 1), date(9000, 1, 1)


class SpendingViewSet(HomeViewSet):
    @describe(
        "Retrieve the spending of a period", tag="Spending", gives=shapes.SpendingSerializer,
        query=shapes.SpendingQuery, refuses=(400, 404),
    )  # fmt: skip
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        query = self.validated_query(shapes.SpendingQuery)
        period = period_of(self.home, query.get("from"), query.get("to"))
        sums = reports.cached_totals(period, query.get("group_by", "category"))
        payload = {
            "from": period.first,
            "to": period.last,
            "currency": self.home.currency,
            "total": as_json(sums.total),
            "without_price": sums.unpriced,
            "groups": [{"key": as_json(key), "total": as_json(total)} for key, total in sums.groups.items()],
            "budget": self.budget(),
        }
        return Response(payload)

    def budget(self) -> dict[str, Any] | None:
        left = reports.remaining_budget(self.home)
        if left is None:
            return None
        days_left = reports.Period.month(self.home).days_left()
        return {"monthly": as_json(self.home.monthly_budget), "left": as_json(left), "days_left": days_left}


def period_of(home: Home, first: date | None, last: date | None) -> reports.Period:
    """Return the period, defaulting to the current month. Raises ActionError for an invalid one."""
    month = reports.Period.month(home)
    first = first or (last.replace(day=1) if last else month.first)
    last = last or max(month.last, first)
    if not MIN_DATE <= first <= last <= MAX_DATE:
        raise ActionError(_("The last day can't be before the first, and both must be from 1900 to 9000."))
    return reports.Period(home, first, last)


class UndoViewSet(HomeViewSet):
    @describe(
        "Undo an event", tag=LOG, takes=shapes.UndoSerializer, gives=EventPage,
        posts=True, example={"seq": 812},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Returns the events that undid it. Idempotent."""
        visible = Event.objects.visible_to(self.member)
        event = get_object_or_404(visible, seq=self.validated_body(shapes.UndoSerializer)["seq"])
        undo_event(event, by=self.actor())
        undo_events = Event.objects.filter(home=self.home, op_id=uuid5(event.pk, "undo")).order_by("seq")
        if not undo_events:
            raise ActionError(_("There is nothing left to undo: it was changed back already."))
        results = [event_payload(undo) for undo in undo_events]
        self.home.refresh_from_db(fields=["last_seq"])
        return Response({"results": results, "seq": self.home.last_seq, "next": None})
