"""Serializer fields accept exactly what the schema describes."""

from decimal import Decimal
from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from groceries.api.fields import amount
from homes.events import offline
from homes.live import hooks as live_hooks
from pantry.api.fields import (
    Boolean,
    Date,
    DateTime,
    Email,
    Id,
    Integer,
    Line,
    QueryNumber,
    Secret,
    Text,
    currency,
    money,
)

UUID = "0199a1b2-0000-7000-8000-000000000042"

VALID = [
    (Line(20), " two  words ", "two words"),
    (Line(10, blank=True), "\u200b", ""),
    (Text(10), "a\nb", "a\nb"),
    (Secret(10, min_chars=2), "  ", "  "),
    (Email(), "nok@example.com", "nok@example.com"),
    (Email(blank=True), "", ""),
    (Integer(1, 9), 2.0, 2),
    (Boolean(), False, False),
    (amount(), "0.5", Decimal("0.5")),
    (amount(), 0.3333333, Decimal("0.333")),
    (money(), 0, Decimal(0)),
    (money(), "99999999.99", Decimal("99999999.99")),
    (QueryNumber(int, 0, 9), "9", 9),
    (QueryNumber(float, 0, 9), "0.5", 0.5),
]
INVALID = [
    (Line(10), 5), (Line(10), "x" * 11), (Line(10), "\u200b"), (Line(10), "a\0"), (Line(10), None), (Text(10), " \n"),
    (Line(10, blank=True), []), (Secret(10, min_chars=2), "x"), (Secret(10), "a\0b"), (Email(), " nok@example.com"),
    (Email(), 5), (Email(), ""), (Id(), UUID.replace("-", "")), (Id(), f"{{{UUID}}}"), (Id(), 5), (Boolean(), "true"),
    (Boolean(), 1), (Integer(1, 9), "2"), (Integer(1, 9), True), (Integer(1, 9), 1.5), (Integer(1, 9), 10),
    (Integer(1, 9), 1e300),
    (amount(), "1e2"), (amount(), " 1"), (amount(), "0.000"), (amount(), 0.0004), (amount(), 100_000), (amount(), True),
    (amount(), "๑"), (money(), "-1"), (money(), "1.999"), (money(), 1e300), (currency(), "THB\n"), (currency(), "thb"),
    (DateTime(), "2026-10-01"), (DateTime(), "2026-10-01T08:00:00"), (DateTime(), "2026-13-01T08:00:00Z"),
    (DateTime(), 5),
    (Date(), "20261001"), (Date(), "2026-W01-1"), (Date(), "2026-02-30"), (QueryNumber(int, 0, 9), "5.0"),
    (QueryNumber(int, 0, 9), "1_0"), (QueryNumber(int, 0), str(2**53 + 1)), (QueryNumber(float, 0, 9), "nan"),
    (QueryNumber(float, 0, 9), "inf"), (QueryNumber(int, 0, 9), "٣"), (QueryNumber(int, 0, 9), ""),
]  # fmt: skip


@pytest.mark.parametrize(("field", "data", "value"), VALID)
def test_valid_value_is_converted(field, data, value):
    assert field.run_validation(data) == value


@pytest.mark.parametrize(("field", "data"), INVALID)
def test_lookalike_value_is_rejected(field, data):
    with pytest.raises(ValidationError):
        field.run_validation(data)


# Ids in the commands of clients, which the schema does not show

COMMANDS: dict[str, Any] = {**live_hooks.commands, **offline.commands}
ID_FIELDS = [
    (command, name)
    for command, entry in COMMANDS.items()
    for name, field in entry.serializer().fields.items()
    if isinstance(field, Id | serializers.UUIDField)
]


@pytest.mark.parametrize("command, name", ID_FIELDS)
@pytest.mark.parametrize(
    "value", [0, 2**64, True, [], {}, "", UUID.replace("-", ""), f"urn:uuid:{UUID}", f"{{{UUID}}}"]
)
def test_ids_of_commands_are_uuids_with_dashes(command, name, value):
    field = COMMANDS[command].serializer().fields[name]
    with pytest.raises(ValidationError, match="This must be a UUID"):
        field.run_validation(value)
    assert str(field.run_validation(UUID)) == UUID


@pytest.mark.parametrize("field", [Text(80), Text(80, blank=True), Line(80), Secret(200)])
def test_nul_is_refused_by_its_name(field):
    with pytest.raises(ValidationError, match="NUL"):
        field.run_validation("a\0b" * 4)
