"""Rows of exchanges with models, and of the ledger that counts what they may cost before they are sent."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from agenttune.budget import Budget, Spending
from agenttune.errors import BudgetExhausted, InternalError
from agenttune.events import ModelAnswered
from agenttune.exchange import Exchange
from agenttune.store import codec
from agenttune.store.database import Connection, Statement, inserting
from agenttune.store.proposals import Proposals
from agenttune.store.rows import Rows
from agenttune.store.schema import candidates, exchanges, ledger
from agenttune.trial import Candidate, Proposal

_ADD = Statement(
    inserting(
        exchanges,
        "study_id",
        "created_at",
        "key",
        "request",
        "reply",
        "verdict",
        "latency_s",
        "usage",
        "dollars",
        "why",
    )
)
_COLUMNS = (
    exchanges.c.request,
    exchanges.c.reply,
    exchanges.c.verdict,
    exchanges.c.latency_s,
    exchanges.c.usage,
    exchanges.c.dollars,
    exchanges.c.why,
)
_FIND = Statement(
    select(*_COLUMNS).where(exchanges.c.key == bindparam("the_key")).order_by(exchanges.c.id.desc()).limit(1)
)
_OF_STUDY = Statement(
    select(exchanges.c.id, *_COLUMNS).where(exchanges.c.study_id == bindparam("the_study")).order_by(exchanges.c.id)
)
_CANDIDATE = (
    "config",
    "reason",
    "predicted_mean",
    "predicted_sd",
    "space_version",
    "exchange_ids",
    "asked_at",
    "salvaged",
)
_ADD_CANDIDATE = Statement(inserting(candidates, "study_id", "created_at", *_CANDIDATE))
_CANDIDATES = Statement(
    select(candidates.c.id, *(candidates.c[name] for name in _CANDIDATE))
    .where(candidates.c.study_id == bindparam("the_study"), candidates.c.id > bindparam("after"))
    .order_by(candidates.c.id)
)


def _counted(actual: ColumnElement[float], worst: ColumnElement[float]) -> tuple[ColumnElement[float], ...]:
    """(sum, number of unknowns): what it was, else the worst case, which holds until it is settled."""
    amount = func.coalesce(actual, worst)
    return func.coalesce(func.sum(amount), 0), func.coalesce(func.sum(case((amount.is_(None), 1), else_=0)), 0)


_RESERVE = Statement(inserting(ledger, "study_id", "created_at", "requests", "worst_tokens", "worst_dollars"))
_SPENT = Statement(
    select(
        func.coalesce(func.sum(ledger.c.requests), 0),
        *_counted(ledger.c.tokens, ledger.c.worst_tokens),
        *_counted(ledger.c.dollars, ledger.c.worst_dollars),
    ).where(ledger.c.study_id == bindparam("the_study"))
)
_SETTLE = Statement(
    update(ledger)
    .where(ledger.c.id == bindparam("the_reservation"))
    .values({name: bindparam(f"new_{name}") for name in ("requests", "tokens", "dollars", "settled_at")})
)


class Exchanges(Proposals):
    """Implements `agenttune.exchange.ExchangeLog`."""

    def add_exchange(
        self,
        study_id: str | None,
        exchange: Exchange,
        *,
        candidates: Sequence[Candidate] = (),
        refused: Sequence[tuple[Proposal, str, str]] = (),
    ) -> int:
        """Stores one exchange, and what came of it in the same transaction; returns its id.

        Args:
            study_id: the study that asked; None for a request outside any.
            exchange: request, reply and verdict.
            candidates: what may be run; the exchange's id is added to theirs.
            refused: (proposal, kind, reason) of what may not.
        """
        now = time.time()
        with self._database.writing(study_id) as connection:
            added = connection.run(
                _ADD,
                study_id=study_id,
                created_at=now,
                key=exchange.request.key,
                request=codec.dumps(codec.shallow(exchange.request)),
                reply=None if exchange.reply is None else codec.text_of(exchange.reply),
                verdict=exchange.verdict,
                latency_s=exchange.latency_s,
                usage=codec.dumps(exchange.usage),
                dollars=exchange.dollars,
                why=None if exchange.why is None else codec.text_of(exchange.why),
            )
            assert added.lastrowid is not None  # an INSERT sets it
            exchange_id = added.lastrowid
            if study_id is None:
                return exchange_id
            for candidate in candidates:
                _add_candidate(connection, study_id, candidate, exchange_id, now)
            for proposal, kind, reason in refused:
                told = replace(proposal, exchange_ids=(*proposal.exchange_ids, exchange_id))
                self._refuse(connection, study_id, told, kind, reason)
            event = ModelAnswered(
                exchange_id,
                exchange.request.model,
                exchange.verdict,
                None if exchange.why is None else codec.text_of(exchange.why),
                len(candidates),
                exchange.latency_s,
                exchange.dollars,
            )
            self._announce(connection, study_id, event, at=now)
            return exchange_id

    def candidates(self, study_id: str, *, after: int = 0) -> list[Candidate]:
        """What models offered to a study, in order; those of an id above `after`."""
        with self._database.reading() as connection:
            rows = connection.rows(_CANDIDATES, the_study=study_id, after=after)
        with codec.reading_record("a candidate"):
            return [codec.candidate_of(*row) for row in rows]

    def find_exchange(self, key: str) -> Exchange | None:
        """The latest exchange, of any study, whose request has this key."""
        with self._database.reading() as connection:
            row = connection.row(_FIND, the_key=key)
        with codec.reading_record("an exchange"):
            return None if row is None else codec.exchange_of(*row)

    def exchanges(self, study_id: str) -> list[tuple[int, Exchange]]:
        """(id, exchange) of all that a study asked, in order."""
        with self._database.reading() as connection:
            rows = connection.rows(_OF_STUDY, the_study=study_id)
        with codec.reading_record("an exchange"):
            return [(row[0], codec.exchange_of(*row[1:])) for row in rows]


class SpendingLedger(Rows):
    """Implements `agenttune.budget.Ledger`."""

    def reserve(self, study_id: str, worst: Spending, budget: Budget) -> int:
        """Reserves the worst case in one transaction and returns the reservation's id.

        Raises:
            BudgetExhausted: a bound would be passed, or what is known does not tell; nothing was reserved.
        """
        with self._database.writing(study_id) as connection:
            spent = _spent(connection, study_id)
            _check("requests", spent.requests, worst.requests, budget.requests)
            _check("tokens", spent.tokens, worst.tokens, budget.tokens)
            _check("dollars", spent.dollars, worst.dollars, budget.dollars)
            added = connection.run(
                _RESERVE,
                study_id=study_id,
                created_at=time.time(),
                requests=worst.requests,
                worst_tokens=worst.tokens,
                worst_dollars=worst.dollars,
            )
            assert added.lastrowid is not None  # an INSERT sets it
            return added.lastrowid

    def settle(self, reservation_id: int, actual: Spending) -> None:
        """Replaces a reservation by what it did cost; what is unknown of it stays at the worst case."""
        with self._database.writing() as connection:
            done = connection.run(
                _SETTLE,
                the_reservation=reservation_id,
                new_requests=actual.requests,
                new_tokens=actual.tokens,
                new_dollars=actual.dollars,
                new_settled_at=time.time(),
            )
            if not done.rowcount:
                raise InternalError(f"there is no reservation {reservation_id}")

    def spent(self, study_id: str) -> Spending:
        """What the study's requests cost so far, those under way at their worst case; None is unknown."""
        with self._database.reading() as connection:
            return _spent(connection, study_id)


def _add_candidate(connection: Connection, study_id: str, candidate: Candidate, exchange_id: int, now: float) -> None:
    connection.run(
        _ADD_CANDIDATE,
        study_id=study_id,
        created_at=now,
        config=codec.dumps(candidate.config),
        reason=codec.text_of(candidate.reason),
        predicted_mean=candidate.predicted_mean,
        predicted_sd=candidate.predicted_sd,
        space_version=candidate.space_version,
        exchange_ids=codec.dumps((*candidate.exchange_ids, exchange_id)),
        asked_at=candidate.asked_at,
        salvaged=codec.dumps([codec.text_of(entry) for entry in candidate.salvaged]),
    )


def _spent(connection: Connection, study_id: str) -> Spending:
    row = connection.row(_SPENT, the_study=study_id)
    assert row is not None  # an aggregate always has a row
    requests, tokens, unknown_tokens, dollars, unknown_dollars = row
    return Spending(requests, None if unknown_tokens else tokens, None if unknown_dollars else dollars)


def _check(name: str, spent: float | None, worst: float | None, bound: float | None) -> None:
    if bound is None:
        return
    if worst is None or spent is None:
        unknown = "what the next request" if worst is None else "what an earlier request"
        raise BudgetExhausted(
            f"the study may spend {bound:g} {name}, but {unknown} costs in {name} is unknown; "
            f"drop that bound, or use a model whose {name} are known"
        )
    if spent + worst > bound:
        raise BudgetExhausted(
            f"the study may spend {bound:g} {name}: {spent:g} are spent and the next request may take {worst:g}; "
            "raise the bound"
        )
