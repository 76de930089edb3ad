"""What must hold before a case may be signed; each check says what to do when it does not."""

from __future__ import annotations

from typing import NamedTuple

from accounts.actors import Actor
from accounts.policy import may
from cases.choices import IN_HAND, Conclusion, ImageStatus
from cases.models import Case
from cases.selectors.differential import Differential, differential_of_case
from cases.selectors.printable import printing_note, printing_problem

_NO_COUNT = "There is no AI result to count from: say in the comment what your conclusion rests on."
_NOTHING_COUNTED = (
    "No white cell is counted, so only 'indeterminate' or 'not adequate' can be concluded."
)


class Check(NamedTuple):
    """One condition of signing. `sentence` reads well whether it passed or not."""

    code: str
    passed: bool
    sentence: str


def signing_checks(
    case: Case,
    *,
    actor: Actor | None = None,
    conclusion: str = "",
    comment: str = "",
    reason: str = "",
) -> list[Check]:
    """All conditions for signing `case` as it stands.

    Those that ask who signs or what is concluded appear only when `actor` or `conclusion` is given.
    """
    count = differential_of_case(case)
    printing = printing_check(case, said=f"{comment} {reason}")
    checks = [*_image_checks(case), _unidentified(count), printing]
    if actor is not None:
        checks = [_assigned(case, actor), _reads_for(case, actor), *checks]
    if conclusion:
        checks.append(conclusion_check(case, count, conclusion, comment))
    return checks


def conclusion_check(case: Case, count: Differential, conclusion: str, comment: str = "") -> Check:
    """Whether `conclusion` can be true beside the count, or is explained where there is none."""
    problem = _contradiction(case, count, Conclusion(conclusion), comment)
    return Check("conclusion", not problem, problem or "The conclusion agrees with the count.")


def printing_check(case: Case, *, said: str = "") -> Check:
    """Whether the report can be printed so that it is read as it was written."""
    problem = printing_problem(case, said=said)
    note = printing_note(case) or "All names and words can be printed."
    return Check("printing", not problem, problem or note)


def _contradiction(case: Case, count: Differential, conclusion: Conclusion, comment: str) -> str:
    if comment_required(case, count) and not comment.strip():
        return _NO_COUNT
    if conclusion in (Conclusion.INDETERMINATE, Conclusion.INADEQUATE):
        return ""
    if not count.total:
        return "" if case.no_ai_reason else _NOTHING_COUNTED
    if conclusion == Conclusion.NO_BLASTS and count.blasts:
        return _blasts_counted(count.blasts)
    if conclusion == Conclusion.SUSPECTED_ALL and not count.blasts:
        return "The conclusion is suspicious for ALL, but no cell is counted as a blast."
    return ""


def _blasts_counted(blasts: int) -> str:
    counted = (
        "1 cell is counted as a blast" if blasts == 1 else f"{blasts} cells are counted as blasts"
    )
    return f"The conclusion says no blasts, but {counted}."


def comment_required(case: Case, count: Differential) -> bool:
    """Where nothing is counted because there is no AI result, words must carry the conclusion."""
    return bool(case.no_ai_reason) and not count.total


def _image_checks(case: Case) -> list[Check]:
    states = list(case.images.values_list("status", flat=True))
    ready, waiting = states.count(ImageStatus.READY), states.count(ImageStatus.RECEIVED)
    return [
        Check(
            "images",
            ready > 0,
            f"{ready} readable image{'s' if ready != 1 else ''}."
            if ready
            else "There is no readable image. Return the case to the clinic.",
        ),
        Check(
            "images_checked",
            not waiting,
            f"{waiting} of {len(states)} images are still being checked. Wait until they are done."
            if waiting
            else "All images are checked.",
        ),
    ]


def _unidentified(count: Differential) -> Check:
    left = count.unidentified_unreviewed
    return Check(
        "unidentified",
        not left,
        f"{left} unidentified cell{'s' if left != 1 else ''} not yet reviewed. Give each a class, "
        "or confirm it as unidentified."
        if left
        else "No unidentified cell is left unreviewed.",
    )


def _assigned(case: Case, actor: Actor) -> Check:
    mine = case.status in IN_HAND and str(case.assignee_id) == actor.id
    holder = f" It is with {case.assignee}." if case.assignee and not mine else ""
    sentence = "The case is in your hands." if mine else f"The case is not in your hands.{holder}"
    return Check("assigned", mine, sentence)


def _reads_for(case: Case, actor: Actor) -> Check:
    allowed = may(actor, "case.claim", case)
    sentence = "You read for this clinic." if allowed else "You do not read for this clinic."
    return Check("reads_for", allowed, sentence)
