from datetime import date, time

import pytest

from homes.search import search_home
from planner.actions import change_task, create_event, create_task
from tests.api.client import ApiClient
from tests.factories import by

pytestmark = pytest.mark.both_databases


def results(member, text, *kinds):
    return [(result.kind, result.excerpt) for result in search_home(member, text, kinds)]


@pytest.fixture
def planned(nok):
    create_task("Water the plants", by=by(nok), notes="The Ficus, too", project="balcony")
    create_event(
        "Élodie’s Birthday",
        by=by(nok),
        starts_on=date(2026, 3, 14),
        start_time=time(19),
        end_time=time(22),
        place="Café Ö",
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("plants", "task"), ("PLANT", "task"), ("ficus", "task"), ("balcony", "task"), ("elodie", "event"),
        ("ÉLODIE", "event"), ("birthday", "event"), ("café", "event"),
    ],
)  # fmt: skip
def test_tasks_and_events_are_found(nok, planned, text, kind):
    assert [each for each, _text in results(nok, text)] == [kind]


def test_renamed_task_is_found_by_its_new_name(nok):
    task = create_task("Sweep", by=by(nok))
    change_task(task, by=by(nok), title="Mop the ÄTTIC")
    assert results(nok, "sweep") == []
    assert results(nok, "ättic", "task") == [("task", "Mop the ÄTTIC")]
    assert results(nok, "ättic", "event") == []


def test_other_homes_find_nothing(mai, planned):
    assert results(mai, "plants") == results(mai, "birthday") == []


def test_api_finds_events_with_their_time(nok, planned):
    row = ApiClient(nok).get(f"/homes/{nok.home_id}/search?q=birthday&kind=event").json()["results"][0]
    assert (row["kind"], row["where"], row["at"][:10]) == ("event", "Café Ö", "2026-03-14")
