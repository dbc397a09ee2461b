"""A cluster of two web processes. Processes that a test stopped are restarted after it."""

from collections.abc import Iterator

import pytest

from tests.cluster import Cluster
from tests.cluster import cluster as start_cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with start_cluster(tmp_path_factory.mktemp("cluster"), ("serve",), ("serve",)) as running:
        yield running


@pytest.fixture(autouse=True)
def restart_cluster(cluster: Cluster) -> Iterator[None]:
    yield
    cluster.start()
