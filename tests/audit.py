"""`make audit`: check the code by bandit's rules, list the dependencies, and compare them with known vulnerabilities.

The list is written to test-results/sbom.json, in the format CycloneDX 1.5. Exits with status 1 if there is a finding,
and with 0 if there is none, or if no advisory source can be reached; then it says so.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
SBOM, REQUIREMENTS = RESULTS / "sbom.json", RESULTS / "requirements.txt"
PRODUCT = ["pantry", "homes", "groceries", "chat", "pixie", "sdk", "manage.py"]


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    path = Path(sys.executable).with_name(command[0])
    return subprocess.run([path, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 (our own words)


def check_code() -> bool:
    """Run bandit's rules, which ruff has as `S`. What they may pass over has its reason beside it."""
    result = run("ruff", "check", "--select", "S", "--ignore", "S101", *PRODUCT)  # S101: see pyproject.toml
    print("Code: " + ("bandit's rules find nothing." if result.returncode == 0 else result.stdout))
    return result.returncode == 0


def export(file_format: str, path: Path, *options: str) -> None:
    result = run("uv", "export", "--frozen", "--no-dev", "--quiet", "--format", file_format, "-o", str(path), *options)
    if result.returncode:
        sys.exit(result.stderr)


def check_dependencies() -> bool:
    export("cyclonedx1.5", SBOM)
    export("requirements.txt", REQUIREMENTS, "--no-emit-workspace")
    count = len(json.loads(SBOM.read_text())["components"])
    print(f"Dependencies: {count}, listed in {SBOM.relative_to(ROOT)}.")
    result = run("pip-audit", "--requirement", str(REQUIREMENTS), "--disable-pip", "--format", "json")
    try:
        dependencies: list[dict[str, Any]] = json.loads(result.stdout)["dependencies"]
    except ValueError:
        print(f"Vulnerabilities: NOT compared, no advisory source can be reached. {result.stderr.strip()[-300:]}")
        return True
    return report(dependencies)


def report(dependencies: list[dict[str, Any]]) -> bool:
    """Print what pip-audit says of each dependency. Returns whether none has a known vulnerability."""
    skipped = [dependency["name"] for dependency in dependencies if "skip_reason" in dependency]
    vulnerable = [dependency for dependency in dependencies if dependency.get("vulns")]
    for dependency in vulnerable:
        for finding in dependency["vulns"]:
            mended = ", ".join(finding["fix_versions"]) or "no version"
            print(f"  {dependency['name']} {dependency['version']}: {finding['id']}, mended in {mended}")
    if len(skipped) == len(dependencies):
        print("Vulnerabilities: NOT compared, no advisory source can be reached. Compare the list where one can.")
    else:
        compared = f"{len(dependencies) - len(skipped)} of {len(dependencies)} dependencies compared"
        print(f"Vulnerabilities: {len(vulnerable)} found, {compared}. " + f"Not compared: {skipped}." * bool(skipped))
    return not vulnerable


def main() -> int:
    RESULTS.mkdir(exist_ok=True)
    results = [check_code(), check_dependencies()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
