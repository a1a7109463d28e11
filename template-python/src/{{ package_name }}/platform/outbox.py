"""The outbox: events are written in the transaction of the change that they tell of, and sent when it is committed."""

import json
import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

# Whoever has claimed an event and did not say what became of it loses it to others after this time.
LEASE_SECONDS: Final = 30.0
# No event has to wait so long: a clock that jumped back has made it look so.
FAR_AHEAD_MS: Final = 120_000
_outbox: Final = Table(
    "outbox",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("event_id", Text),
    Column("aggregate", Text),
    Column("destination", Text),
    Column("body", Text),
    Column("attempts", Integer),
    Column("created_ms", BigInteger),
    Column("next_attempt_ms", BigInteger),
)


@dataclass(frozen=True, slots=True)
class Event:
    """An event that is to be sent to one destination."""

    row: int
    event_id: str
    destination: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is in the outbox."""

    events: int = 0
    oldest_seconds: float = 0.0


def add(
    connection: Connection, destinations: Collection[str], aggregate: str, kind: str, data: Mapping[str, Any]
) -> None:
    """Write an event for each destination. Change the aggregate before, so that its events stand in its order."""
    if not destinations:
        return
    timestamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    now, event_id = _now_ms(), str(uuid.uuid4())
    values = {
        "event_id": event_id,
        "aggregate": aggregate,
        "body": json.dumps({"type": kind, "timestamp": timestamp, "data": data}, ensure_ascii=False),
        "attempts": 0,
        "created_ms": now,
        "next_attempt_ms": now,
    }
    connection.execute(insert(_outbox), [{**values, "destination": url} for url in destinations])


def claim(connection: Connection, most: int, lease_seconds: float) -> list[Event]:
    """Take what is due: the first event of each aggregate and destination, which nobody else gets meanwhile."""
    now = _now_ms()
    earlier, due = _outbox.alias("earlier"), _outbox.alias("due")
    has_earlier = exists().where(
        (earlier.c.aggregate == due.c.aggregate)
        & (earlier.c.destination == due.c.destination)
        & (earlier.c.id < due.c.id)
    )
    is_due = or_(due.c.next_attempt_ms <= now, due.c.next_attempt_ms > now + FAR_AHEAD_MS)
    chosen = select(due.c.id).where(is_due, ~has_earlier).order_by(due.c.id).limit(most)
    first = chosen.with_for_update(skip_locked=True).cte("first")
    claiming = (
        update(_outbox)
        .where(_outbox.c.id.in_(select(first.c.id)))
        .values(next_attempt_ms=now + int(lease_seconds * 1000), attempts=_outbox.c.attempts + 1)
        .returning(_outbox.c.id, _outbox.c.event_id, _outbox.c.destination, _outbox.c.body, _outbox.c.attempts)
    )
    return sorted((Event(*row) for row in connection.execute(claiming)), key=lambda event: event.row)


def forget(connection: Connection, event: Event) -> None:
    """Remove an event that was delivered."""
    connection.execute(delete(_outbox).where(_outbox.c.id == event.row))


def postpone(connection: Connection, rows: Sequence[int], seconds: float) -> None:
    """Let events be due again after so many seconds."""
    again = update(_outbox).where(_outbox.c.id.in_(rows)).values(next_attempt_ms=_now_ms() + int(seconds * 1000))
    connection.execute(again)


def waiting(connection: Connection) -> Waiting:
    """Return how much is waiting, and how long."""
    events, oldest = connection.execute(select(func.count(), func.min(_outbox.c.created_ms))).one()
    return Waiting(events, max(0.0, (_now_ms() - oldest) / 1000) if events else 0.0)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
