"""Rows of exchanges with models, and of the candidates that came of them. What they cost: ledger.py."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, func, or_, select

from agenttune.events import ModelAnswered
from agenttune.exchange import Exchange
from agenttune.store import codec
from agenttune.store.database import Connection, Statement, inserting
from agenttune.store.proposals import Proposals
from agenttune.store.schema import candidates, events, exchanges, studies
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
        "revision",
        "numbers",
        "others",
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
    exchanges.c.revision,
    exchanges.c.numbers,
    exchanges.c.others,
)
_ANSWERED = Statement(
    select(exchanges.c.id, *_COLUMNS)
    .where(
        exchanges.c.key == bindparam("the_key"),
        exchanges.c.study_id.is_(bindparam("the_study")),
        exchanges.c.reply.is_not(None),
    )
    .order_by(exchanges.c.id.desc())
    .limit(1)
)
WHOLE = ("used", "repaired", "unparsable", "illegal", "infeasible", "duplicate", "refused")
"""Verdicts of whole replies: what a model that was killed or cut had said so far answers nobody else."""
_REUSABLE = Statement(
    select(studies.c.name, exchanges.c.id, *_COLUMNS)
    .join(studies, studies.c.id == exchanges.c.study_id)
    .where(
        exchanges.c.key == bindparam("the_key"),
        exchanges.c.reply != "",
        func.substr(func.coalesce(exchanges.c.revision, ""), 1, func.length(bindparam("the_fingerprint")))
        == bindparam("the_fingerprint"),
        or_(*(exchanges.c.verdict == verdict for verdict in WHOLE)),
    )
    .order_by(exchanges.c.id.desc())
    .limit(1)
)
_OF_STUDY = Statement(
    select(exchanges.c.id, *_COLUMNS).where(exchanges.c.study_id == bindparam("the_study")).order_by(exchanges.c.id)
)
_USAGES = Statement(
    select(exchanges.c.verdict, exchanges.c.usage)
    .where(exchanges.c.study_id.is_(bindparam("the_study")))
    .order_by(exchanges.c.id)
)
_LAST_ANSWER = Statement(
    select(events.c.content)
    .where(events.c.study_id == bindparam("the_study"), events.c.kind == ModelAnswered.__name__)
    .order_by(events.c.id.desc())
    .limit(1)
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
    "prediction_source",
    "sample",
)
_ADD_CANDIDATE = Statement(inserting(candidates, "study_id", "created_at", *_CANDIDATE))
_CANDIDATES = Statement(
    select(candidates.c.id, *(candidates.c[name] for name in _CANDIDATE))
    .where(candidates.c.study_id == bindparam("the_study"), candidates.c.id > bindparam("after"))
    .order_by(candidates.c.id)
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
                reply=None if exchange.reply is None else codec.foreign_text(exchange.reply),
                verdict=exchange.verdict,
                latency_s=exchange.latency_s,
                usage=codec.usage_to_text(exchange),
                dollars=exchange.dollars,
                why=None if exchange.why is None else codec.foreign_text(exchange.why),
                revision=None if exchange.revision is None else codec.foreign_text(exchange.revision),
                numbers=codec.numbers_to_text(exchange.numbers),
                others=codec.samples_to_text(exchange.others),
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
                None if exchange.why is None else codec.foreign_text(exchange.why),
                len(candidates),
                exchange.latency_s,
                exchange.dollars,
                exchange.reused_from,
            )
            self._announce(connection, study_id, event, at=now)
            return exchange_id

    def add_unsent(self, study_id: str | None, model: str, verdict: str, why: str) -> None:
        """Announces that a request was not sent, and why; once until the model is asked again or the reason changes."""
        if study_id is None:
            return
        event = ModelAnswered(None, model, verdict, codec.foreign_text(why))
        with self._database.writing(study_id) as connection:
            last = connection.row(_LAST_ANSWER, the_study=study_id)
            if last is None or codec.loads(last[0]) != codec.shallow(event):
                self._announce(connection, study_id, event)

    def candidates(self, study_id: str, *, after: int = 0) -> tuple[Candidate, ...]:
        """What models offered to a study, in order; those of an id above `after`."""
        with self._database.reading() as connection:
            rows = connection.rows(_CANDIDATES, the_study=study_id, after=after)
        with codec.reading_record("a candidate"):
            return tuple(codec.candidate_of(*row) for row in rows)

    def find_answered(self, study_id: str | None, key: str) -> tuple[int, Exchange] | None:
        """(id, exchange): the study's latest one whose request has this key and got a reply."""
        with self._database.reading() as connection:
            row = connection.row(_ANSWERED, the_key=key, the_study=study_id)
        with codec.reading_record("an exchange"):
            return None if row is None else (row[0], codec.exchange_of(*row[1:]))

    def find_reusable(self, key: str, fingerprint: str = "") -> tuple[str, Exchange] | None:
        """(which exchange of which study, exchange): the latest one of any study that got a whole reply to it.

        Args:
            key: of the request.
            fingerprint: what the revision of the reply begins with.
        """
        with self._database.reading() as connection:
            row = connection.row(_REUSABLE, the_key=key, the_fingerprint=fingerprint)
        if row is None:
            return None
        with codec.reading_record("an exchange"):
            exchange = codec.exchange_of(*row[2:])
        return exchange.reused_from or f"exchange {row[1]} of study {row[0]!r}", exchange

    def exchanges(self, study_id: str) -> list[tuple[int, Exchange]]:
        """(id, exchange) of all that a study asked, in order."""
        with self._database.reading() as connection:
            rows = connection.rows(_OF_STUDY, the_study=study_id)
        with codec.reading_record("an exchange"):
            return [(row[0], codec.exchange_of(*row[1:])) for row in rows]

    def usages(self, study_id: str | None) -> list[tuple[str, dict[str, int], bool]]:
        """(verdict, tokens by kind, whether an earlier reply was used) of all that a study asked, in order.

        Args:
            study_id: the study; None for what was asked outside any.
        """
        with self._database.reading() as connection:
            rows = connection.rows(_USAGES, the_study=study_id)
        with codec.reading_record("an exchange"):
            told = [(verdict, codec.loads(usage)) for verdict, usage in rows]
            return [(verdict, usage, usage.pop(codec.REUSED_FROM, None) is not None) for verdict, usage in told]


def _add_candidate(connection: Connection, study_id: str, candidate: Candidate, exchange_id: int, now: float) -> None:
    connection.run(
        _ADD_CANDIDATE,
        study_id=study_id,
        created_at=now,
        config=codec.dumps(candidate.config),
        reason=codec.foreign_text(candidate.reason),
        predicted_mean=candidate.predicted_mean,
        predicted_sd=candidate.predicted_sd,
        space_version=candidate.space_version,
        exchange_ids=codec.dumps((*candidate.exchange_ids, exchange_id)),
        asked_at=candidate.asked_at,
        salvaged=codec.dumps([codec.foreign_text(entry) for entry in candidate.salvaged]),
        prediction_source=candidate.prediction_source,
        sample=candidate.sample,
    )
