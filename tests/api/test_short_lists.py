from typing import Any
from unittest.mock import patch

import pytest
from rest_framework import serializers

from homes.accounts.api.tokens import NewToken
from homes.api.export import ImportFile
from homes.api.serializers import Intents
from homes.notifications.api import NoticeChange
from pantry.api.fields import MAX_ITEM_ERRORS, ShortList


@pytest.mark.parametrize(
    ("serializer", "field", "value"),
    [
        (Intents, "intents", [{}] * 101),
        (NewToken, "scopes", ["x"] * 11),
        (NoticeChange, "kinds", {str(number): 1 for number in range(21)}),
        (ImportFile, "members", [0] * 200_001),
        (ImportFile, "agents", [0] * 200_001),
    ],
)
def test_long_list_is_refused_before_its_items_are_checked(
    serializer: type[serializers.Serializer[Any]], field: str, value: Any
) -> None:
    checked: Any = serializer().fields[field]
    with patch.object(type(checked.child), "run_validation", side_effect=AssertionError):
        assert len(_error(checked, value)) == 1


def _error(field: Any, value: Any) -> list[Any]:
    with pytest.raises(serializers.ValidationError) as raised:
        field.run_validation(value)
    detail: Any = raised.value.detail
    return list(detail)


def test_list_with_many_wrong_items_names_only_some() -> None:
    field = ShortList(child=serializers.DictField(), max_length=1000)
    assert _error(field, [0] * 1000) == list(range(MAX_ITEM_ERRORS))
