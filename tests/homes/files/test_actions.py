"""Attaching files to rows, removing them, and what is kept of them for how long."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from groceries.actions import end_shopping, remove_expense, start_shopping
from groceries.models import Trip
from homes.closing import erase_home
from homes.events.models import Event
from homes.events.undo import undo_event, undo_operation
from homes.files.actions import add_file, remove_file
from homes.files.deletion import delete_old_files
from homes.files.models import StoredFile
from homes.models import Home
from pantry.errors import ActionError, Gone, RateLimited
from tests.factories import by, run_concurrently
from tests.limits import limit
from tests.pictures import PDF, picture

IN_A_MONTH = timedelta(days=31)


@pytest.fixture
def add(nok, pizza):
    """`add(colour)`: attach another receipt to the expense."""
    return lambda colour, **actor: add_file("expense", pizza, "r.jpg", picture(colour=colour), by=by(nok, **actor))


def last_event(home):
    return Event.objects.filter(home=home).latest("seq")


def current(home):
    return [file.pk for file in StoredFile.objects.filter(home=home).attached().order_by("created_at")]


def test_file_is_described_in_the_log_without_its_contents(nok, milk, photo, stored):
    event = last_event(nok.home)
    assert event.type == "file_added" and event.subject_id == photo.pk
    data = event.data["file"]
    assert (data["kind"], data["target_id"], data["name"]) == ("entry", str(milk.pk), "milk.jpg")
    assert (data["media_type"], data["size"], data["width"]) == ("image/jpeg", photo.size, 64)
    assert stored(nok.home) == {f"{photo.pk}.jpg", f"{photo.pk}-thumbnail.webp"}


def test_name_is_cleaned_and_kept_for_display_only(nok, milk):
    file = add_file("entry", milk, " ../../milk\0 \n.HTML ", picture("PNG"), by=by(nok))
    assert file.name == "../../milk .HTML"
    assert file.content.name == f"{nok.home_id}/{file.pk}.webp"
    assert file.download_name == "milk.webp"
    assert add_file("entry", milk, "", picture("GIF", colour="red"), by=by(nok)).name == "File"
    with pytest.raises(ActionError):
        add_file("entry", milk, "x" * (limit("Name of a file") + 1), picture(), by=by(nok))


def test_same_file_is_attached_once(nok, pizza, add, events, stored):
    files = {add("red").pk, add("red").pk, add("red", op_id=uuid4()).pk}
    assert len(files) == 1
    assert events(nok.home) == ["file_added"]
    assert len(stored(nok.home)) == 2


def test_repeated_operation_returns_its_file(nok, add, events):
    op_id = uuid4()
    assert add("red", op_id=op_id).pk == add("blue", op_id=op_id).pk
    assert events(nok.home) == ["file_added"]


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_the_same_time_attach_one_file(nok, pizza, add, stored):
    one, other = run_concurrently(*[partial(add, "red")] * 2)
    assert one.pk == other.pk
    assert len(stored(nok.home)) == 2


def test_new_picture_of_an_entry_replaces_the_old_one_and_undo_brings_it_back(nok, milk, photo, events):
    op_id = uuid4()
    new = add_file("entry", milk, "new.jpg", picture(colour="blue"), by=by(nok, op_id=op_id))
    assert events(nok.home) == ["file_removed", "file_added"]
    assert current(nok.home) == [new.pk]
    assert limit("Picture of an entry") == photo.attachable.max_files
    undo_operation(op_id, by=by(nok))
    assert current(nok.home) == [photo.pk]


def test_expense_has_as_many_receipts_as_allowed(nok, pizza, add, stored):
    most = limit("Receipts of an expense or a shopping trip")
    for number in range(most):
        add((20 * number, 0, 0))
    with pytest.raises(ActionError, match="There can be 10 files here"):
        add("blue")
    remove_file(StoredFile.objects.first(), by=by(nok))
    removal = last_event(nok.home)
    add("blue")
    with pytest.raises(ActionError, match="There can be 10 files here"):
        undo_event(removal, by=by(nok))
    assert len(stored(nok.home)) == 2 * (most + 1)


def test_entry_takes_no_pdf_and_an_expense_does(nok, milk, pizza, stored):
    assert add_file("expense", pizza, "bill.pdf", PDF, by=by(nok)).media_type == "application/pdf"
    with pytest.raises(ActionError):
        add_file("entry", milk, "bill.pdf", PDF, by=by(nok))
    assert len(stored(nok.home)) == 1


def test_trip_takes_receipts_when_it_has_ended(nok, weekly):
    start_shopping(weekly, by=by(nok))
    trip = Trip.objects.get()
    with pytest.raises(ActionError, match="hasn't ended"):
        add_file("trip", trip, "r.jpg", picture(), by=by(nok))
    end_shopping(weekly, by=by(nok))
    assert add_file("trip", trip, "r.jpg", picture(), by=by(nok)).target_id == trip.pk


def test_nothing_is_stored_for_a_row_that_is_gone_or_of_another_home(nok, mai, pizza, add, stored):
    with pytest.raises(Gone):
        add_file("expense", pizza, "r.jpg", picture(), by=by(mai))
    remove_expense(pizza, by=by(nok))
    with pytest.raises(Gone):
        add("red")
    assert stored(nok.home) == stored(mai.home) == set()


def test_removing_is_idempotent_and_undone(nok, milk, photo, events, stored):
    remove_file(photo, by=by(nok))
    remove_file(photo, by=by(nok))
    assert events(nok.home) == ["file_removed"]
    assert current(nok.home) == []
    assert len(stored(nok.home)) == 2
    undo_event(last_event(nok.home), by=by(nok))
    assert events(nok.home) == ["file_removed", "file_added"]
    assert current(nok.home) == [photo.pk]


def test_removal_is_not_undone_over_another_picture(nok, milk, photo):
    remove_file(photo, by=by(nok))
    removal = last_event(nok.home)
    new = add_file("entry", milk, "new.jpg", picture(colour="blue"), by=by(nok))
    with pytest.raises(ActionError, match="another picture"):
        undo_event(removal, by=by(nok))
    assert current(nok.home) == [new.pk]


def test_member_of_another_home_removes_nothing(nok, mai, photo):
    remove_file(photo, by=by(mai))
    assert current(nok.home) == [photo.pk]


def test_files_of_a_home_are_limited_and_removed_ones_make_room(
    nok, mai, pizza, add, stored, monkeypatch, django_capture_on_commit_callbacks
):
    assert limit("Pictures and PDFs of a home, together") == settings.FILES_HOME_BYTES
    red, blue = add("red"), add("blue")
    monkeypatch.setattr(settings, "FILES_HOME_BYTES", red.size + blue.size + 50)
    with pytest.raises(ActionError, match="MB together"):
        add("green")
    remove_file(red, by=by(nok))
    removal = last_event(nok.home)
    with django_capture_on_commit_callbacks(execute=True):
        add("green")
    assert not any(str(red.pk) in name for name in stored(nok.home))
    with pytest.raises(ActionError, match="no longer exists"):
        undo_event(removal, by=by(nok))


def test_too_many_changes_are_refused_before_the_picture_is_read(nok, milk, settings, clock, monkeypatch):
    settings.API_RATES = {"changes": "1/m/user"}
    add_file("entry", milk, "a.jpg", picture(), by=by(nok, address="192.0.2.1"))
    monkeypatch.setattr("homes.files.actions.check_file", None)
    with pytest.raises(RateLimited):
        add_file("entry", milk, "b.jpg", picture(colour="blue"), by=by(nok, address="192.0.2.1"))


# What is deleted, and when


@pytest.fixture
def sweep(django_capture_on_commit_callbacks):
    def run(after=timedelta(0)):
        with django_capture_on_commit_callbacks(execute=True):
            delete_old_files(timezone.now() + after)

    return run


def test_removed_file_is_deleted_after_a_month(nok, photo, stored, sweep):
    remove_file(photo, by=by(nok))
    sweep(timedelta(days=29))
    assert len(stored(nok.home)) == 2
    sweep(IN_A_MONTH)
    assert stored(nok.home) == set()
    assert not StoredFile.objects.exists()
    with pytest.raises(ActionError, match="no longer exists"):
        undo_event(last_event(nok.home), by=by(nok))


def test_attached_file_stays(nok, photo, stored, sweep):
    sweep(10 * IN_A_MONTH)
    assert len(stored(nok.home)) == 2


def test_files_of_a_removed_expense_come_back_with_it(nok, pizza, add, sweep):
    receipt = add("red")
    remove_expense(pizza, by=by(nok))
    removal = last_event(nok.home)
    assert list(StoredFile.objects.visible_to(nok)) == []
    sweep()
    undo_event(removal, by=by(nok))
    assert list(StoredFile.objects.visible_to(nok)) == [receipt]
    sweep(IN_A_MONTH)
    sweep(2 * IN_A_MONTH)
    assert current(nok.home) == [receipt.pk]


def test_files_of_a_removed_expense_are_deleted_after_a_month(nok, pizza, add, stored, sweep):
    add("red")
    remove_expense(pizza, by=by(nok))
    sweep()
    sweep(timedelta(days=29))
    assert len(stored(nok.home)) == 2
    sweep(IN_A_MONTH)
    assert stored(nok.home) == set()


def test_what_no_row_has_is_deleted(nok, photo, storage, stored, sweep):
    storage.save(f"{nok.home_id}/of-a-dead-process.jpg", ContentFile(b"x"))
    storage.save(f"{uuid4()}/of-a-dead-home.jpg", ContentFile(b"x"))
    sweep()
    assert len(stored(nok.home)) == 3
    sweep(IN_A_MONTH)
    assert stored(nok.home) == {f"{photo.pk}.jpg", f"{photo.pk}-thumbnail.webp"}
    assert [name for name in storage.listdir("")[0] if storage.listdir(name)[1]] == [str(nok.home_id)]


def test_contents_go_with_the_home(nok, mai, photo, stored, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        erase_home(nok.home)
    assert not Home.objects.filter(pk=nok.home_id).exists()
    assert not StoredFile.objects.exists()
    assert stored(nok.home) == set()
