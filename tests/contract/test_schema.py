"""A running server conforms to its schema: Schemathesis tests every operation."""

import json

from tests.contract.explorer import explore

EXAMPLES = 3  # of each operation, besides those in the schema and those at the limits of the constraints


def test_schemathesis_finds_no_failures(server, tmp_path):
    result = explore(server, tmp_path, "--max-examples", str(EXAMPLES), "--generation-deterministic")
    assert result.returncode == 0, result.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["operations"]["tested"] == report["operations"]["total"]
    rates = report["valid_rates"]
    never_accepted = {name for name, phases in rates.items() if not any(phase["accepted"] for phase in phases.values())}
    assert len(never_accepted) < len(rates) / 10, f"too many operations accepted no request: {never_accepted}"
