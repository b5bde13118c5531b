"""The licences of everything in requirements-dev.lock that is installed here: ``make licences`` lists them.

A licence is what a package says of itself: its SPDX expression (PEP 639), else its classifiers, else a short text.
"""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements-dev.lock"

ALLOWED = frozenset(
    {"0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CNRI-Python", "ISC", "MIT", "MIT-0", "PSF-2.0"}
    | {"Unlicense", "Zlib"}
    | {"LGPL-3.0", "MPL-2.0"}  # used as they come, not changed, not linked into a binary of ours
)
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0",
    "ISC License (ISCL)": "ISC",
    "LGPL-3.0-only": "LGPL-3.0",
    "LGPL-3.0-or-later": "LGPL-3.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}


def locked() -> Iterator[Distribution]:
    for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", LOCK.read_text()):
        try:
            yield distribution(name)
        except PackageNotFoundError:  # for another system or version of Python
            continue


def licence_of(package: Distribution) -> str:
    """An SPDX expression, as far as the package lets itself be read."""
    said = package.metadata
    if "License-Expression" in said:
        return said["License-Expression"]
    classifiers = [each.rsplit(" :: ", 1)[1] for each in said.get_all("Classifier") or () if "License ::" in each]
    named = [str(SPDX.get(each, each)) for each in classifiers if each != "OSI Approved"]
    text = " ".join(str(each) for each in said.get_all("License") or ()).strip().partition("\n")[0] or "nothing"
    return " OR ".join(named) or SPDX.get(text, text)


def is_allowed(expression: str) -> bool:
    """One alternative of which all parts are allowed. SPDX expressions with parentheses are read from the outside."""
    expression = expression.replace("(", " ").replace(")", " ")
    alternatives = [re.split(r"\s+AND\s+", each.strip()) for each in re.split(r"\s+OR\s+", expression)]
    return any(all(SPDX.get(part.strip(), part.strip()) in ALLOWED for part in parts) for parts in alternatives)


def main() -> None:
    for package in sorted(locked(), key=lambda each: each.name.lower()):
        licence = licence_of(package)
        print(f"{package.name:36} {package.version:14} {licence}{'' if is_allowed(licence) else '   NOT ALLOWED'}")


if __name__ == "__main__":
    main()
