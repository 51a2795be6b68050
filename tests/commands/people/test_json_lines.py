import pytest

from app.auth.people.rows import UnreadableFile
from app.commands.people.lines import LONGEST
from tests.commands.people.file import jsonl, person, read, refusals, values


def test_every_line_is_a_row_with_its_number() -> None:
    rows = read(b'\n{"a": 1}\n  \r\n{"b": "\xc3\xa9"}')
    assert values(rows) == [{"a": 1}, {"b": "é"}]
    assert [row.line for row in rows] == [2, 4]


def test_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert values(read(b'\xef\xbb\xbf{"a": 1}\r\n')) == [{"a": 1}]


def test_nothing_is_in_an_empty_file() -> None:
    assert read(b"") == []


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"ada@example.com", "is not JSON: "),
        (b'{"a": 1', "is not JSON: "),
        (b'{"a": "\\ud800"}', "is not JSON: "),
        (b"[" * 5000, "is not JSON: "),
        (b"[]", "is not a JSON object"),
        (b"null", "is not a JSON object"),
        (b'{"name": "Ren\xe9"}', "is not UTF-8"),
        (b'{"name": "' + b"x" * LONGEST + b'"}', "is longer than 1,048,576 bytes"),
        (b"x" * (3 * LONGEST), "is longer than 1,048,576 bytes"),
    ],
)
def test_bad_line_is_refused_and_the_next_is_read(line: bytes, reason: str) -> None:
    rows = read(jsonl(person()) + line + b"\n" + jsonl(person()))
    assert values(rows) == [person(), person()]
    (refused,) = refusals(rows)
    assert (refused.line, refused.field) == (2, None)
    assert refused.reason.startswith(reason)


@pytest.mark.parametrize("form", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_told_at_once(form: str) -> None:
    with pytest.raises(UnreadableFile, match="UTF-16: save it as UTF-8"):
        read(('\ufeff{"a": 1}\n').encode(form))
