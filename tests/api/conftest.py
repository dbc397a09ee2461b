from collections.abc import Callable

import pytest

from tests.api.client import Program


@pytest.fixture
def program(db: None) -> Callable[..., Program]:
    """`program(nok)`: a program that Nok signed in; `program()`: one that nobody did."""
    return Program
