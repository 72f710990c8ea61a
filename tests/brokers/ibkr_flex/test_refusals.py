"""Files that are refused as a whole, each with a sentence that helps; and odd files that are not."""

import gzip
import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from journal.brokers.base import (
    ExecutionRow,
    ParseOptions,
    ProblemRow,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.registry import get_parser
from tests.brokers.ibkr_flex.flex import SAMPLES, statement, trade
from tests.brokers.reading import of, parse, problem_codes
from tests.effort import examples

GOOD = statement(trade())
LAUGHS = (
    '<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 or str()};" * 10}">' for n in range(1, 10))
    + ']>\n<FlexQueryResponse type="AF"><FlexStatements>&lol9;</FlexStatements></FlexQueryResponse>'
)


def archive(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for name in names:
            packed.writestr(name, GOOD)
    return data.getvalue()


def refusal(data) -> UnreadableStatement:
    with pytest.raises(UnreadableStatement) as caught:
        parse(data)
    return caught.value


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf \n", "empty_file"),
        (b"Date,Symbol\n2026-06-02,ACME\n", "not_xml"),
        (b'"ClientAccountID","AccountAlias"\n"U7000001",""\n', "flex_text"),
        (b"BOF,U7000001,Journal,1\n", "flex_text"),
        (b'"Type","SettleDate","ISIN","Amount","CurrencyPrimary"\n', "flex_text"),
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "web_page"),
        (b"<HTML><body>503</body></HTML>", "web_page"),
        (b"<head><script>location = '/login'</script></head>", "web_page"),
        (b"<!-- saved --><html><head><meta></head></html>", "web_page"),
        (b"Statement,Header,Field Name,Field Value\nStatement,Data,Title,x\n", "activity_csv"),
        (archive("statement.xml"), "packed_file"),
        (archive(), "packed_file"),
        (gzip.compress(GOOD.encode(), mtime=0), "packed_file"),
        (archive("[Content_Types].xml"), "document_file"),
        (archive("mimetype"), "document_file"),
        (b"%PDF-1.7", "document_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "document_file"),
        (b"\x89PNG\r\n\x1a\n", "document_file"),
        (b'{"trades": []}', "document_file"),
        (b"<FlexQ", "truncated"),
        (b'<?xml version="1.0"?><rss><channel /></rss>', "not_flex"),
        (b"<a>" + b"<b/>" * 5000 + b"</a>", "not_flex"),
        (LAUGHS.encode(), "hostile_xml"),
        (b'<!DOCTYPE FlexQueryResponse SYSTEM "http://192.0.2.1/x.dtd"><FlexQueryResponse/>', "hostile_xml"),
        (b"<FlexQueryResponse>" + b"<a>" * 100, "hostile_xml"),
        (GOOD.replace('symbol="', 'symbol="' + "A" * 2_000_000).encode(), "hostile_xml"),
        (GOOD.replace('symbol="', 'symbol="' + ">" * 2_000_000).encode(), "hostile_xml"),
        (GOOD[:500].encode(), "truncated"),
        (GOOD.replace("</Trades>", "</Traders>").encode(), "broken_xml"),
        (GOOD.replace('symbol="ACME"', 'symbol="A" symbol="B"').encode(), "broken_xml"),
        (GOOD.replace('symbol="ACME"', 'symbol="&unknown;"').encode(), "broken_xml"),
        ((GOOD + GOOD).encode(), "broken_xml"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_by_name(data, code):
    found = refusal(data)
    assert found.code == code
    assert found.message[0].isupper()
    assert found.message.endswith(".")


def test_half_a_file_says_where_it_ends():
    assert "after row 6" in refusal(GOOD[: GOOD.index("</Trades>")].encode()).message


def test_what_ends_before_its_first_row_says_so():
    assert "before its first row" in refusal(b"<FlexQ").message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (archive("statement.xml"), "packed (ZIP). Unpack it"),
        (gzip.compress(b"x", mtime=0), "packed (GZIP). Unpack it"),
        (archive("[Content_Types].xml"), "such as Excel"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"[1, 2]", "JSON"),
    ],
)
def test_a_file_of_another_kind_is_told_what_it_is(data, words):
    assert words in refusal(data).message


def test_a_service_error_is_shown_with_its_meaning():
    found = refusal(
        b"<FlexStatementResponse timestamp='28 August, 2012 10:37 AM EDT'>\n<Status>Fail</Status>\n"
        b"<ErrorCode>1012</ErrorCode>\n<ErrorMessage>Token has expired.</ErrorMessage>\n"
        b"</FlexStatementResponse>"
    )
    assert found.code == "service_error"
    assert "1012" in found.message
    assert "token has expired" in found.message.lower()


def test_an_unknown_service_error_is_shown_as_it_is():
    found = refusal(
        b"<FlexStatementResponse><Status>Warn</Status><ErrorCode>4711</ErrorCode>"
        b"<ErrorMessage>The moon is full.</ErrorMessage></FlexStatementResponse>"
    )
    assert "4711" in found.message
    assert "The moon is full." in found.message


def test_a_receipt_is_not_a_statement():
    found = refusal(
        b"<FlexStatementResponse><Status>Success</Status><ReferenceCode>123</ReferenceCode>"
        b"<Url>https://example.org</Url></FlexStatementResponse>"
    )
    assert found.code == "service_receipt"


def test_an_unknown_zone_is_refused():
    with pytest.raises(UnreadableStatement) as caught:
        parse(GOOD, zone="Middle/Earth")
    assert caught.value.code == "unknown_time_zone"


NAMED = statement(trade(description="Zürich Rück"))


@pytest.mark.parametrize(
    "data",
    [
        NAMED.encode(),
        b"\xef\xbb\xbf" + NAMED.encode(),
        NAMED.encode("utf-16"),
        NAMED.encode("utf-16-le"),
        NAMED.encode("utf-16-be"),
        NAMED.encode("utf-32"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>' + NAMED).encode("latin-1"),
        ('<?xml version="1.0" encoding="windows-1252"?>' + NAMED).encode("cp1252"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + NAMED).encode(),
        ('<?xml version="1.0" encoding="x-klingon"?>' + NAMED).encode(),
        ("\n  " + NAMED).encode(),
    ],
)
def test_statements_come_in_many_encodings(data):
    (fill,) = of(ExecutionRow, parse(data))
    assert fill.instrument.description == "Zürich Rück"


def test_latin_1_that_says_nothing_is_repaired_and_told():
    rows = [trade(description="Zürich Rück"), *[trade(description="ACME")] * 500]
    records = parse(statement(*rows).encode("latin-1"))
    assert of(ExecutionRow, records)[0].instrument.description == "Zürich Rück"
    assert problem_codes(records) == {"repaired_text": 1}


def repairs(data: bytes) -> list[tuple[str, int]]:
    found = of(ProblemRow, parse(data))
    assert {problem.code for problem in found} <= {"repaired_text"}
    return [(problem.account_id, problem.row) for problem in found]


@pytest.mark.parametrize("bad", [1, 2, 300, 4_999, 5_000])
def test_repaired_text_is_told_with_the_first_row_of_it(bad):
    rows = [trade(transactionID=str(n)) for n in range(1, 5_001)]
    rows[bad - 1] = trade(transactionID=str(bad), description="Zürich > Rück")
    rows.append(trade(transactionID="9999", description="Zürich again"))
    data = statement(*rows).replace("&gt;", ">").encode("latin-1")
    (fill,) = [one for one in of(ExecutionRow, parse(data)) if one.broker_id == str(bad)]
    assert repairs(data) == [("U7000001", fill.row)]


def test_repaired_text_is_told_with_the_account_whose_statement_it_is_in():
    first = statement(trade(description="Zürich"))
    second = statement(trade(), account="U7000002")
    both = first.replace('count="1"', 'count="2"').replace(
        "</FlexStatement>\n", "</FlexStatement>\n" + second[second.index("<FlexStatement ") :].split("</FlexStatements>")[0], 1
    )  # fmt: skip
    assert repairs(both.encode("latin-1")) == [("U7000001", 6)]
    assert repairs(both.replace("Zürich", "Zurich").encode("latin-1")) == []


def test_text_that_is_repaired_before_the_first_row_and_after_the_last():
    named = GOOD.replace('queryName="Test"', 'queryName="Prüfung"')
    assert repairs(named.encode("latin-1")) == [("", 1)]
    assert repairs(f"  {named}".encode("latin-1")) == [("", 1)]
    assert repairs(f"{GOOD}<!-- geprüft {'>' * 900} -->".encode("latin-1")) == [("U7000001", 6)]


def test_comments_hide_what_is_in_them():
    text = statement(trade(), trade(), f"<!-- {trade()} -->", trade())
    assert len(of(ExecutionRow, parse(text))) == 3


@pytest.mark.parametrize(
    "changed",
    [
        trade().replace("<Trade ", "<Trade\n\t "),
        trade().replace('"', "'"),
        trade().replace(" />", "></Trade>"),
        trade().replace(' symbol="ACME"', ' symbol = "ACME"'),
    ],
)
def test_rows_written_otherwise_are_read_the_same(changed):
    fills = of(ExecutionRow, parse(statement(trade(), trade(), changed, trade())))
    assert len({fill._replace(row=0, raw=0) for fill in fills}) == 1
    assert len(fills) == 4
    assert [fill.row for fill in fills] == [6, 7, 8, 9]


def test_named_and_numbered_characters_are_read_in_every_row():
    names = ["A&B", 'A"B', "A<B>", "A'B", "A\nB", "Ünï"]
    fills = of(ExecutionRow, parse(statement(*[trade(description=name) for name in ["X", *names]])))
    assert [fill.raw["description"] for fill in fills[1:]] == names
    numbered = trade(description="X").replace('"X"', '"A&#38;B &#x3c;"')
    (_, fill) = of(ExecutionRow, parse(statement(trade(description="X"), numbered)))
    assert fill.raw["description"] == "A&B <"


def test_rows_after_the_end_of_the_document_are_damage():
    assert refusal(GOOD + trade()).code == "broken_xml"
    assert refusal(GOOD + (trade() + "\n") * 3).code == "broken_xml"


def test_a_statement_without_rows_is_a_statement():
    (info,) = parse('<FlexQueryResponse type="AF"><FlexStatements count="1"><FlexStatement accountId="U7000001" '
                    'fromDate="20260601" toDate="20260630"/></FlexStatements></FlexQueryResponse>')  # fmt: skip
    assert isinstance(info, StatementInfo)


def test_details_of_a_person_are_not_kept():
    (info,) = of(StatementInfo, parse(SAMPLES / "activity.xml"))
    assert (info.base_currency, info.account_alias) == ("USD", "Swing")
    assert not {"name", "primaryEmail"} & set(info.raw)


PIECES = [path.read_text() for path in sorted(SAMPLES.glob("*.xml"))]
NASTY = st.one_of(
    st.sampled_from(["", "--", "0", "-1", "NaN", "1e999", "99999999;999999", "01/02/2026", "U7000001",
                     "BUY (Ca.)", "C;O", "EXECUTION", "ORDER", "CASH", "1,0", "MULTI", "0.0000001"]),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters='<>&"'), max_size=12),
)  # fmt: skip


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_changed_attributes_never_break_the_reader(data):
    text = data.draw(st.sampled_from(PIECES))
    parts = text.split('"')
    for _ in range(data.draw(st.integers(1, 12))):
        index = data.draw(st.integers(0, len(parts) // 2 - 1)) * 2 + 1
        parts[index] = data.draw(NASTY)
    with suppress(UnreadableStatement):
        parse('"'.join(parts))


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PIECES), st.integers(0, 10**6), st.binary(max_size=8), st.integers(0, 40))
@example(PIECES[0], 3, b"\xff\xfe", 0)
def test_changed_bytes_never_break_the_reader(text, place, inserted, removed):
    data = text.encode()
    place %= len(data)
    with suppress(UnreadableStatement):
        parse(data[:place] + inserted + data[place + removed :])


def test_two_files_may_be_read_at_the_same_time():
    parser = get_parser("ibkr_flex")
    one, other = (
        parser.parse(io.BytesIO(SAMPLES.joinpath(name).read_bytes()), ParseOptions())
        for name in ("activity.xml", "options.xml")
    )
    mixed = [record for pair in zip(one, other, strict=False) for record in pair]
    assert {record.account_id for record in mixed} == {"U7000001", "U7000002"}
