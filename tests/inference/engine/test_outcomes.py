"""The engine answers as it did: byte for byte on the same arithmetic, elsewhere but for rounding.

Whoever moves code has changed nothing; whoever means to change an answer writes them again.
"""

from __future__ import annotations

import json

import pytest

from tests.inference.engine.outcomes import DATA, STORED, arithmetic, outcomes

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(
        not (DATA / "manifest.csv").is_file(),
        reason="the real images are not here: set TELEPATH_DATA",
    ),
]
ROUNDING = 2e-3
"""Of a probability, between two processors."""


@pytest.fixture(scope="module")
def stored():
    return json.loads(STORED.read_text("utf-8"))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    # Through JSON, as the stored ones went: tuples are lists there.
    return json.loads(json.dumps(outcomes(tmp_path_factory.mktemp("masks"))))


def test_what_is_said_of_ten_real_fields_is_what_was_said(stored, found):
    assert list(found) == list(stored["fields"])
    for name, before in stored["fields"].items():
        assert len(found[name]["cells"]) == len(before["cells"]), name
        assert rounded(found[name]) == approximately(before), name


def test_on_the_same_arithmetic_every_byte_is_the_same(stored, found):
    hashes = {name: one["sha256"] for name, one in found.items()}
    same = hashes == {name: one["sha256"] for name, one in stored["fields"].items()}
    assert same or arithmetic() != stored["arithmetic"]


def rounded(outcome):
    return {key: value for key, value in outcome.items() if key != "sha256"}


def approximately(value):
    """The same value, its fractions within `ROUNDING`."""
    if isinstance(value, dict):
        return {key: approximately(one) for key, one in value.items() if key != "sha256"}
    if isinstance(value, list):
        return [approximately(one) for one in value]
    return pytest.approx(value, abs=ROUNDING) if isinstance(value, float) else value
