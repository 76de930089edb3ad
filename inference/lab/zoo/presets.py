"""What the papers say of each architecture, as data; silent points are our choice and say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class BuildRefused(ValueError):
    """A model cannot be built as asked; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Parameters at the preset's side and classes, base frozen: total = trainable + frozen."""

    total: int
    trainable: int
    frozen: int


@dataclass(frozen=True, slots=True)
class Preset:
    """How a paper used an architecture. Pictures enter in [0, 255]; the model scales to [0, 1].

    paper: what it stands for. side: of the square input in pixels. smallest_side: below it no
    pixel would be left. pretrained: ImageNet weights exist and the papers froze them. recipe:
    augmentation by name. counts: as printed, None where the paper prints none that holds.
    batch, learning_rate, epochs: as printed where printed (ALLNET only), else our choice.
    """

    paper: str
    side: int = 224
    classes: int = 4
    smallest_side: int = 32
    pretrained: bool = False
    recipe: str = "telediagnosis"
    batch: int = 32
    learning_rate: float = 1e-3
    epochs: int = 10
    counts: Counts | None = None


PRESETS: Mapping[str, Preset] = {
    "convnet": Preset("ConvNet (Tusar 2024; Tusar, Anik 2022)", smallest_side=16, epochs=12),
    "mobilenet": Preset(
        'MobileNet v1, printed as "MobileNetV2" (Tusar 2024; Tusar, Anik 2022)',
        pretrained=True,
        counts=Counts(3_429_572, 200_708, 3_228_864),
    ),
    "mobilenet_v2": Preset(
        "MobileNetV2 (Reza 2024)",
        pretrained=True,
        recipe="comparison",
        counts=Counts(2_508_868, 250_884, 2_257_984),
    ),
    "resnet50": Preset(
        "ResNet50 (Tusar 2024; Tusar, Anik 2022; Reza 2024)",
        pretrained=True,
        counts=Counts(23_989_124, 401_412, 23_587_712),
    ),
    "vgg19": Preset(
        "VGG19 (Tusar 2024; Tusar, Anik 2022)",
        pretrained=True,
        learning_rate=1e-4,
        counts=Counts(20_124_740, 100_356, 20_024_384),
    ),
    "inception_v3": Preset(
        "InceptionV3 (Reza 2024)", smallest_side=75, pretrained=True, recipe="comparison"
    ),
    "nasnet_mobile": Preset("NASNet, mobile (Reza 2024)", pretrained=True, recipe="comparison"),
    "densenet201": Preset(
        "DenseNet201, classifier (Reza 2024)", pretrained=True, recipe="comparison"
    ),
    "densenet201_features": Preset(
        "DenseNet201, feature extractor (Reza 2024)", pretrained=True, recipe="comparison"
    ),
    "xception": Preset("Xception (Sunitha, Pradeep)", classes=2, smallest_side=71, pretrained=True),
    "custom_cnn": Preset("custom CNN (Reza 2024)", smallest_side=16, recipe="comparison"),
    "allnet": Preset(
        "ALLNET (Sampathila 2022)",
        side=450,
        classes=2,
        recipe="single_cells",
        batch=16,
        learning_rate=1e-5,
        epochs=65,
        counts=Counts(95_099_266, 95_097_474, 1_792),
    ),
    "voting": Preset(
        "MobileNet + Xception + InceptionV3 (Sunitha, Pradeep)",
        classes=2,
        smallest_side=75,
        pretrained=True,
    ),
}
