"""Who shares the expenses of a home, how an amount is divided, who owes how much, and which payments settle that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from groceries.models import Expense, ExpenseShare, Person
from homes.models import Home, Membership
from pantry.errors import ActionError
from pantry.models import as_json
from pantry.money import has_cents

ZERO, CENT = Decimal(0), Decimal("0.01")


@dataclass(frozen=True)
class Part:
    """A share of an expense, as it is asked for: the `amount` or, without one, a part of the rest by `weight`."""

    key: str
    amount: Decimal | None = None
    weight: int = 1


def divide(total: Decimal, parts: Sequence[Part], currency: str = "") -> list[Decimal]:
    """Return the amount of each part, in the same order. They add up to the total.

    Those with an amount get it, and the others divide the rest by their weights, rounded down to cents, or to whole
    amounts in a currency whose cents are not in use. What then remains is less than one cent each: the first ones get
    one more. Raises ActionError if the amounts can't add up to the total.
    """
    fixed = sum((part.amount for part in parts if part.amount is not None), ZERO)
    weight, rest = sum(part.weight for part in parts if part.amount is None), total - fixed
    if rest < 0 or not weight:
        check_sum(fixed, total)
    unit = Decimal(1) if not has_cents(currency) and rest == rest.to_integral_value() else CENT
    amounts = [
        (rest * part.weight / weight / unit).to_integral_value(ROUND_FLOOR) * unit
        if part.amount is None
        else part.amount
        for part in parts
    ]
    remaining = int((total - sum(amounts, ZERO)) / unit)
    for index in [index for index, part in enumerate(parts) if part.amount is None][:remaining]:
        amounts[index] += unit
    return amounts


def is_shared_equally(expense: Expense) -> bool:
    """Return whether the shares are those of an equal division, whoever has the remaining cents."""
    parts = [Part(share.person.key) for share in expense.shares]
    equal = divide(expense.amount, parts, expense.home.currency)
    return sorted(equal) == sorted(share.amount for share in expense.shares)


def check_sum(shares: Decimal, total: Decimal) -> None:
    """Raise ActionError unless the shares add up to the total."""
    if shares != total:
        message = _("The shares add up to %(sum)s instead of %(amount)s.")
        raise ActionError(message, sum=as_json(shares), amount=as_json(total))


def people_of(home: Home) -> dict[str, Person]:
    """Return who can have part in an expense, by key: the members in joining order, then others who are in an expense
    already, such as somebody who has left, by name. Three queries."""
    members = Membership.objects.filter(home=home).order_by("number").values_list("user_id", "user__name")
    people = [Person.of(user_id, name, is_member=True) for user_id, name in members]
    rows = [*_paid(home), *_shared(home)]
    others = {Person.of(user_id, user_name or name) for user_id, user_name, name, _total in rows} - set(people)
    return {person.key: person for person in [*people, *sorted(others, key=lambda each: (each.name, each.key))]}


def balances(home: Home) -> dict[Person, Decimal]:
    """Return what each person is owed: what they paid less their shares. Negative for those who owe, and never zero.

    Largest creditor first. The sum of all is zero. Two queries.
    """
    sums: dict[Person, Decimal] = {}
    for sign, rows in ((1, _paid(home)), (-1, _shared(home))):
        for user_id, user_name, name, total in rows:
            person = Person.of(user_id, user_name or name)
            sums[person] = sums.get(person, ZERO) + sign * total.quantize(CENT)  # SQLite adds floating-point numbers
    owed = [(person, balance) for person, balance in sums.items() if balance]
    return dict(sorted(owed, key=lambda row: (-row[1], row[0].name, row[0].key)))


def _paid(home: Home) -> Any:
    rows = Expense.objects.filter(home=home).order_by().values_list("paid_by", "paid_by__name", "paid_by_name")
    return rows.annotate(total=Sum("amount"))


def _shared(home: Home) -> Any:
    rows = ExpenseShare.objects.filter(home=home).order_by().values_list("user", "user__name", "name")
    return rows.annotate(total=Sum("amount"))


@dataclass(frozen=True)
class Payment:
    payer: Person
    payee: Person
    amount: Decimal


def settling_payments(owed: Mapping[Person, Decimal]) -> list[Payment]:
    """Return payments after which nobody owes anything.

    Each is from the one who owes most to the one who is owed most. It settles one of the two, and the last one both, so
    for n people there are at most n − 1. Fewer may do: finding the fewest takes exponential time.
    """
    left, payments = dict(owed), []
    while any(left.values()):
        payee, payer = (_first(left, sign) for sign in (-1, 1))
        amount = min(left[payee], -left[payer])
        payments.append(Payment(payer, payee, amount))
        left[payer] += amount
        left[payee] -= amount
    return payments


def _first(left: Mapping[Person, Decimal], sign: int) -> Person:
    return min(left, key=lambda person: (sign * left[person], person.name, person.key))
