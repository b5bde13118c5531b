import pytest

from monitr.settings import Settings, SettingsError


def test_webhooks_leave_by_port_443_and_never_to_this_machine_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MONITR_WEBHOOKS_PORTS", "MONITR_WEBHOOKS_ALLOW_LOOPBACK"):
        monkeypatch.delenv(name, raising=False)
    default = Settings.load()
    monkeypatch.setenv("MONITR_WEBHOOKS_PORTS", "443, 8443")
    monkeypatch.setenv("MONITR_WEBHOOKS_ALLOW_LOOPBACK", "on")
    changed = Settings.load()

    assert (default.webhooks_ports, default.webhooks_allow_loopback) == (frozenset({443}), False)
    assert (changed.webhooks_ports, changed.webhooks_allow_loopback) == (frozenset({443, 8443}), True)


@pytest.mark.parametrize("ports", ["https", "0", "70000", "443;8443", "-1"])
def test_what_is_no_port_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, ports: str) -> None:
    monkeypatch.setenv("MONITR_WEBHOOKS_PORTS", ports)
    with pytest.raises(SettingsError, match="MONITR_WEBHOOKS_PORTS must be one or more ports"):
        Settings.load()
