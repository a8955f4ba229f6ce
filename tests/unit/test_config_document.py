"""YAML as configurations use it, and what is said where a file is none."""

from pathlib import Path

import pytest

from pipeline.config.document import parse_document, read_document
from pipeline.config.environment import LEFT_EMPTY
from pipeline.config.problem import ConfigFileError
from tests.config_files import STREAMS, load, mistakes, refusal

PATH = Path("cameras.yaml")


def plain(text: str) -> object:
    document = parse_document(text, PATH)
    return document.value({scalar.location: scalar.written for scalar in document.scalars()})


@pytest.mark.parametrize("word", ["no", "on", "007", "12:30", "1_000", "0x1f", "2026-11-22", "1e3", ".5", "<<", "="])
def test_a_scalar_is_the_text_that_the_file_has(word: str) -> None:
    assert plain(f"key: {word}") == {"key": word}


def test_what_is_left_empty_is_told_from_null() -> None:
    assert plain("a:\nb: null\nc: ~\nd: ''\ne: 'null'\nf: [x, null]\n") == {
        "a": LEFT_EMPTY,
        "b": None,
        "c": None,
        "d": "",
        "e": "null",
        "f": ["x", None],
    }


def test_a_section_whose_keys_are_all_commented_out_is_that_of_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, STREAMS + "http:\n  #port: 80\nalerts:\n") == load(tmp_path, STREAMS)


def test_an_unknown_key_is_a_mistake_even_where_it_is_left_empty(tmp_path: Path) -> None:
    said = mistakes(tmp_path, STREAMS + "htpp:\n  #port: 80\n")[2, "htpp"]
    assert said.startswith("there is no key htpp here; did you mean http?")


def test_a_byte_order_mark_and_lines_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "cameras.yaml"
    path.write_bytes(b"\xef\xbb\xbfhttp:\r\n  port: 80\r\n  prot: 81\r\n")
    document = read_document(path)
    assert document.line(("http", "prot")) == 3


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 0, "the file is empty; `maskstream init DIR` writes an example"),
        ("# nothing\n", 0, "the file is empty"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "not YAML: expected ',' or ']'"),
        ("a: 1\nb 2\nc: 3\n", 2, "not YAML: could not find expected ':'"),
        ("a: 1\nb: 'x\nc: 3\n", 2, "not YAML: found unexpected end of stream"),
        ("a: 1\n\tb: 2\n", 2, "found character '\\t' that cannot start any token"),
        ("a: 1\nb: &x 1\nc: *x\n", 3, "aliases (*name) are not read"),
        ("a: 1\n---\nb: 1\n", 2, "not YAML: but found another document"),
        ("a: 1\nb: \x07\n", 2, "a control character"),
        ("[" * 5000, 0, "nested too deeply"),
    ],
)
def test_what_is_not_yaml_is_told_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(ConfigFileError) as error:
        parse_document(text, PATH)
    (problem,) = error.value.problems
    assert problem.line == line
    assert said in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "a: *hunter22",
        "a: &hunter22 1\nb: &hunter22 2",
        "a: !hunter22!x 1",
        "a: %hunter22",
        "{hunter22: [}",
        'a: "\\qhunter22',
    ],
)
def test_what_is_not_yaml_may_be_a_password_and_is_not_repeated(text: str, tmp_path: Path) -> None:
    assert "hunter22" not in str(refusal(tmp_path, text))


def test_a_key_that_may_be_a_password_is_not_repeated(tmp_path: Path) -> None:
    text = STREAMS + "http: {token:hunter22}\nalerts: {'pass word hunter22': 1}"
    error = refusal(tmp_path, text)
    assert [(found.line, found.key) for found in error.problems] == [(2, "http.***"), (3, "alerts.***")]
    assert "hunter22" not in str(error)


def test_what_yaml_allows_and_a_configuration_does_not(tmp_path: Path) -> None:
    text = """\
device: cpu
http:
  port: 80
  token: !secret door
  port: 81
? [a, b]
: 1
device: auto
"""
    assert mistakes(tmp_path, text + STREAMS) == {
        (4, "http.token"): "tags (!name) are not read; quote a value that begins with !",
        (5, "http.port"): "this key stands twice, first on line 3; keep one",
        (6, ""): "a key is a plain word, got a list or a section",
        (8, "device"): "this key stands twice, first on line 1; keep one",
    }


def test_a_list_is_no_configuration(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "- a\n- b\n") == {(1, ""): "takes a section of keys"}


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigFileError, match=r"absent\.yaml: can't be read: no such file or directory"):
        read_document(tmp_path / "absent.yaml")
    path = tmp_path / "latin.yaml"
    path.write_bytes("a: 1\nb: caf\xe9\n".encode("latin-1"))
    with pytest.raises(ConfigFileError, match=r"latin\.yaml:2: a byte that is not UTF-8"):
        read_document(path)
