"""Every exception AgentTune raises, split by who must hear it.

::

    AgentTuneError
    ├── UserError                 the person: one sentence with the way out, exit code 2, no traceback
    │   ├── SpaceError            a search space that cannot be
    │   ├── ConfigInvalid         a configuration that breaks a rule of its space
    │   ├── ExpressionError       an expression outside the small language of expressions.py
    │   ├── GoalError             a goal that cannot be pursued
    │   ├── StudyFileError        a study file with a typo or a wrong value
    │   ├── RequestNotUnderstood  a sentence the grammar cannot read to its end
    │   ├── DataError             a data file or a column that cannot be used
    │   ├── ObjectiveError        an objective that cannot be loaded
    │   ├── SandboxError          model-written code that cannot be run as safely as was asked
    │   ├── TargetError           a part of a file that cannot be named as what a model is to change
    │   ├── SettingsError         a settings file that cannot be read
    │   ├── StoreError            a store file that cannot be opened or written
    │   ├── StudyNotFound / TrialNotFound / StudyExists
    │   ├── StudyBusy             another live driver holds the study
    │   ├── BudgetExhausted       nothing is left to spend
    │   └── ModelError            a language model gave no usable reply: a verdict in the record, and the study goes on
    │       ├── RateLimited       the server wants fewer requests
    │       └── CapabilityMissing the server refused a part of the request that is now known and left out: ask again
    ├── BlockRefused              the model: why its code became no variant (variants/refused.py)
    ├── TrialFailure              one trial: raised by an objective, stored as its failure
    └── InternalError             us: a bug, exit code 70, traceback in the log

Not for: the failure of a trial as such, which is a state (see trial.py), nor for third-party
exceptions, which never cross the module that talks to their package.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class AgentTuneError(Exception):
    """Base of every exception of this package."""


class UserError(AgentTuneError):
    """Something the person can mend; its text is the sentence they read."""


class SpaceError(UserError, ValueError):
    """A search space breaks a rule."""


class ConfigInvalid(UserError, ValueError):
    """A configuration breaks a rule of its space.

    Attributes:
        parameter: the culprit's name, or None for a constraint over several.
    """

    def __init__(self, message: str, *, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter


class ExpressionError(UserError, ValueError):
    """An expression uses something outside the small language."""


class GoalError(UserError, ValueError):
    """A goal cannot be pursued."""


class StudyFileError(UserError, ValueError):
    """A study file has a typo or a wrong value."""


class RequestNotUnderstood(UserError, ValueError):
    """A sentence that cannot be read, or that leaves something open.

    Attributes:
        fragments: the words that could not be read, verbatim.
        fields: what is asked back, as fields of `plan.Request`; empty where the message alone tells.
        read: what the words beside the fragments say, as values of fields of `plan.Request`.
    """

    def __init__(
        self,
        message: str,
        *,
        fragments: tuple[str, ...] = (),
        fields: tuple[str, ...] = (),
        read: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        super().__init__(message)
        self.fragments = fragments
        self.fields = fields
        self.read = read


class DataError(UserError, ValueError):
    """A data file or a column cannot be used."""


class ObjectiveError(UserError):
    """An objective cannot be loaded."""


class SandboxError(UserError):
    """Model-written code cannot be confined, started, or handed back what it should."""


class TargetError(UserError, LookupError):
    """A file has no such part, or one that cannot be replaced."""


class SettingsError(UserError, ValueError):
    """The settings file cannot be read."""


class StoreError(UserError):
    """A store file cannot be opened or written."""


class StudyNotFound(UserError, LookupError):
    """No study, or more than one, answers to that name."""


class StudyExists(UserError):
    """A study of that name is already in the store."""


class TrialNotFound(UserError, LookupError):
    """The study has no trial of that number."""


class StudyBusy(UserError):
    """Another live driver holds the study."""


class BudgetExhausted(UserError):
    """Nothing is left to spend, or the space has no configuration left."""


class ModelError(UserError):
    """A language model gave no usable reply.

    Attributes:
        verdict: one of `agenttune.exchange.VERDICTS`, as it is recorded with the exchange.
        usage: tokens by kind that the server counted although the reply is of no use.
        text: what came of a reply, if anything did.
    """

    def __init__(
        self, message: str, *, verdict: str = "error", usage: dict[str, int] | None = None, text: str | None = None
    ) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.usage = usage or {}
        self.text = text


class RateLimited(ModelError):
    """The server wants fewer requests.

    Attributes:
        retry_after_s: seconds it asks to wait; None where it does not say.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message, verdict="rate-limited")
        self.retry_after_s = retry_after_s


class CapabilityMissing(ModelError):
    """The server refused a parameter or a schema; that is remembered, and the same request may be sent again."""


class TrialFailure(AgentTuneError):
    """One trial failed for a reason that is known.

    Attributes:
        kind: one of the values of `agenttune.trial.FailureKind`; "lost": its process was killed from
            outside, so that it may be run again.
        detail: the evidence, last lines of output say.
        exit_code: of the process that failed, minus the number of a signal.
    """

    def __init__(
        self, message: str, *, kind: str = "invalid", detail: str | None = None, exit_code: int | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.detail = detail
        self.exit_code = exit_code


class InternalError(AgentTuneError):
    """A bug of ours."""
