"""What was spent, and putting back what was done."""

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

EARLIEST, LATEST = date(1900, 1, 1), date(9000, 1, 1)


class SpendingViewSet(HomeViewSet):
    @describe(
        "What the home spent from one day to another", tag="Spending", gives=shapes.SpendingSerializer,
        query=shapes.SpendingQuery, refuses=(400, 404),
    )  # fmt: skip
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        asked = self.validated_query(shapes.SpendingQuery)
        period = period_of(self.home, asked.get("from"), asked.get("to"))
        sums = reports.known(period, asked.get("group_by", "category"))
        answer = {
            "from": period.first,
            "to": period.last,
            "currency": self.home.currency,
            "total": as_json(sums.total),
            "without_price": sums.unpriced,
            "groups": [{"key": as_json(key), "total": as_json(total)} for key, total in sums.groups.items()],
            "budget": self.budget(),
        }
        return Response(answer)

    def budget(self) -> dict[str, Any] | None:
        left = reports.left_of_budget(self.home)
        if left is None:
            return None
        days_left = reports.Period.month(self.home).days_left()
        return {"monthly": as_json(self.home.monthly_budget), "left": as_json(left), "days_left": days_left}


def period_of(home: Home, first: date | None, last: date | None) -> reports.Period:
    """What is not said is this month's. Raises ActionError."""
    month = reports.Period.month(home)
    first = first or (last.replace(day=1) if last else month.first)
    last = last or max(month.last, first)
    if not EARLIEST <= first <= last <= LATEST:
        raise ActionError(_("The last day is before the first, or not in this age."))
    return reports.Period(home, first, last)


class UndoViewSet(HomeViewSet):
    @describe(
        "Put back what one event changed, as a new event", tag=LOG, takes=shapes.UndoSerializer, gives=EventPage,
        posts=True, example={"seq": 812},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Answers with the events that did it; the same ones when it is asked for again."""
        seen = Event.objects.visible_to(self.member)
        event = get_object_or_404(seen, seq=self.validated_body(shapes.UndoSerializer)["seq"])
        undo_event(event, by=self.actor())
        done = Event.objects.filter(home=self.home, op_id=uuid5(event.pk, "undo")).order_by("seq")
        if not done:
            raise ActionError(_("There is nothing left to undo: it was changed back already."))
        frames = [event_payload(each) for each in done]
        self.home.refresh_from_db(fields=["last_seq"])
        return Response({"results": frames, "seq": self.home.last_seq, "next": None})
