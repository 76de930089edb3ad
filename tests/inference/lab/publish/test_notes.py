from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from inference.engine.package import (
    CARD,
    PACKAGES,
    SEGMENTATION,
    PackageInvalid,
    read_part,
    shown_card,
)
from inference.lab.publish.notes import NotesInvalid, read_notes
from inference.lab.publish.packages import (
    Edition,
    Told,
    describe_again,
    make_card,
    publish_part,
)
from tests.inference.lab.notes import WORDS, notes_of, write_notes

OURS = Path(__file__).parents[4] / "docs" / "notes"
WEIGHTS = [np.zeros((2, 2), np.float32)]


def publish(root, edition="0.1.0", **changes):
    told = Told([{"split": "random"}], "python manage.py train", notes_of(root, **changes))
    made = Edition("drawn", edition, root)
    card = make_card(SEGMENTATION, made, told, architecture="type_net", training={}, more={})
    return publish_part(card, WEIGHTS, made, told.notes)


def test_without_notes_the_sentence_says_what_to_write(tmp_path):
    with pytest.raises(NotesInvalid, match=r"(?s)no notes in .*data_sha256.*abc.*\[\[source\]\]"):
        read_notes(tmp_path / "NOTES.toml", "abc")


def test_notes_on_other_pictures_are_refused(tmp_path):
    with pytest.raises(NotesInvalid, match='speaks of other pictures.*data_sha256 = "these"'):
        read_notes(write_notes(tmp_path, "those"), "these")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"limits": None}, "'limits' is missing"),
        ({"limits": []}, "one at least"),
        ({"limits": [" "]}, "list of sentences"),
        ({"position": ""}, "must be sentences"),
        ({"tried": "much"}, "list of sentences"),
        ({"author": "me"}, "'author' is not known"),
        ({"source": [{"name": "Drawn"}]}, "must say name, reference, terms"),
    ],
)
def test_notes_that_lack_a_word_are_refused_with_its_name(tmp_path, changes, words):
    with pytest.raises(NotesInvalid, match=words):
        notes_of(tmp_path, **changes)


def test_notes_that_are_no_toml_are_refused(tmp_path):
    (tmp_path / "NOTES.toml").write_text("limits: none")
    with pytest.raises(NotesInvalid, match="cannot be read"):
        read_notes(tmp_path / "NOTES.toml", "abc")


def test_a_card_says_what_the_notes_say_and_the_package_keeps_them(tmp_path):
    part = publish(tmp_path)
    assert (part.card.content["limits"], part.card.content["tried"]) == (
        WORDS["limits"],
        WORDS["tried"],
    )
    assert part.card.content["training"]["source"] == WORDS["source"]
    assert part.card.content["clinical_position"] == WORDS["position"]
    kept = part.path / part.card.content["notes"]["file"]
    assert kept.read_bytes() == (tmp_path / "NOTES.toml").read_bytes()
    kept.write_text("limits = []")
    with pytest.raises(PackageInvalid, match="not the file that the card describes"):
        read_part(part.path, SEGMENTATION)


def test_an_edition_is_not_made_again_in_other_words(tmp_path):
    before = publish(tmp_path)
    assert publish(tmp_path).sha256 == before.sha256
    with pytest.raises(PackageInvalid, match="described in other words, which stay"):
        publish(tmp_path, limits=["Knows everything."])
    assert read_part(before.path, SEGMENTATION) == before
    assert publish(tmp_path, "0.2.0", limits=["Knows squares too."]).version == "0.2.0"


def test_describing_an_old_edition_again_keeps_its_words(tmp_path):
    part = publish(tmp_path)
    old = {**part.card.content, "limits": ["As was said then."], "tried": ["Then."]}
    (part.path / CARD).write_text(json.dumps(old))
    edition = Edition("drawn", "0.1.0", tmp_path)
    audit = {"split": "audit", "passed": True}
    again = describe_again(SEGMENTATION, edition, [{"split": "fold"}, audit])
    assert again.card.content == {
        **old,
        "figures": [{"split": "fold"}],
        "audit": audit,
    }


def test_curves_lie_beside_the_card_and_are_checked_like_weights(tmp_path):
    drawn = {"split": "fold", "all": {"fields": 4}, "curves": {"roc": [0.5] * 500}}
    publish(tmp_path)
    edition = Edition("drawn", "0.1.0", tmp_path)
    part = describe_again(SEGMENTATION, edition, [drawn])
    assert part.card.content["figures"] == [{"split": "fold", "all": {"fields": 4}}]
    beside = part.path / part.card.files["curves"].name
    assert json.loads(beside.read_text()) == {"fold": drawn["curves"]}
    assert shown_card(part)["figures"] == [drawn]
    again = describe_again(SEGMENTATION, edition, [{"split": "fold"}])
    assert "curves" not in again.card.files
    assert not beside.exists()


@pytest.mark.parametrize(
    ("name", "edition"),
    [("taleqani", "cells/1.4.0"), ("pbc_cells", "cell-types/1.0.0"), ("segmentation", None)],
)
def test_the_notes_of_the_shipped_models_say_what_their_cards_say(name, edition):
    content = (OURS / f"{name}.toml").read_text("utf-8")
    digest = content.split('data_sha256 = "')[1].split('"')[0]
    notes = read_notes(OURS / f"{name}.toml", digest)
    card = json.loads((PACKAGES / (edition or "wbc-unet/1.1.0") / CARD).read_text("utf-8"))
    assert list(notes.limits) == card["limits"]
    assert list(notes.tried) == card["tried"]
    if edition:
        assert digest == card["training"]["manifest_sha256"]
        assert notes.sources[0] == card["training"]["source"]
