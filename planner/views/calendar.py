"""Pages of the calendar. Every change can be undone from its toast."""

from calendar import Calendar
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from homes.decorators import MemberRequest, error_messages, member_form, member_page, member_post
from homes.events.actor import Actor
from homes.operations import operation, undo_and_report
from pantry.forms import form_errors, render_form
from pantry.years import YEARS
from planner.actions import Scope, change_event, create_event, remove_event
from planner.agenda import agenda
from planner.calendar_forms import EventForm
from planner.models import CalendarEvent

AGENDA_DAYS = 14


@member_page
def calendar(request: MemberRequest) -> HttpResponse:
    """List what the home has in two weeks, by day, from today or `?from`."""
    today = request.home.now().date()
    first = read_day(request.GET.get("from", ""), today)
    last = first + timedelta(AGENDA_DAYS - 1)
    context = {
        "days": [each for each in agenda(request.member, first, last) if each.count or each.day == first],
        "today": today,
        "earlier": f"?from={first - timedelta(AGENDA_DAYS)}",
        "later": f"?from={last + timedelta(1)}",
        "tab": "plan",
    }
    return render(request, "planner/calendar.html#calendar" if request.htmx else "planner/calendar.html", context)


@member_page
def month(request: MemberRequest) -> HttpResponse:
    """Show a month, this one or `?month`, with what the home has on each day."""
    today = request.home.now().date()
    first = read_day(f"{request.GET.get('month', '')}-01", today).replace(day=1)
    start = formats.get_format("FIRST_DAY_OF_WEEK") - 1  # Django counts from Sunday, Python from Monday
    weeks = Calendar(start % 7).monthdatescalendar(first.year, first.month)
    days = agenda(request.member, weeks[0][0], weeks[-1][-1])
    context = {
        "weeks": [days[index : index + 7] for index in range(0, len(days), 7)],
        "weekdays": [(WEEKDAYS[day % 7], WEEKDAYS_ABBR[day % 7]) for day in range(start, start + 7)],
        "today": today,
        "first": first,
        "title": formats.date_format(first, "YEAR_MONTH_FORMAT"),
        "earlier": f"?month={first - timedelta(1):%Y-%m}",
        "later": f"?month={first + timedelta(31):%Y-%m}",
        "tab": "plan",
    }
    return render(request, "planner/month.html#month" if request.htmx else "planner/month.html", context)


@member_form
def new_event(request: MemberRequest) -> HttpResponse:
    """Create an event, on `?day` unless said otherwise."""
    day = read_day(request.GET.get("day", ""), request.home.now().date())
    form = EventForm(request.POST or None, home=request.home, day=day)
    if form.is_valid():
        with form_errors(form):
            by = operation(request)
            event = create_event(by=by, **form.values())
            return done(request, by, event.starts_on, _("%(event)s is on the calendar.") % {"event": event})
    return render_form(request, "planner/event.html", form, day=day, tab="plan")


@member_form
def event(request: MemberRequest, event_id: UUID) -> HttpResponse:
    """Change an event, on `?day` if it repeats."""
    row = get_event(request, event_id)
    day = read_day(request.GET.get("day", ""), row.starts_on) if row.rrule else row.starts_on
    form = EventForm(request.POST or None, home=request.home, day=day, event=row)
    if form.is_valid():
        with form_errors(form):
            by, scope = operation(request), form.cleaned_data.get("scope", Scope.ALL)
            row = change_event(row, by=by, scope=scope, on=day if row.rrule else None, **form.changes())
            return done(request, by, row.starts_on, _("%(event)s is changed.") % {"event": row})
    scopes = Scope.choices if row.rrule else [(Scope.ALL.value, "")]
    return render_form(request, "planner/event.html", form, event=row, day=day, scopes=scopes, tab="plan")


@member_post
def remove(request: MemberRequest, event_id: UUID) -> HttpResponse:
    row, by = get_event(request, event_id), operation(request)
    day = read_day(request.POST.get("day", ""), row.starts_on)
    with error_messages(request):
        remove_event(row, by=by, scope=request.POST.get("scope", Scope.ALL), on=day if row.rrule else None)
        return done(request, by, day, _("%(event)s is off the calendar.") % {"event": row})
    return redirect("planner:calendar", request.home.pk)


@member_post
def undo(request: MemberRequest, op_id: UUID) -> HttpResponse:
    """Undo an operation of the member's own."""
    undo_and_report(request, op_id)
    return redirect("planner:calendar", request.home.pk)


def done(request: MemberRequest, by: Actor, day: date, text: str) -> HttpResponse:
    """Show the days around the change, and say in a toast what is done, with Undo."""
    messages.success(request, text, extra_tags=reverse("planner:calendar_undo", args=[request.home.pk, by.op_id]))
    return redirect(f"{reverse('planner:calendar', args=[request.home.pk])}?from={day}")


def read_day(text: str, default: date) -> date:
    """Return the day of an address; the default without a day that makes sense."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return default
    return day if day.year in YEARS else default


def get_event(request: MemberRequest, event_id: UUID) -> CalendarEvent:
    rows: Any = CalendarEvent.objects.visible_to(request.member).with_guests().select_related("home")
    row: CalendarEvent = get_object_or_404(rows, pk=event_id)
    return row
