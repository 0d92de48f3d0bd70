"""`manage.py spam_bench` measures the learner on labelled files, and needs no database for it."""

import json

import pytest
from django.core.management import CommandError, call_command

HEAD = "COMMENT_ID,AUTHOR,DATE,CONTENT,CLASS\n"
HAM = "Comment {} on how the {} rose in my kitchen, with many thanks"
SPAM = "Buy {} now, cheap: http://shop.example/{}"
THINGS = ("bread", "rye", "dough", "yeast", "crust")


@pytest.fixture
def files(tmp_path):
    paths = []
    for name in ("one.csv", "two.csv"):
        texts = [(SPAM if n % 2 else HAM).format(n, THINGS[n % 5]) for n in range(110)]
        rows = [f'{n},Ann,2015-01-{1 + n // 4:02},"{text}",{n % 2}' for n, text in enumerate(texts)]
        paths.append(tmp_path / name)
        paths[-1].write_text(HEAD + "\n".join(rows) + "\n")
    return [str(path) for path in paths]


@pytest.fixture
def ham(tmp_path):
    path = tmp_path / "ham.jsonl"
    rows = [json.dumps({"text": f"The {n}th king is not what was asked"}) for n in range(60)]
    path.write_text("\n".join(rows))
    return str(path)


def test_every_protocol_is_told_as_a_table_and_as_json(files, ham, tmp_path, capsys):
    kept = tmp_path / "kept.json"
    call_command("spam_bench", *files, "--ham", ham, "--json", str(kept))
    printed = capsys.readouterr().out
    told = json.loads(kept.read_text())
    assert list(told) == ["split", "leave-one-out", "stream", "shift"]
    assert all(name in printed for name in told)
    (accuracy, *_rest) = told["leave-one-out"]
    assert accuracy["what"] == "accuracy"
    assert accuracy["low"] <= accuracy["value"] <= accuracy["high"]
    # These two files are as alike as can be.
    assert accuracy["value"] > 99


def test_one_protocol_may_be_asked_for(files, tmp_path, capsys):
    call_command("spam_bench", files[0], "--protocol", "split", "--json", str(tmp_path / "k"))
    assert list(json.loads((tmp_path / "k").read_text())) == ["split"]


def test_all_leaves_out_what_the_files_do_not_suffice_for(files, tmp_path, capsys):
    call_command("spam_bench", files[0], "--json", str(tmp_path / "k"))
    assert list(json.loads((tmp_path / "k").read_text())) == ["split", "stream"]


def test_what_is_lacking_is_said(files, ham, tmp_path):
    with pytest.raises(CommandError, match="at least 2 labelled files"):
        call_command("spam_bench", files[0], "--protocol", "leave-one-out")
    with pytest.raises(CommandError, match="--ham"):
        call_command("spam_bench", files[0], "--protocol", "shift")
    with pytest.raises(CommandError, match=r"line 1: the label None"):
        call_command("spam_bench", ham)
    with pytest.raises(CommandError, match="No such file"):
        call_command("spam_bench", str(tmp_path / "none.csv"))
