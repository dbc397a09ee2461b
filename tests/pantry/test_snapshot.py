"""Reading many tables as they are at one moment."""

from threading import Thread

import pytest
from django.db import connection

from groceries.actions import create_list
from groceries.models import GroceryList
from pantry.db import consistent_reads
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.mark.django_db(transaction=True)
def test_what_others_write_is_not_seen_until_the_end(nok):
    def write():
        create_list("Party", by=by(nok))
        connection.close()

    before = GroceryList.objects.count()
    with consistent_reads():
        assert GroceryList.objects.count() == before
        thread = Thread(target=write)
        thread.start()
        thread.join()
        assert GroceryList.objects.count() == before
    assert GroceryList.objects.count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_transaction_ends_with_an_error(nok):
    with pytest.raises(ValueError, match="x"), consistent_reads():
        raise ValueError("x")
    create_list("Party", by=by(nok))
