"""The system user of the embedded server, which two processes may make at once on a fresh machine."""

import os
import pwd
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from monitr.adapters.sql.database import embedded
from monitr.adapters.sql.database.embedded import EmbeddedServerFailed, _Cluster, _server_account


class Machine:
    """Its users, and a ``useradd`` that is refused while somebody else makes the same one: it is there later."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, there_after: int) -> None:
        self.looked_up, self.there_after = 0, there_after
        monkeypatch.setattr(pwd, "getpwnam", self.getpwnam)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 9))
        monkeypatch.setattr(time, "sleep", lambda seconds: None)

    def getpwnam(self, name: str) -> SimpleNamespace:
        self.looked_up += 1
        if self.looked_up <= self.there_after:
            raise KeyError(name)
        return SimpleNamespace(pw_uid=999, pw_gid=998)


@pytest.mark.parametrize("there_after", [0, 1, 3])
def test_an_account_that_another_process_makes_meanwhile_is_found(
    monkeypatch: pytest.MonkeyPatch, there_after: int
) -> None:
    Machine(monkeypatch, there_after=there_after)

    assert _server_account().pw_uid == 999


def test_an_account_that_cannot_be_made_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    Machine(monkeypatch, there_after=1000)

    with pytest.raises(EmbeddedServerFailed, match="pgserver could not be made"):
        _server_account()


class ClusterWithoutUser(_Cluster):
    """initdb does not know the user of the first lookup, whose group is 1."""

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        known = self.account is not None and self.account.pw_gid != 1
        errors = "" if known else "initdb: error: could not look up effective user ID 999: user does not exist"
        return subprocess.CompletedProcess([program], 0 if known else 1, "", errors)


@pytest.mark.parametrize("groups", [(1, 2), (1, 1)])
def test_a_set_up_whose_account_has_another_number_by_now_is_tried_once_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, groups: tuple[int, int]
) -> None:
    accounts = iter([SimpleNamespace(pw_uid=os.geteuid(), pw_gid=group) for group in groups])
    monkeypatch.setattr(embedded, "_programs", lambda: tmp_path)
    monkeypatch.setattr(embedded, "_server_account", lambda: next(accounts))
    monkeypatch.setattr(embedded, "_let_through", lambda folders: None)
    monkeypatch.setattr(os, "chown", lambda *_, **__: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    cluster = ClusterWithoutUser(tmp_path / "postgres", {})
    cluster._prepare_folders()

    if groups == (1, 2):
        cluster._initialise()
        assert [folder.name for folder in tmp_path.iterdir()] == ["postgres"]
    else:
        with pytest.raises(EmbeddedServerFailed, match="could not look up effective user ID"):
            cluster._initialise()
