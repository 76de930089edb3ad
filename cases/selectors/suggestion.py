"""What the model suggests for a whole case, from its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cases.counting import unfit_because
from cases.models import Case
from inference.choices import RunStatus
from inference.engine.statistics import CaseSuggestion, FieldScores, case_suggestion
from inference.models import UNKNOWN_COVERAGE, AnalysisRun
from inference.selectors import runs_by_id


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the fields of a case suggest together; never shown without that word.

    label: the most probable class, None without a usable field. decision: a class, "unsure" or
    "insufficient". fields: how many it rests on. left_out: analysed fields that have no vote
    (`counting.unfit_because`), or were judged by a model with other classes; reasons: of the
    former, in words, each once. agreement: in words, how far the fields agree. is_split: two fields
    decided differently.
    """

    label: str | None
    decision: str
    probabilities: Mapping[str, float]
    prediction_set: tuple[str, ...]
    fields: int
    left_out: int
    agreement: str
    is_split: bool
    reasons: tuple[str, ...] = ()


def suggestion_of_case(case: Case) -> Suggestion | None:
    """The suggestion for `case` as its pictures were last analysed. Two queries."""
    ids = case.images.values_list("run_id", flat=True)
    return suggestion_of(runs_by_id(pk for pk in ids if pk).values())


def suggestion_of(runs: Iterable[AnalysisRun]) -> Suggestion | None:
    """The suggestion of the runs of one case; None while none has ended well.

    Where models with different classes took part, the classes of the newest run count.
    """
    done = [
        (run, run.outcome)
        for run in runs
        if run.status == RunStatus.SUCCEEDED and run.outcome is not None
    ]
    if not done:
        return None
    unfit = [unfit_because(outcome) for _, outcome in done]
    usable = [pair for pair, reason in zip(done, unfit, strict=True) if not reason]
    newest, its = max(
        usable, key=lambda pair: pair[0].finished_at or pair[0].created_at, default=(None, None)
    )
    classes = frozenset(its.probabilities) if its else frozenset()
    kept = [outcome for _, outcome in usable if frozenset(outcome.probabilities) == classes]
    found = case_suggestion(
        [FieldScores(outcome.probabilities, outcome.decision) for outcome in kept],
        _coverage(newest),
    )
    return Suggestion(
        label=found.label,
        decision=found.decision,
        probabilities=found.probabilities,
        prediction_set=found.prediction_set,
        fields=found.fields,
        left_out=len(done) - found.fields,
        agreement=_agreement(found),
        is_split=found.is_split,
        reasons=tuple(dict.fromkeys(filter(None, unfit))),
    )


def _coverage(run: AnalysisRun | None) -> float:
    return run.model_version.coverage if run and run.model_version else UNKNOWN_COVERAGE


def _agreement(found: CaseSuggestion) -> str:
    said = list(found.by_decision.items())
    if not said:
        return "No field is good enough for a suggestion."
    if found.fields == 1:
        return f"Rests on a single field: {said[0][0]}."
    if len(said) == 1:
        return f"All {found.fields} fields: {said[0][0]}."
    split = "The fields contradict each other" if found.is_split else f"Of {found.fields} fields"
    return f"{split}: {_listed(said)}."


def _listed(said: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{number} {decision}" for decision, number in said)
