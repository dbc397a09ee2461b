"""The calendar for the programs of members, under a secret address, and the page on which they get it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from homes.decorators import MemberRequest, member_form
from pantry.api.throttles import client_address, count_or_refuse, identify
from pantry.errors import RateLimited
from pantry.forms import with_retry_after
from planner.feeds import end_feed, renew_feed
from planner.icalendar_files import write_calendar
from planner.models import CalendarEvent, CalendarFeed

PAST = timedelta(days=366)  # what ended earlier is left out


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return the events of the home whose key it is, those that ended long ago left out. Needs no session."""
    try:
        count_or_refuse("pages", identify(client_address(request), None))
    except RateLimited as error:
        return with_retry_after(HttpResponse(str(error), content_type="text/plain; charset=utf-8"), error)
    row = CalendarFeed.objects.with_token(token)
    if row is None:
        message = _("This address of a calendar doesn't work, or no longer. Get a new one on the page of the calendar.")
        return HttpResponse(message, status=404, content_type="text/plain; charset=utf-8")
    today = row.home.now().date()
    events: Any = CalendarEvent.objects.filter(home=row.home).between(today - PAST, today + 200 * PAST)
    with translation.override(row.user.locale):
        content = write_calendar(row.home, events.with_people().order_by("starts_on", "id"))
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": 'attachment; filename="calendar.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


@member_form
def subscribe(request: MemberRequest) -> HttpResponse:
    """Make, change or end the address. It is shown in the response only."""
    address = ""
    if request.method == "POST" and "end" in request.POST:
        end_feed(request.member)
        messages.success(request, _("The address of the calendar no longer works."))
        return redirect("planner:subscribe", request.home.pk)
    if request.method == "POST":
        address = request.build_absolute_uri(reverse("calendar_feed", args=[renew_feed(request.member)]))
    is_open = CalendarFeed.objects.open().filter(home=request.home, user=request.user).exists()
    return render(request, "planner/subscribe.html", {"address": address, "is_open": is_open, "tab": "plan"})
