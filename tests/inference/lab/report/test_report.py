from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from inference.lab.audit.verdict import Trial, summary
from inference.lab.data.manifest import Entry
from inference.lab.evaluate.curves import curves_of
from inference.lab.evaluate.metrics import metrics_of
from inference.lab.report.palette import DARK, FAMILY, LIGHT
from inference.lab.report.write import ReportInvalid, write_report

TOKENS = Path(__file__).resolve().parents[4] / "static" / "css" / "tokens.css"
CLASSES = ["Benign", "Pre <B>"]
PICTURES = {"accuracy", "decisions", "confusion", "roc", "reliability", "learning"}


def row(fields=10, **more):
    shares = dict.fromkeys(("accuracy", "decided", "decided_wrong", "insufficient"), 0.5)
    missed = {"malignant_decided_benign": 0.1, "background_only_accuracy": 0.875}
    return {"fields": fields, **shares, **missed, **more}


def split(name="fold"):
    label = np.arange(40) % 2
    probabilities = np.where(np.arange(40)[:, None] % 3, np.eye(2)[label], 0.5)
    learned = {"fold 0": {"loss": [1.0, 0.5], "accuracy": [0.5, 0.75]}}
    return {
        "split": name,
        "command": f"python manage.py evaluate --split {name}",
        "all": row(40),
        "rounds": {"fold 0": row(40)},
        "groups": {"0 (Benign)": row(), "1 (Pre <B>)": row(whole_field_accuracy=0.25)},
        "confusion": {"classes": CLASSES, "rows": [[18, 2], [3, 17]]},
        "metrics": metrics_of(label, probabilities, np.arange(40) % 8, CLASSES, draws=5),
        "curves": curves_of(label, probabilities, CLASSES, learned),
    }


def audited(painted):
    entry = Entry("0.png", "Benign", "", "0", "0", 0)
    trials = [
        Trial(entry, "A", "unchanged", "", True, True),
        Trial(entry, "A", "painted", "flat background", painted, False),
    ]
    return summary(trials, {"fold": {"all": 0.93}}, edition="cells/1.0.0", fields=1)


class Links(HTMLParser):
    """Everything that a browser would fetch."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in {"src", "href", "srcset"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "new"
    write_report([split(), audited(False), {"split": "segmentation", "dice": 0.9}], folder)
    return folder


@pytest.fixture(scope="module")
def text(folder):
    return (folder / "index.html").read_text("utf-8")


def test_the_page_fetches_nothing(text):
    links = Links(text).found
    assert len(links) == 2 * len(PICTURES)
    assert all(link.startswith("data:image/png;base64,") for link in links)
    assert not re.search(r"https?://|@import|url\(", text)


def test_every_picture_lies_beside_the_page_and_can_be_read(folder):
    names = {path.name for path in folder.iterdir()}
    assert names == {"index.html"} | {f"fold-{name}.png" for name in PICTURES}
    for path in folder.glob("*.png"):
        assert cv2.imread(str(path)).shape[1] > 700


def test_light_and_dark_pictures_differ(text):
    light, dark = Links(text).found[1], Links(text).found[0]
    assert light != dark


def test_figures_stand_with_their_intervals_and_commands(text):
    assert "python manage.py evaluate --split fold" in text
    assert re.search(r"Matthews correlation</th><td>[\d.-]+</td><td>[\d.-]+ to [\d.-]+</td>", text)
    assert "87.5 %" in text
    assert "25.0 %" in text


def test_a_weak_group_is_on_the_page_and_names_cannot_break_it(text):
    assert "1 (Pre &lt;B&gt;)" in text
    assert "<B>" not in text


def test_an_audit_that_failed_says_so_on_the_page(text, tmp_path):
    assert "Not passed." in text
    assert "Cells painted out with flat background: insufficient in 0.0 %" in text
    passed = write_report([audited(True)], tmp_path).read_text("utf-8")
    assert "Passed." in passed
    assert "Not passed." not in passed


def test_every_row_of_every_table_has_a_cell_for_each_head(text):
    tables = re.findall(r"<thead><tr>(.*?)</tr></thead>\n<tbody>\n(.*?)</tbody>", text, re.DOTALL)
    assert len(tables) == 10
    for heads, rows in tables:
        lines = rows.strip().splitlines()
        assert {len(re.findall(r"<t[hd]", line)) for line in lines} == {heads.count("<th")}


def test_figures_of_another_kind_are_listed_plainly(text):
    assert '<th scope="row">dice</th><td>0.900</td>' in text


def test_older_figures_without_curves_still_make_a_page(tmp_path):
    older = split()
    del older["metrics"], older["curves"]
    write_report([older], tmp_path)
    assert {path.stem for path in tmp_path.glob("*.png")} == {
        f"fold-{name}" for name in ("accuracy", "decisions", "confusion")
    }


def test_the_same_figures_give_the_same_bytes(folder, tmp_path):
    write_report([split(), audited(False), {"split": "segmentation", "dice": 0.9}], tmp_path)
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize("broken", [[], [{"split": "fold"}], [{"split": "audit", "fields": 3}]])
def test_figures_that_lack_something_are_a_sentence_and_nothing_is_written(broken, tmp_path):
    with pytest.raises(ReportInvalid, match=r"figures"):
        write_report(broken, tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_colours_and_type_are_those_of_the_product():
    text = TOKENS.read_text("utf-8")
    known = dict(re.findall(r"--([\w-]+): light-dark\((#\w+, #\w+)\)", text))
    assert {name: f"{LIGHT[name]}, {DARK[name]}" for name in LIGHT} == {
        name: known[name] for name in LIGHT
    }
    assert f"--family: {FAMILY};" in text


def test_the_command_writes_a_page_from_files(tmp_path, capsys):
    figures, audit = tmp_path / "figures.json", tmp_path / "audit.json"
    figures.write_text(json.dumps([split()]))
    audit.write_text(json.dumps([audited(True)]))
    call_command("report_model", str(figures), str(audit), "--output", str(tmp_path / "r"))
    assert capsys.readouterr().out.strip() == str(tmp_path / "r" / "index.html")
    assert "Shortcut audit" in (tmp_path / "r" / "index.html").read_text("utf-8")


@pytest.mark.parametrize("content", ["{", "[1]", '{"fields": 3}'])
def test_a_file_without_figures_is_a_sentence(content, tmp_path):
    path = tmp_path / "figures.json"
    path.write_text(content)
    with pytest.raises(CommandError, match=r"figures\.json"):
        call_command("report_model", str(path), "--output", str(tmp_path / "r"))
    assert not (tmp_path / "r").exists()


def test_a_folder_that_is_a_file_is_a_sentence(tmp_path):
    figures, taken = tmp_path / "figures.json", tmp_path / "taken"
    figures.write_text(json.dumps([audited(True)]))
    taken.write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("report_model", str(figures), "--output", str(taken))
