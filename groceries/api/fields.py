"""Fields that several parts of the API share."""

from decimal import Decimal
from functools import partial

from rest_framework import serializers

from pantry.api.fields import ExactDecimal, Id, Text

AMOUNT = r"^([1-9][0-9]{0,4}(\.[0-9]{1,3})?|0\.([1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))$"

amount = partial(ExactDecimal, Decimal("0.001"), Decimal("99999.999"), 3, AMOUNT)

rule = partial(Text, 200, format="rrule", help_text="RFC 5545, like FREQ=WEEKLY;BYDAY=MO.")

EXAMPLE_ID = "01900000-0000-7000-8000-000000000000"

INTO = {"into": EXAMPLE_ID}


class Merge(serializers.Serializer):  # type: ignore[type-arg]
    into = Id(help_text="The one that stays.")
