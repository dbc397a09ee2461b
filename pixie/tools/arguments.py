"""Types of the arguments of tools, with their checks and descriptions."""

import re
from decimal import Decimal
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, Field

from groceries.parsing.quantities import MAX_UNIT_LENGTH, QuantityError, parse_quantity
from pantry.money import parse_money

MAX_KEPT = 20
# an invalid amount that was read as a name: “-3 eggs”, “0 milk”, “NaN eggs”, “1000000 eggs”
INVALID_AMOUNT = re.compile(r"\A(?:[-−]\s*[\d.]|0+(?:[.,]0+)?\s|\d{6,}\s|(?:nan|inf|infinity)\s)", re.IGNORECASE)


def _check_name(value: str) -> str:
    if INVALID_AMOUNT.match(value.strip()):
        raise ValueError(_("An amount is more than nothing and less than 100,000, like 2 or 0.5."))
    return value


def _parse_number(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        return parse_quantity(str(value))
    except QuantityError as error:
        raise ValueError(str(error)) from error


def _parse_price(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    if (price := parse_money(str(value))) is None:
        raise ValueError(_("Enter the price as a number, such as 45 or 12.50."))
    return price


Money = Annotated[Decimal, BeforeValidator(_parse_price), Field(description="How much, in the home's currency")]
ItemName = Annotated[str, AfterValidator(_check_name), Field(min_length=1, max_length=200)]
NewName = Annotated[ItemName, Field(description="What to buy, as a shopper would call it")]
ListedName = Annotated[ItemName, Field(description="Name of the item on the list; need not match exactly")]
Number = Annotated[Decimal | None, BeforeValidator(_parse_number)]
Price = Annotated[Decimal | None, BeforeValidator(_parse_price)]
Quantity = Annotated[Number, Field(description="How much; omit for the usual amount")]
Unit = Annotated[
    str | None, Field(max_length=MAX_UNIT_LENGTH, description="piece, pack, dozen, kg, g, liter, ml, bottle, …")
]
ExpectedPrice = Annotated[Price, Field(description="The price that the person expects, in the home's currency")]
Note = Annotated[str | None, Field(max_length=200, description="A short note, such as the brand")]
Store = Annotated[str | None, Field(max_length=80, description="The shop in which to buy it")]
Aisle = Annotated[str | None, Field(description="Only this aisle")]
Rule = Annotated[str | None, Field(description="An iCalendar recurrence rule, such as FREQ=WEEKLY;BYDAY=MO")]
ListName = Annotated[str | None, Field(description="Name of the list; omit for the current one")]
AnyList = Annotated[str | None, Field(description="Name of the list; omit to look at all open ones")]
Kept = Annotated[
    tuple[ItemName, ...], Field(max_length=MAX_KEPT, description="Names of the items to leave as they are")
]
Assignee = Annotated[
    str | None, Field(max_length=80, description="The member who gets it, “me” for the person, “nobody” for no one")
]
MemberName = Annotated[str | None, Field(max_length=80, description="Only by this member; “me” for the person")]
