"""A running server conforms to its schema: Schemathesis tests every operation."""

import json

import pytest

from tests.contract.explorer import explore

EXAMPLES = 3  # of each operation, besides those in the schema and those at the limits of the constraints


@pytest.mark.parametrize(
    ("phases", "invalid_every", "max_never_accepted"),
    [
        pytest.param("examples,coverage,fuzzing,stateful", 1, 0.1, marks=pytest.mark.slow, id="all"),
        pytest.param("examples,coverage,fuzzing", 24, 0.2, id="sample"),  # without links, it knows few ids
    ],
)
def test_schemathesis_finds_no_failures(server, tmp_path, phases, invalid_every, max_never_accepted):
    options = ["--max-examples", str(EXAMPLES), "--generation-deterministic", "--phases", phases]
    result = explore(server, tmp_path, *options, invalid_every=invalid_every)
    assert result.returncode == 0, result.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["operations"]["tested"] == report["operations"]["total"]
    rates = report["valid_rates"]
    never_accepted = {name for name, phases in rates.items() if not any(phase["accepted"] for phase in phases.values())}
    assert len(never_accepted) < len(rates) * max_never_accepted, (
        f"too many operations accepted no request: {never_accepted}"
    )
