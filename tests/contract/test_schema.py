"""What the schema promises, the running server keeps: Schemathesis tries every operation."""

import json

from tests.contract.explorer import explore

EXAMPLES = 3  # of each operation, besides the schema's own and those at the edges of what it allows


def test_nothing_is_found(server, tmp_path):
    done = explore(server, tmp_path, "--max-examples", str(EXAMPLES), "--generation-deterministic")
    assert done.returncode == 0, done.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["operations"]["tested"] == report["operations"]["total"]
    rates = report["valid_rates"]
    never = {name for name, phases in rates.items() if not any(each["accepted"] for each in phases.values())}
    assert len(never) < len(rates) / 10, f"it is the refusals that were tried, and not what lies behind: {never}"
