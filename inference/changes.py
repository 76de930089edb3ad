"""What may be done to a model on its page: the words of each form, and the service behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from accounts.actors import Actor
from accounts.policy import may_somewhere
from inference.choices import ModelStatus
from inference.models import ModelVersion
from inference.services import registry


@dataclass(frozen=True, slots=True)
class Change:
    """One form. `action` is the row of the policy table; `{}` in the words is the model."""

    name: str
    action: str
    title: str
    words: str
    button: str
    done: str
    service: Callable[..., ModelVersion]
    look: str = ""

    def button_for(self, model: ModelVersion) -> str:
        """What the button says."""
        return self.button.format(model)

    @property
    def route(self) -> str:
        """The address that the form is sent to."""
        return f"inference:model_{self.name}"


ACTIVATE = Change(
    "activate",
    "model.activate",
    "Activate",
    "Images submitted from now on are judged by this model. The one that is active now stays at "
    "hand, and can be activated again.",
    "Activate {}",
    "{} is active now.",
    registry.model_activate,
    "button-primary",
)
ROLL_BACK = Change(
    "roll_back",
    "model.rollback",
    "Roll back",
    "Images submitted from now on are judged by the model that was active before this one.",
    "Leave {}",
    "{} is active again.",
    registry.model_roll_back,
)
RETIRE = Change(
    "retire",
    "model.retire",
    "Retire",
    "Every image is judged by this model now. Retired, it is never used again, and until another "
    "is activated cases reach their readers without a suggestion.",
    "Retire {}",
    "{} is retired.",
    registry.model_retire,
    "button-danger",
)
SHADOW = Change(
    "shadow",
    "model.shadow",
    "Run in the shadow",
    "This model judges every image after the active one has, so that the two can be compared. "
    "Neither clinic nor reader is shown what it says. A shadow that runs now stops.",
    "Run {} in the shadow",
    "{} runs in the shadow now.",
    registry.model_shadow,
)
UNSHADOW = Change(
    "unshadow",
    "model.shadow",
    "End the shadow",
    "Images that wait for this model are dropped. What it said so far stays for comparison.",
    "End the shadow of {}",
    "{} runs in the shadow no more.",
    registry.model_unshadow,
)

_OF_STATUS: Mapping[str, tuple[Change, ...]] = {
    ModelStatus.REGISTERED: (ACTIVATE, SHADOW),
    ModelStatus.SHADOW: (ACTIVATE, UNSHADOW),
    ModelStatus.ACTIVE: (ROLL_BACK, RETIRE),
    ModelStatus.RETIRED: (),
}


def changes_of(model: ModelVersion, actor: Actor) -> list[Change]:
    """What `actor` may do to `model` as it is now."""
    possible = _OF_STATUS[model.status]
    return [change for change in possible if may_somewhere(actor, change.action)]
