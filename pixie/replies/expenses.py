"""Answers about shared expenses."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pantry.text import quotable
from pixie.replies.formats import join_names
from pixie.tools.registry import Result


def _expenses_added(results: list[Result]) -> str:
    sentence = _("Added “%(title)s” for %(sum)s: %(payer)s paid, shared by %(sharers)s.")
    return " ".join(
        sentence
        % {**result.facts, "title": quotable(result.facts["title"]), "sharers": join_names(result.facts["sharers"])}
        for result in results
    )


def _debts(results: list[Result]) -> str:
    debts = results[0].facts["debts"]
    return " ".join(_("%(payer)s owes %(payee)s %(sum)s.") % debt for debt in debts) or _("Nobody owes anything.")


DESCRIPTIONS: dict[str, Callable[[list[Result]], str]] = {"add_expense": _expenses_added, "list_balances": _debts}
TITLES: dict[str, Callable[[int], str]] = {
    "add_expense": lambda n: ngettext("Added %(n)d expense", "Added %(n)d expenses", n) % {"n": n},
}
