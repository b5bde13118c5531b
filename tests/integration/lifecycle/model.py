"""What the states have to be: a small reference model, written without looking at how Monitr keeps them.

Instants are days. A login's dossiers, and what Octopus does with them, are part of the model.
"""

from dataclasses import dataclass, field

LIFE, RETENTION, BEFOREHAND = 60.0, 30.0, 30.0
"""Days: of a refresh token, of removed administrations, and how long before its end a token is used."""


@dataclass
class ModelIntegration:
    login: str
    consented: float
    status: str = "CONFIGURED"


@dataclass
class ModelAdministration:
    dossier: int
    integration: str
    status: str = "ACTIVE"
    purge_after: float = 0.0

    @property
    def is_alive(self) -> bool:
        return self.status != "DELETED"


@dataclass
class Model:
    """Integrations and administrations by names of the model's own; a purged administration is no more in it."""

    now: float = 0.0
    sees: dict[str, set[int]] = field(
        default_factory=lambda: {"demo": {49001, 49002, 49003, 49900}, "other": {49002, 49501}}
    )
    disabled: set[int] = field(default_factory=lambda: {49900})
    gone: set[int] = field(default_factory=set)
    revoked: dict[str, float] = field(default_factory=dict)
    integrations: dict[str, ModelIntegration] = field(default_factory=dict)
    administrations: dict[str, ModelAdministration] = field(default_factory=dict)

    # --- Octopus ----------------------------------------------------------------------------------------------------

    def lists(self, login: str) -> set[int]:
        return self.sees[login] - self.gone

    def opens(self, login: str, dossier: int) -> str:
        """The state of an administration whose dossier is connected to by that login."""
        if dossier in self.gone:
            return "NOT_FOUND"
        return "ACTIVE" if dossier in self.sees[login] - self.disabled else "ACCESS_LOST"

    def token_works(self, name: str) -> bool:
        """Uses it: one that Octopus refuses makes the integration RECONNECT_REQUIRED."""
        it = self.integrations[name]
        if it.status != "CONFIGURED":
            return False
        if self.revoked.get(it.login, -1.0) < it.consented and self.now < it.consented + LIFE:
            return True
        it.status = "RECONNECT_REQUIRED"
        return False

    # --- users ------------------------------------------------------------------------------------------------------

    def connect(self, name: str, login: str) -> None:
        self.integrations[name] = ModelIntegration(login, self.now)

    def select(self, name: str, dossier: int, new_name: str) -> str:
        """The administration's name, or the code of the problem."""
        it = self.integrations[name]
        if it.status == "DELETED":
            return "UNKNOWN_INTEGRATION"
        if not self.token_works(name):
            return "RECONNECT_REQUIRED"
        known, removed = self._of(dossier)
        if dossier not in self.lists(it.login):
            return "DOSSIER_NOT_SELECTABLE"
        if known and self.administrations[known].integration == name:
            return known
        if self.opens(it.login, dossier) != "ACTIVE":
            return "DOSSIER_NOT_SELECTABLE"
        chosen = known or removed or new_name
        former = self.administrations.get(chosen)
        self.administrations[chosen] = ModelAdministration(dossier, name)
        if former is not None:
            self._leave(former.integration)
        return chosen

    def _of(self, dossier: int) -> tuple[str | None, str | None]:
        """The live one, and the restorable one that was removed last."""
        mine = [(name, it) for name, it in self.administrations.items() if it.dossier == dossier]
        live = [name for name, it in mine if it.is_alive]
        dead = sorted((it.purge_after, name) for name, it in mine if not it.is_alive)
        restorable = [name for after, name in dead[-1:] if after > self.now]
        return (live[0] if live else None), (restorable[0] if restorable else None)

    def _leave(self, name: str) -> None:
        it = self.integrations[name]
        if it.status == "RECONNECT_REQUIRED" and not self.live(name):
            it.status = "DELETED"

    def live(self, name: str) -> list[ModelAdministration]:
        return [it for it in self.administrations.values() if it.integration == name and it.is_alive]

    def remove(self, name: str, *, purge: bool) -> bool:
        it = self.administrations.get(name)
        if it is None or not (it.is_alive or purge):
            return False
        deadline = self.now + (0 if purge else RETENTION)
        it.purge_after = deadline if it.is_alive else min(it.purge_after, deadline)
        it.status = "DELETED"
        self._leave(it.integration)
        return True

    def delete(self, name: str) -> bool:
        if self.integrations[name].status == "DELETED":
            return False
        for it in self.live(name):
            it.status, it.purge_after = "DELETED", self.now + RETENTION
        self.integrations[name].status = "DELETED"
        return True

    def reconnect(self, name: str, login: str, *, accept: bool) -> str:
        it = self.integrations[name]
        if it.status == "DELETED":
            return "UNKNOWN_INTEGRATION"
        live = self.live(name)
        if live and not accept and all(self.opens(login, each.dossier) != "ACTIVE" for each in live):
            return "different_account"
        self.integrations[name] = ModelIntegration(login, self.now)
        for each in live:
            each.status = self.opens(login, each.dossier)
        return "connected"

    def sync(self, name: str) -> str:
        """How the run ends, or the code of the refusal."""
        it = self.administrations.get(name)
        if it is None or not it.is_alive:
            return "UNKNOWN_ADMINISTRATION"
        if self.integrations[it.integration].status != "CONFIGURED":
            return "RECONNECT_REQUIRED"
        if not self.token_works(it.integration):
            return "FAILED"
        it.status = self.opens(self.integrations[it.integration].login, it.dossier)
        return "SUCCEEDED" if it.status == "ACTIVE" else "FAILED"

    # --- the scheduler's chores ---------------------------------------------------------------------------------------

    def tend(self) -> None:
        """All of them: idle tokens are used, abandoned integrations go, lost dossiers are tried, and the purge."""
        for name, link in self.integrations.items():
            if link.status == "CONFIGURED" and link.consented + LIFE < self.now + BEFOREHAND:
                self.token_works(name)
        for it in self.administrations.values():
            owner = self.integrations[it.integration]
            if it.status in ("NOT_FOUND", "ACCESS_LOST") and self.token_works(it.integration):
                it.status = self.opens(owner.login, it.dossier)
        for name in self.integrations:
            self._leave(name)
        self.administrations = {
            name: it for name, it in self.administrations.items() if it.is_alive or it.purge_after > self.now
        }
