"""Labelled files are read in their two forms, and what is none is refused with the place."""

import json

import pytest

from comments.spam.learner.features import Written
from comments.spam.learner.labelled import NotLabelled, read_labelled

HEAD = "COMMENT_ID,AUTHOR,DATE,CONTENT,CLASS\n"


def written_to(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_of_the_collection_is_read(tmp_path):
    path = written_to(tmp_path / "a.csv", HEAD + '1,Ann,2015-01-01,"Hi, all",0\n2,Bo,,Buy,1\n')
    ann, bo = read_labelled(path).comments
    assert (ann.written, ann.is_spam, ann.date) == (Written("Hi, all", "Ann"), False, "2015-01-01")
    assert (bo.written, bo.is_spam, bo.date) == (Written("Buy", "Bo"), True, "")


def test_lines_of_json_are_read_with_what_is_known(tmp_path):
    rows = [
        {"text": "Hi", "label": "ham", "author": "Ann", "website": "https://a.example"},
        {"text": "Buy", "label": 1},
    ]
    path = written_to(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)) + "\n\n")
    ann, buy = read_labelled(path).comments
    assert ann.written == Written("Hi", "Ann", "https://a.example")
    assert (ann.is_spam, buy.is_spam) == (False, True)


def test_a_file_that_begins_with_the_newest_is_turned_and_missing_dates_are_those_around(tmp_path):
    rows = "1,,2015-03-01,third,0\n2,,,second,1\n3,,2015-01-01,first,0\n"
    corpus = read_labelled(written_to(tmp_path / "a.csv", HEAD + rows))
    dated = [(date, comment.written.text) for date, comment in corpus.dated]
    assert dated == [("2015-01-01", "first"), ("2015-01-01", "second"), ("2015-03-01", "third")]


def test_a_file_of_ham_needs_no_labels_when_that_is_said(tmp_path):
    path = written_to(tmp_path / "a.jsonl", '{"text": "Hi"}\n')
    assert read_labelled(path, label=False).is_ham
    with pytest.raises(NotLabelled, match="line 1: the label None"):
        read_labelled(path)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "TEXT,CLASS\nHi,0\n", "line 1: a column is missing: COMMENT_ID"),
        ("a.csv", HEAD + "1,Ann,,Hi\n", "line 2: not as many values"),
        ("a.csv", HEAD + "1,Ann,,Hi,0,0\n", "line 2: not as many values"),
        ("a.csv", HEAD + "1,Ann,,Hi,maybe\n", "line 2: the label 'maybe'"),
        ("a.csv", HEAD + '1,Ann,,"Hi,0\n', "this is no CSV"),
        ("a.csv", HEAD, "it holds no comments"),
        ("a.jsonl", "", "it holds no comments"),
        ("a.jsonl", '{"text": "Hi", "label": 0}\nham\tHi\n', "line 2: this is no JSON"),
        ("a.jsonl", "[1]\n", "line 1: this is no object with a text"),
        ("a.jsonl", '{"text": 3, "label": 0}\n', "line 1: this is no object with a text"),
        ("a.jsonl", '{"text": "Hi", "label": "eggs"}\n', "line 1: the label 'eggs'"),
    ],
)
def test_what_is_no_labelled_file_is_refused_with_the_place(tmp_path, name, text, words):
    with pytest.raises(NotLabelled, match=words):
        read_labelled(written_to(tmp_path / name, text))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "\xff\xfe"}')
    with pytest.raises(NotLabelled, match="not in UTF-8"):
        read_labelled(path)
