"""What figures and splits are called on the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inference.lab.report.html import number, share


@dataclass(frozen=True, slots=True)
class Split:
    """A way of keeping fields back. meaning: what its figures are worth."""

    title: str
    meaning: str


SPLITS: Mapping[str, Split] = {
    "appearance_group": Split(
        "Each appearance group in turn",
        "Every group of fields with one stain, lamp and scale bar was judged by a model that saw "
        "none of it: the best measure there is for a smear never seen.",
    ),
    "appearance_round": Split(
        "One appearance group of every class at a time",
        "Whole groups of all classes were kept back together, so that no model could win by "
        "ruling the other classes out.",
    ),
    "fold": Split(
        "Contiguous folds",
        "Overlapping fields were never divided, but fields of one smear stood on both sides: the "
        "background helps.",
    ),
    "random": Split(
        "Random fifths",
        "For comparison with published figures only: sister fields stood on both sides, and the "
        "background alone does nearly as well.",
    ),
}
COLUMNS: Mapping[str, str] = {
    "accuracy": "accuracy",
    "background_only_accuracy": "background",
    "whole_field_accuracy": "whole field",
    "decided": "decided",
    "decided_wrong": "wrong",
    "malignant_decided_benign": "missed",
    "insufficient": "too few",
}
LEGEND = (
    "Accuracy: the most probable class is right, nobody abstains. Background: the same from the "
    "colour of the empty background alone. Whole field: the same by a network that sees "
    "everything, as the papers do. Decided: one class in the prediction set. Wrong: decided and "
    "wrong. Missed: malignant decided benign. Too few: not enough cells."
)

Show = Callable[[float | None], str]
METRICS: Mapping[str, tuple[str, Show]] = {
    "accuracy": ("Accuracy, nobody abstains", share),
    "decided": ("Decided", share),
    "decided_wrong": ("Decided and wrong", share),
    "malignant_decided_benign": ("Malignant decided benign", share),
    "accuracy_of_decided": ("Right among the decided", share),
    "insufficient": ("Too few cells", share),
    "malignant_sensitivity": ("Sensitivity for malignant, at the operating point", share),
    "malignant_specificity": ("Specificity for malignant, at the operating point", share),
    "precision_macro": ("Precision, mean of the classes", number),
    "recall_macro": ("Recall, mean of the classes", number),
    "specificity_macro": ("Specificity, mean of the classes", number),
    "f1_macro": ("F1, mean of the classes", number),
    "mcc": ("Matthews correlation", number),
    "kappa": ("Cohen's kappa", number),
    "auc_macro": ("Area under the ROC curve, one against the rest", number),
    "ece": ("Expected calibration error", number),
    "coverage": ("True class in the prediction set", share),
    "classes_in_set": ("Classes in the prediction set", number),
}
CLASS_FIGURES: Mapping[str, str] = {
    "precision": "precision",
    "recall": "recall",
    "specificity": "specificity",
    "f1": "F1",
    "auc": "area under ROC",
}
AUDIT_COLUMNS: Mapping[str, str] = {
    "accuracy": "accuracy",
    "painted": "painted out",
    "swapped": "other background",
    "shifted": "shifted",
    "bar": "other scale bar",
    "colour_only_accuracy": "background alone",
}
