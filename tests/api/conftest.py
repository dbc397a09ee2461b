from collections.abc import Callable

import pytest

from tests.api.client import ApiClient


@pytest.fixture
def api_client(db: None) -> Callable[..., ApiClient]:
    """`api_client(nok)` is an API client signed in as Nok; `api_client()` is an anonymous one."""
    return ApiClient
