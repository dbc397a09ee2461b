from uuid import UUID, uuid4

import pytest

from groceries.actions import create_category, order_categories
from groceries.models import Category
from homes.events.undo import undo_operation
from pantry.errors import ActionError
from tests.api.client import ApiClient
from tests.factories import by
from tests.limits import limit

OPERATION = UUID("01900000-0000-7000-8000-000000000001")


def ids(member):
    return list(Category.objects.filter(home=member.home).values_list("pk", flat=True))


def test_order_is_set_and_undone_as_one(nok):
    before = ids(nok)
    ordered = order_categories(before[::-1], by=by(nok, op_id=OPERATION))
    assert [each.pk for each in ordered] == ids(nok) == before[::-1]
    assert undo_operation(OPERATION, by=by(nok))
    assert ids(nok) == before


def test_setting_the_same_order_changes_nothing(nok, events):
    order_categories(ids(nok), by=by(nok))
    assert events(nok.home) == []


def test_order_without_all_aisles_is_refused_with_the_missing_ones(nok):
    create_category("Frozen", by=by(nok))
    before = ids(nok)
    with pytest.raises(ActionError, match="These are missing: Other, Frozen"):
        order_categories(before[:-2], by=by(nok))
    with pytest.raises(ActionError, match="each aisle once"):
        order_categories([*before, before[0]], by=by(nok))
    assert ids(nok) == before


def test_order_with_foreign_aisles_is_refused(nok, mai):
    for foreign in (ids(mai)[0], uuid4()):
        with pytest.raises(ActionError, match="1 of these is not an aisle"):
            order_categories([*ids(nok), foreign], by=by(nok))


def test_api_sets_the_order(nok):
    before = [str(pk) for pk in ids(nok)]
    answer = ApiClient(nok).post("categories/order", {"ids": before[::-1]})
    assert (answer.status_code, [row["id"] for row in answer.json()["results"]]) == (200, before[::-1])
    assert ApiClient(nok).post("categories/order", {"ids": before[1:]}).status_code == 400
    many = [str(uuid4()) for _ in range(limit("Aisles of a home") + 1)]
    assert "ids" in ApiClient(nok).post("categories/order", {"ids": many}).json()["error"]["fields"]
