"""What a reader does to the cells of a case: rows beside the model's, never over them."""

from cases.services.reading.asked import Step, steps_of
from cases.services.reading.back import steps_take_back
from cases.services.reading.steps import Taken, cells_correct, steps_take

__all__ = ["Step", "Taken", "cells_correct", "steps_of", "steps_take", "steps_take_back"]
