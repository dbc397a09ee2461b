"""What Pixie says of what it remembers: who said it and when, in their words."""

from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    local = timezone.localtime(moment)
    same_year = local.year == timezone.localtime().year
    return formats.date_format(local, "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT")
