"""Rows of proposals: what was judged, whether it became a trial (trials.py) or was refused."""

from __future__ import annotations

import time
from dataclasses import replace

from sqlalchemy import bindparam, select

from agenttune.events import ProposalRefused
from agenttune.store import codec
from agenttune.store.database import Connection, Statement, inserting
from agenttune.store.numbers import Numbers
from agenttune.store.reading import PROPOSAL_COLUMNS, read_proposal
from agenttune.store.rows import Rows
from agenttune.store.schema import proposals
from agenttune.trial import Proposal

_ADD_PROPOSAL = Statement(
    inserting(
        proposals, "study_id", "created_at", *(column.name for column in PROPOSAL_COLUMNS), "refusal_kind", "refusal"
    )
)
_REFUSED = Statement(
    select(*PROPOSAL_COLUMNS, proposals.c.refusal_kind, proposals.c.refusal)
    .where(proposals.c.study_id == bindparam("the_study"), proposals.c.refusal_kind.is_not(None))
    .order_by(proposals.c.id)
)


class Proposals(Rows):
    """Proposals that were refused, as rows."""

    def refuse(self, study_id: str, proposal: Proposal, kind: str, reason: str) -> None:
        """Keeps a proposal that is not run, and why."""
        with self._database.writing(study_id) as connection:
            self._refuse(connection, study_id, proposal, kind, reason)

    def refused(self, study_id: str) -> list[tuple[Proposal, str, str]]:
        """(proposal, kind, reason) of every proposal that was not run, in order."""
        with self._database.reading() as connection:
            rows = connection.rows(_REFUSED, the_study=study_id)
        with codec.reading_record("a refused proposal"):
            return [(read_proposal(row[:-2]), row[-2], row[-1]) for row in rows]

    def _refuse(self, connection: Connection, study_id: str, proposal: Proposal, kind: str, reason: str) -> None:
        """Keeps a refused proposal within a transaction."""
        told = codec.foreign_text(reason)
        kept = replace(proposal, reason=codec.foreign_text(proposal.reason))
        add_proposal(connection, study_id, kept, time.time(), refusal_kind=kind, refusal=told)
        self._announce(connection, study_id, ProposalRefused(proposal.arm, dict(proposal.config), kind, told))


def add_proposal(
    connection: Connection,
    study_id: str,
    proposal: Proposal,
    now: float,
    *,
    refusal_kind: str | None = None,
    refusal: str | None = None,
) -> int:
    """Adds the row of a proposal, its reason as it is kept, within a transaction; returns its id."""
    added = connection.run(
        _ADD_PROPOSAL,
        study_id=study_id,
        created_at=now,
        config=codec.dumps(proposal.config),
        arm=proposal.arm,
        reason=proposal.reason,
        space_version=proposal.space_version,
        predicted_mean=proposal.predicted_mean,
        predicted_sd=proposal.predicted_sd,
        prediction_source=proposal.prediction_source,
        exchange_ids=codec.dumps(proposal.exchange_ids),
        seen_trials=Numbers.of(proposal.seen_trials).text,
        parent=proposal.parent,
        memory=codec.dumps(proposal.memory),
        refusal_kind=refusal_kind,
        refusal=refusal,
    )
    assert added.lastrowid is not None  # an INSERT sets it
    return added.lastrowid
