"""What holds between any two actions, whatever happened and in whichever order."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_BROKEN = {
    "a deleted integration has tokens": """
        SELECT i.id FROM integration i JOIN credential c ON c.integration_id = i.id WHERE i.status = 'DELETED'""",
    "an integration that works has no tokens": """
        SELECT i.id FROM integration i LEFT JOIN credential c ON c.integration_id = i.id
        WHERE i.status = 'CONFIGURED' AND c.integration_id IS NULL""",
    "a live administration belongs to a deleted integration": """
        SELECT a.id FROM administration a JOIN integration i ON i.id = a.integration_id
        WHERE a.status <> 'DELETED' AND i.status IN ('DELETED', 'AWAITING_AUTHORIZATION')""",
    "a removed administration has a run that goes on": """
        SELECT r.id FROM import_run r JOIN administration a ON a.id = r.administration_id
        WHERE a.status = 'DELETED' AND r.status IN ('QUEUED', 'RUNNING', 'WAITING') AND NOT r.cancel_requested""",
    "a live administration has a run that was told to stop": """
        SELECT r.id FROM import_run r JOIN administration a ON a.id = r.administration_id
        WHERE a.status <> 'DELETED' AND r.status IN ('QUEUED', 'RUNNING', 'WAITING') AND r.cancel_requested""",
    "a dossier is two administrations": """
        SELECT dossier_number FROM administration WHERE status <> 'DELETED'
        GROUP BY organisation_id, dossier_number HAVING count(*) > 1""",
    "a timeline has a gap": """
        SELECT * FROM (
            SELECT subject_id, what, status_before, lag(status_after) OVER (PARTITION BY subject_id ORDER BY id) AS was
            FROM timeline_event) events
        WHERE status_before IS DISTINCT FROM was""",
    "a state is not the last of its timeline": """
        SELECT subject.id, subject.status, last.status_after
        FROM (SELECT id, status FROM integration UNION ALL SELECT id, status FROM administration) subject
        LEFT JOIN LATERAL (
            SELECT status_after FROM timeline_event WHERE subject_id = subject.id ORDER BY id DESC LIMIT 1) last ON true
        WHERE subject.status IS DISTINCT FROM last.status_after""",
}


async def broken(engine: AsyncEngine) -> dict[str, list[tuple[object, ...]]]:
    """What does not hold, with the rows that show it."""
    async with engine.connect() as connection:  # as the login, which passes every policy
        found = {name: [tuple(row) for row in await connection.execute(text(sql))] for name, sql in _BROKEN.items()}
    return {name: rows for name, rows in found.items() if rows}
