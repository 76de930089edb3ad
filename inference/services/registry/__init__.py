"""Models: taken up, made active, rolled back, run in the shadow, retired.

Each change is one transaction with its audit row.
"""

from inference.services.registry.active import model_activate, model_retire, model_roll_back
from inference.services.registry.gate import REASON_LETTERS
from inference.services.registry.packages import newest_package
from inference.services.registry.register import Registration, model_register, take_up_shipped
from inference.services.registry.shadow import model_shadow, model_unshadow

__all__ = [
    "REASON_LETTERS",
    "Registration",
    "model_activate",
    "model_register",
    "model_retire",
    "model_roll_back",
    "model_shadow",
    "model_unshadow",
    "newest_package",
    "take_up_shipped",
]
