import re
from decimal import Decimal
from unittest.mock import Mock, patch

import pytest
from django.core.exceptions import ValidationError

from pantry import money
from pantry.forms import AmountField
from tests.limits import limit


@pytest.mark.parametrize(
    "text",
    [
        "1" + " " * 900_000 + "x",
        "1\n" * 450_000,
        "1 " * 450_000,
        "9" * 900_000,
        "$" * (limit("Amount of money in a form") + 1),
    ],
)
def test_long_amount_is_refused_before_it_is_parsed(text: str) -> None:
    with patch.object(money, "_MONEY", Mock(spec=re.Pattern)) as pattern, pytest.raises(ValidationError):
        AmountField().clean(text)
    pattern.fullmatch.assert_not_called()


def test_amount_with_spaces_is_still_read() -> None:
    assert money.parse_money("  ฿   13 000  ") == Decimal(13000)
