from collections.abc import Callable

import pytest

from tests.api.client import Program


@pytest.fixture
def program(db: None) -> Callable[..., Program]:
    """`program(nok)` is an API client signed in as Nok; `program()` is an anonymous one."""
    return Program
