"""A U-Net that draws white cells, from its pictures to a package."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from inference.engine.package import SEGMENTATION, Part
from inference.engine.segmentation.unet import WORKING_RADIUS
from inference.engine.types import Progress
from inference.lab.publish.packages import Edition, Told, check_words, make_card, publish_part
from inference.lab.train.segmentation.loop import SegmentingData, SegmentingSettings
from inference.lab.train.segmentation.study import trained


def train_segmentation(
    data: SegmentingData,
    settings: SegmentingSettings,
    edition: Edition,
    *,
    cache: Path,
    told: Told,
    full_precision: bool = False,
    progress: Progress | None = None,
) -> Part:
    """Train and publish. Raises `PackageInvalid`, also where the edition exists in other words."""
    check_words(edition, told.notes)
    model = trained(data, settings, cache=cache, full_precision=full_precision, progress=progress)
    card = make_card(
        SEGMENTATION,
        edition,
        told,
        architecture="unet",
        training={
            "manifest_sha256": data.sha256,
            "pictures": {name: len(samples) for name, samples in data.samples.items()},
            "shares": dict(data.shares),
            "settings": asdict(settings),
            "kept_back": "one picture in five of each set, by the hash of its file name",
        },
        more={"filters": list(settings.filters), "working_radius_px": WORKING_RADIUS},
    )
    return publish_part(card, model.get_weights(), edition, told.notes)
