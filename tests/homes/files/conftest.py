from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage

from groceries.actions import create_expense
from groceries.models import Expense
from homes.files.actions import add_file
from homes.files.models import StoredFile
from tests.factories import by
from tests.pictures import picture


@pytest.fixture(autouse=True)
def storage(monkeypatch: pytest.MonkeyPatch) -> InMemoryStorage:
    """An empty storage for each test."""
    storage = StoredFile._meta.get_field("content").storage
    assert isinstance(storage, InMemoryStorage)
    monkeypatch.setattr("homes.files.deletion.file_storage", lambda: storage)  # a test may have reset the settings
    for folder in storage.listdir("")[0]:
        for name in storage.listdir(folder)[1]:
            storage.delete(f"{folder}/{name}")
    return storage


@pytest.fixture
def stored(storage: InMemoryStorage) -> Callable[[Any], set[str]]:
    """`stored(home)`: the names of what is stored of the home."""

    def names(home: Any) -> set[str]:
        return set(storage.listdir(str(home.pk))[1]) if storage.exists(str(home.pk)) else set()

    return names


@pytest.fixture
def pizza(nok: Any) -> Expense:
    return create_expense("Pizza", Decimal(450), by=by(nok))


@pytest.fixture
def photo(nok: Any, milk: Any) -> StoredFile:
    return add_file("entry", milk, "milk.jpg", picture(), by=by(nok))
