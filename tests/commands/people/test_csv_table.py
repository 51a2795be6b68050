import pytest

from app.auth.people.rows import UnreadableFile
from tests.commands.people.file import read, refusals, values
from tests.support.additional import USER_FIELDS

HEAD = b"email,name,image\r\n"


def test_bom_quotes_and_line_ends_inside_of_a_cell_are_read() -> None:
    content = b"\xef\xbb\xbf" + HEAD + b'a@b.co,"Ada ""A"", L\r\nLovelace",\r\n\r\nc@d.co,,x\r\n'
    rows = read(content, csv=True)
    assert values(rows) == [
        {"email": "a@b.co", "name": 'Ada "A", L\r\nLovelace'},
        {"email": "c@d.co", "name": "", "image": "x"},
    ]
    assert [row.line for row in rows] == [2, 5]


@pytest.mark.parametrize("cell", ["true", "t", "1", "yes", "TRUE"])
def test_boolean_is_read_as_databases_print_it(cell: str) -> None:
    (row,) = values(read(f"email,emailVerified\na@b.co,{cell}\n".encode(), csv=True))
    assert row == {"email": "a@b.co", "emailVerified": True}


def test_cells_of_additional_fields_become_what_json_would_have() -> None:
    content = b'email,age,tags,prefs,admin,lang\na@b.co,5,"[""x""]",{,maybe,7\n'
    (row,) = values(read(content, csv=True, additional=USER_FIELDS))
    assert row == {
        "email": "a@b.co",
        "age": 5,
        "tags": ["x"],
        "prefs": "{",
        "admin": "maybe",
        "lang": "7",
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"a@b.co,Ada", "has 2 cells, where the header has 3"),
        (b"a@b.co,Ada,,", "has 4 cells"),
        (b'a@b.co,"Ada" L,', "is not CSV: "),
        (b"a@b.co,Ren\xe9,", "is not UTF-8"),
        (b"a@b.co," + b"x" * 2_000_000 + b",", "is longer than 1,048,576 bytes"),
    ],
)
def test_bad_row_is_refused_and_the_next_is_read(line: bytes, reason: str) -> None:
    rows = read(HEAD + line + b"\r\nc@d.co,Cy,\r\n", csv=True)
    assert values(rows) == [{"email": "c@d.co", "name": "Cy"}]
    (refused,) = refusals(rows)
    assert refused.line == 2
    assert refused.reason.startswith(reason)


def test_quote_that_is_not_closed_says_which_lines_it_took() -> None:
    (refused,) = refusals(read(HEAD + b'a@b.co,"Ada,\r\nc@d.co,Cy,\r\n', csv=True))
    assert refused.line == 2
    assert "lines 2 to 3: is a quote not closed?" in refused.reason


def test_quote_that_is_not_closed_takes_no_more_than_a_megabyte() -> None:
    many = b"c@d.co,Cy,\r\n" * 100_000
    rows = read(HEAD + b'a@b.co,"Ada,\r\n' + many, csv=True)
    assert len(refusals(rows)) == 1
    assert len(values(rows)) > 10_000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"name\n", "has no column email"),
        (b"email,email\n", "has a column twice"),
        (b"email,phone\n", "the column 'phone' is unknown: leave it out"),
        (b"email,created_at\n", "the column 'created_at' is unknown: is createdAt meant"),
        (b"email,password\n", "is passwordHash meant"),
        (b"email;name\n", "separate columns with commas"),
        (b"email\tname\n", "separate columns with commas"),
        (b"email,\n", "the column number 2 is unknown"),
        (b"email,n\xe9\n", "is not UTF-8"),
        (b'email,"na"me\n', "expected after"),
    ],
)
def test_header_that_can_not_be_used_is_told_at_once(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as told:
        read(content, csv=True)
    assert reason in str(told.value)


HASH = "$2b$10$abcdefghijklmnopqrstuuoyqKvA0dWRWMgmLKfGhVNOgQmFjZp1u"


@pytest.mark.parametrize(
    "row",
    [
        f"ada@b.co,Emily,{HASH}",
        f"{HASH},Emily,ada@b.co",
        "5f4dcc3b5aa765d61d8327deb882cf99,ada,b",
        "bf4dcc3b5aa765d61d8327deb882cf99,ada,b",
        "7,Ada,ada@b.co",
    ],
)
def test_row_in_the_header_s_place_is_told_by_what_is_wanted_and_not_shown(row: str) -> None:
    with pytest.raises(UnreadableFile) as told:
        read(f"{row}\n".encode(), csv=True)
    line = str(told.value)
    assert line.startswith("the first line is a row of 3 cells, not the column names")
    assert "id, email, name, emailVerified, image, createdAt, updatedAt, passwordHash" in line
    assert not any(cell in line for cell in row.split(",") if len(cell) > 1)


def test_additional_fields_are_among_the_wanted_columns() -> None:
    with pytest.raises(UnreadableFile, match="passwordHash, "):
        read(b"a@b.co,Ada\n", csv=True, additional=USER_FIELDS)


def test_hash_among_the_columns_names_is_not_shown() -> None:
    with pytest.raises(UnreadableFile) as told:
        read(f"email,{HASH}\n".encode(), csv=True)
    assert str(told.value).startswith("the column number 2 is unknown")
    assert HASH not in str(told.value)
