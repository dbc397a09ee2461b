"""Two web processes, and what a test killed is up again after it."""

from collections.abc import Iterator

import pytest

from tests.site import Site
from tests.site import site as served_site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served_site(tmp_path_factory.mktemp("site"), ("serve",), ("serve",)) as running:
        yield running


@pytest.fixture(autouse=True)
def up_again(site: Site) -> Iterator[None]:
    yield
    site.start()
