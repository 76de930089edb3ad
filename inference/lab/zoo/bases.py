"""The bases of `keras.applications` that the papers put a small head on, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Base:
    """application: its name there. file: that Keras gives its ImageNet weights.

    is_extractor: never trained, its answers averaged over the picture; else flattened.
    """

    application: str
    file: str
    is_extractor: bool = False


def _ordered(name: str) -> str:
    return f"{name}_weights_tf_dim_ordering_tf_kernels_notop.h5"


BASES: Mapping[str, Base] = {
    # Howard 2017; two papers print it under the name "MobileNetV2".
    "mobilenet": Base("MobileNet", "mobilenet_1_0_224_tf_no_top.h5"),
    # Sandler 2018, under its right name.
    "mobilenet_v2": Base(
        "MobileNetV2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"
    ),
    "resnet50": Base("ResNet50", _ordered("resnet50")),  # He 2016
    "vgg19": Base("VGG19", _ordered("vgg19")),  # Simonyan and Zisserman 2015
    "inception_v3": Base("InceptionV3", _ordered("inception_v3")),  # Szegedy 2016
    "nasnet_mobile": Base("NASNetMobile", "nasnet_mobile_no_top.h5"),  # Zoph 2018
    "densenet201": Base("DenseNet201", _ordered("densenet201")),  # Huang 2017
    # One dense layer on its 1,920 numbers.
    "densenet201_features": Base("DenseNet201", _ordered("densenet201"), is_extractor=True),
    "xception": Base("Xception", _ordered("xception")),  # Chollet 2017
}
VOTERS = ("mobilenet", "xception", "inception_v3")
"""Whose vote Sunitha and Pradeep take."""
