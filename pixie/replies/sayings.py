"""What Pixie says of what it remembers, who said it and when, in their words; and of what it does later."""

from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pantry.recurrence import describe_rule, is_rule
from pixie.models import Source
from pixie.tools import Result


def found(results: list[Result]) -> str:
    told = [each for result in results for each in result.facts["found"]]
    if not told:
        return _("I know nothing about that. Tell me “remember that …”, and I will.")
    return "\n".join(_one(each) for each in {each["id"]: each for each in told}.values())


def remembered(results: list[Result]) -> str:
    return " ".join(_kept(result.facts) for result in results)


def forgotten(results: list[Result]) -> str:
    count = sum(result.facts["count"] for result in results)
    return ngettext("Forgotten.", "Forgotten, all %(count)d.", count) % {"count": count}


def news(results: list[Result]) -> str:
    told: list[str] = results[0].facts["news"]
    return "\n".join(told) or _("All is quiet: nothing is to get, and nothing was bought yesterday.")


def scheduled(results: list[Result]) -> str:
    return " ".join(_later(result.facts) for result in results)


def waiting(results: list[Result]) -> str:
    told = results[0].facts["scheduled"]
    if not told:
        return _("Nothing is scheduled. Say “remind us every Monday at 8 to take the bins out”, and it is.")
    return "\n".join(f"{when(each['at'], each['rrule'])}: {each['what']}" for each in told)


def cancelled(results: list[Result]) -> str:
    return " ".join(_("Cancelled: %(what)s.") % {"what": result.facts["what"].rstrip(".")} for result in results)


def when(at: datetime | str, rrule: str) -> str:
    """“every Monday, next on 9 March, 08:00”."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    local = timezone.localtime(moment) if moment.tzinfo else moment
    day_and_hour = f"{day(local)}, {formats.date_format(local, 'TIME_FORMAT')}"
    rule = rrule.removeprefix("RRULE:").upper()
    if not is_rule(rule):
        return day_and_hour
    return _("%(often)s, next on %(day)s") % {"often": describe_rule(rule), "day": day_and_hour}


def _later(facts: dict[str, Any]) -> str:
    said = {"what": facts["what"].rstrip("."), "when": when(facts["at"], facts["rrule"]), "room": facts["room"]}
    if facts["room"]:
        return _("I will say it in #%(room)s, %(when)s: “%(what)s”") % said
    return _("I will say it to you here, %(when)s: “%(what)s”") % said


def _one(told: dict[str, Any]) -> str:
    said = {"who": told["who"], "what": told["content"], "day": day(told["said_at"])}
    if told["source"] in (Source.PURCHASE, Source.TASK, Source.EVENT):
        return _("%(day)s: %(what)s") % said
    if not told["who"]:
        return _("On %(day)s: “%(what)s”") % said
    return _("%(who)s, on %(day)s: “%(what)s”") % said


def _kept(facts: dict[str, Any]) -> str:
    said = {"what": facts["content"]}
    if not facts["is_new"]:
        return _("I knew that already: “%(what)s”") % said
    if facts["for"] == "you":
        return _("I will remember it, for you alone: “%(what)s”") % said
    if facts["for"] == "room":
        return _("I will remember it for those in this room: “%(what)s”") % said
    return _("I will remember it for the home: “%(what)s”") % said


def day(moment: Any) -> str:
    """With the year where it is another one."""
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    same_year = local.year == timezone.localtime().year
    return formats.date_format(local, "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT")
