"""Rows of the ledger: what requests to models may cost, reserved before they are sent, settled after."""

from __future__ import annotations

import time

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from agenttune.budget import Budget, Spending
from agenttune.errors import BudgetExhausted, InternalError
from agenttune.store.database import Connection, Statement, Value, inserting
from agenttune.store.rows import Rows
from agenttune.store.schema import ledger

DAY_S = 86_400.0
"""A day begins at 00:00 UTC, which is where seconds since the epoch divide by this."""
BOUNDS = ("requests", "tokens", "dollars")


def _counted(actual: ColumnElement[float], worst: ColumnElement[float]) -> tuple[ColumnElement[float], ...]:
    """(sum, number of unknowns): what it was, else the worst case, which holds until it is settled."""
    amount = func.coalesce(actual, worst)
    return func.coalesce(func.sum(amount), 0), func.coalesce(func.sum(case((amount.is_(None), 1), else_=0)), 0)


_TOTAL = select(
    func.coalesce(func.sum(ledger.c.requests), 0),
    *_counted(ledger.c.tokens, ledger.c.worst_tokens),
    *_counted(ledger.c.dollars, ledger.c.worst_dollars),
)
_OF_STUDY = Statement(_TOTAL.where(ledger.c.study_id.is_(bindparam("the_study"))))
_SINCE = Statement(_TOTAL.where(ledger.c.created_at >= bindparam("since")))
_OPEN_OF_STUDY = Statement(_TOTAL.where(ledger.c.study_id.is_(bindparam("the_study")), ledger.c.settled_at.is_(None)))
_N_SETTLED = Statement(
    select(func.count()).where(ledger.c.study_id == bindparam("the_study"), ledger.c.settled_at.is_not(None))
)
_RESERVE = Statement(inserting(ledger, "study_id", "created_at", "requests", "worst_tokens", "worst_dollars"))
_SETTLE = Statement(
    update(ledger)
    .where(ledger.c.id == bindparam("the_reservation"))
    .values({name: bindparam(f"new_{name}") for name in ("requests", "tokens", "dollars", "settled_at")})
)


class SpendingLedger(Rows):
    """Implements `agenttune.budget.Ledger`."""

    def reserve(self, study_id: str | None, worst: Spending, budget: Budget, *, daily: Budget | None = None) -> int:
        """Reserves the worst case in one transaction and returns the reservation's id.

        Args:
            study_id: who asks; None for a request outside any study, which are bounded together.
            worst: what the request may cost at most.
            budget: bounds of the study.
            daily: bounds of all requests of one day (UTC) together, whoever asks.

        Raises:
            BudgetExhausted: a bound would be passed, or what is known does not tell; nothing was reserved.
        """
        with self._database.writing(study_id) as connection:
            now = time.time()
            spent = _total(connection, _OF_STUDY, the_study=study_id)
            for name in BOUNDS:
                _check(name, spent, worst, getattr(budget, name), is_of_study=study_id is not None)
            if daily is not None:
                today = _total(connection, _SINCE, since=now - now % DAY_S)
                for name in BOUNDS:
                    _check_day(name, today, worst, getattr(daily, name))
            added = connection.run(
                _RESERVE,
                study_id=study_id,
                created_at=now,
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

    def spent(self, study_id: str | None) -> Spending:
        """What the study's requests cost so far, those under way at their worst case; None is unknown."""
        with self._database.reading() as connection:
            return _total(connection, _OF_STUDY, the_study=study_id)

    def spent_today(self) -> Spending:
        """What all requests since 00:00 UTC cost, whoever asked; as `spent`."""
        with self._database.reading() as connection:
            now = time.time()
            return _total(connection, _SINCE, since=now - now % DAY_S)

    def n_settled(self, study_id: str) -> int:
        """Requests of the study that came to an end, those that cost nothing and were not sent among them."""
        with self._database.reading() as connection:
            row = connection.row(_N_SETTLED, the_study=study_id)
        assert row is not None  # an aggregate always has a row
        return int(row[0])

    def unsettled(self, study_id: str | None) -> Spending:
        """The worst case of the study's requests that are under way, or whose process died under way."""
        with self._database.reading() as connection:
            return _total(connection, _OPEN_OF_STUDY, the_study=study_id)


def _total(connection: Connection, statement: Statement, **parameters: Value) -> Spending:
    row = connection.row(statement, **parameters)
    assert row is not None  # an aggregate always has a row
    requests, tokens, unknown_tokens, dollars, unknown_dollars = row
    return Spending(requests, None if unknown_tokens else tokens, None if unknown_dollars else dollars)


def _check(name: str, spent: Spending, worst: Spending, bound: float | None, *, is_of_study: bool) -> None:
    used, may_take = getattr(spent, name), getattr(worst, name)
    if bound is None:
        return
    who = "the study" if is_of_study else "requests outside of studies"
    if may_take is None or used is None:
        unknown = "what the next request" if may_take is None else "what an earlier request"
        raise BudgetExhausted(
            f"{who} may spend {_amount(bound)} {name}, but {unknown} costs in {name} is unknown; "
            f"drop that bound, or use a model whose {name} are known"
        )
    if used + may_take > bound:
        way = f"`agenttune resume --max-{name}`" if is_of_study else f"--max-{name}"
        raise BudgetExhausted(
            f"{who} may spend {_amount(bound)} {name}: {_amount(used)} are spent and the next request may take "
            f"{_amount(may_take)}; raise the bound, as by {way}"
        )


def _check_day(name: str, spent: Spending, worst: Spending, bound: float | None) -> None:
    used, may_take = getattr(spent, name), getattr(worst, name)
    if bound is None:
        return
    setting = f"max_{name}_per_day"
    if may_take is None or used is None:
        unknown = "the next request" if may_take is None else "an earlier one of today"
        raise BudgetExhausted(
            f"all studies together may spend {_amount(bound)} {name} a day, but what {unknown} costs in {name} is "
            f"unknown; drop {setting} from settings.toml, or use a model whose {name} are known"
        )
    if used + may_take > bound:
        raise BudgetExhausted(
            f"the day's {_amount(bound)} {name} do not last: all studies together spent {_amount(used)} and the next "
            f"request may take {_amount(may_take)}; raise {setting} in settings.toml, or wait until 00:00 UTC"
        )


def _amount(value: float) -> str:
    """`1,234,567`, `0.03`."""
    return f"{value:,.10g}"
