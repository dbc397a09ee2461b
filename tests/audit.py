"""`make audit`: check the code by bandit's and semgrep's rules, list the dependencies, and compare them with known
vulnerabilities.

The list is written to test-results/sbom.json, in the format CycloneDX 1.5. Exits with status 1 if there is a finding,
and with 0 if there is none, or if semgrep's rules or no advisory source can be reached; then it says so. SEMGREP_RULES
names a folder with semgrep's rules for Django, where their registry can't be reached.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
SBOM, REQUIREMENTS = RESULTS / "sbom.json", RESULTS / "requirements.txt"
SEMGREP_RULES = "p/django"
# What semgrep's rules for Django may pass over: the rule, the files (none: all), and why.
PASSED = [
    ("template-blocktranslate-no-escape", (), "Django escapes the variables, and the translations are ours."),
    ("template-href-var", (), "The addresses are made by the server; nobody writes them."),
    ("django-no-csrf-token", (), "The rule sees no token behind a formaction; a test looks at every form."),
    ("direct-use-of-httpresponse", (), "Empty, JSON, text or plain files; pages are rendered from templates."),
    ("avoid-raw-sql", ("pantry/db/search.py",), "Full-text search of each database; values are parameters."),
    ("avoid-query-set-extra", ("pantry/db/search.py",), "As above."),
    ("extends-custom-expression", ("chat/unread.py",), "COUNT around a query of the ORM, without text from outside."),
    ("avoid-mark-safe", ("chat/templatetags/chat_text.py",), "Each part is escaped before it is joined."),
    (
        "no-csrf-exempt",
        ("pantry/api/errors.py",),
        "The answer to an unknown address below /api/, which changes nothing.",
    ),
    ("unvalidated-password", ("homes/accounts/",), "The serializer and forms validate; one hashes to take the time."),
    ("missing-throttle-config", ("pantry/settings.py",), "Our throttles are set by class; docs/limits.md names them."),
    ("open-redirect", ("pixie/views/home.py",), "url_has_allowed_host_and_scheme checks the address."),
    ("var-in-script-tag", ("templates/drf_spectacular/",), "Addresses of our own static files."),
]
PRODUCT = ["pantry", "homes", "groceries", "chat", "planner", "pixie", "sdk", "manage.py"]


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    path = Path(sys.executable).with_name(command[0])
    return subprocess.run([path, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 (our own words)


def check_code() -> bool:
    """Run bandit's rules, which ruff has as `S`. What they may pass over has its reason beside it."""
    result = run("ruff", "check", "--select", "S", "--ignore", "S101", *PRODUCT)  # S101: see pyproject.toml
    print("Code: " + ("bandit's rules find nothing." if result.returncode == 0 else result.stdout))
    return result.returncode == 0


def check_rules() -> bool:
    """Run semgrep's rules for Django, in an environment of its own."""
    scan = (
        "semgrep",
        "scan",
        "--metrics",
        "off",
        "--quiet",
        "--json",
        "--config",
        os.environ.get("SEMGREP_RULES", SEMGREP_RULES),
    )
    result = run("uvx", *scan, *PRODUCT, "templates")
    try:
        findings: list[dict[str, Any]] = json.loads(result.stdout)["results"]
    except ValueError:
        print(f"Rules for Django: NOT checked, semgrep or its rules can't be reached. {result.stderr.strip()[-300:]}")
        return True
    return report_findings(findings)


def report_findings(findings: list[dict[str, Any]]) -> bool:
    """Print the findings without a reason. Returns whether there are none."""
    unexplained = [finding for finding in findings if not _is_passed(finding["check_id"], finding["path"])]
    for finding in unexplained:
        print(f"  {finding['path']}:{finding['start']['line']} {finding['check_id'].rpartition('.')[2]}")
    print(f"Rules for Django: {len(unexplained)} findings, and {len(findings) - len(unexplained)} with their reasons.")
    return not unexplained


def _is_passed(check: str, path: str) -> bool:
    rule = check.rpartition(".")[2]
    return any(rule == passed and (not files or path.startswith(files)) for passed, files, _reason in PASSED)


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
    results = [check_code(), check_rules(), check_dependencies()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
