"""``make audit``: what is known against the packages of requirements-dev.lock, by pip-audit, in words that say it.

pip-audit says "No known vulnerabilities found", and succeeds, where the service knew none of the packages it was asked
about or did not answer. Here that is a failure of the audit.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements-dev.lock"
CLEAN, FOUND, NOT_ASKED = 0, 1, 2


def report(dependencies: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """What to say, and the exit code. ``dependencies``: as in pip-audit's JSON."""
    unknown = [each["name"] for each in dependencies if "skip_reason" in each]
    found = [
        f"{each['name']} {each['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'no version yet'}"
        for each in dependencies
        for one in each.get("vulns", ())
    ]
    lines = [*found, f"{len(found)} known vulnerabilities in {len(dependencies) - len(unknown)} packages."]
    if unknown or not dependencies:
        some = f" ({', '.join(unknown[:5])}{', …' if len(unknown) > 5 else ''})" if unknown else ""
        lines.append(f"The advisory service gave no answer for {len(unknown)} packages{some}: nothing is known.")
        return "\n".join(lines), FOUND if found else NOT_ASKED
    return "\n".join(lines), FOUND if found else CLEAN


def main() -> int:
    arguments = ["-r", str(LOCK), "--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run([sys.executable, "-m", "pip_audit", *arguments], capture_output=True, text=True)
    try:
        dependencies = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"The advisory service did not answer: nothing is known of any package. pip-audit ended with: {reason}")
        return NOT_ASKED
    text, code = report(dependencies)
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
