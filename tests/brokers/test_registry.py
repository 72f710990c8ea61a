"""Adapters are found by name and by content."""

import pytest

from journal.brokers.base import StatementParser
from journal.brokers.registry import UnknownFormat, detect, explain, get_parser, list_slugs


@pytest.mark.parametrize("slug", list_slugs())
def test_every_adapter_keeps_the_protocol_and_its_own_name(slug):
    parser = get_parser(slug)
    assert isinstance(parser, StatementParser)
    assert parser.slug == slug


def test_an_unknown_format_says_which_are_known():
    with pytest.raises(UnknownFormat, match="ibkr_flex"):
        get_parser("papyrus")


@pytest.mark.parametrize(
    "head",
    [
        b'<FlexQueryResponse queryName="x" type="AF">',
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<FlexQueryResponse type="TC">',
        '<FlexQueryResponse type="AF">'.encode("utf-16"),
        b"<FlexStatementResponse timestamp='x'>",
        b'"ClientAccountID","AccountAlias","Model"',
        b"BOF,U7000001,Journal",
        b"Symbol,TradeDate,CurrencyPrimary,Quantity",
    ],
)
def test_flex_is_recognised_by_content(head):
    assert detect(head, "whatever.bin").slug == "ibkr_flex"


@pytest.mark.parametrize(
    "head",
    [
        b'"Buy/Sell","TradeDate","ISIN","Quantity","TradePrice","CurrencyPrimary","IBCommission"',
        b"BOF,U7000001,Journal\nHEADER,TRNT,ClientAccountID,DateTime,Quantity,TradePrice\n",
        b'"Type","SettleDate","ISIN","Amount","CurrencyPrimary"',
    ],
)
def test_flex_saved_as_text_is_recognised_by_its_tables(head):
    assert detect(head, "whatever.bin").slug == "ibkr_flex_csv"


@pytest.mark.parametrize("head", [b"", b"Date,Symbol,Quantity", b"<html>", b"<feed/>", b"\x00\xff"])
def test_what_nobody_knows_is_nobodys(head):
    assert detect(head, "flex.xml") is None


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"", "empty_file"),
        (b"<html><body>Sign in", "web_page"),
        (b"PK\x03\x04", "packed_file"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "hostile_xml"),
        (b"<rss></rss>", "not_flex"),
    ],
)
def test_what_nobody_knows_can_often_be_explained(head, code):
    assert explain(head, is_whole=False).code == code
    assert explain(head, is_whole=True, slug="ibkr_flex").code == code


def test_the_start_of_something_else_is_not_explained_away():
    assert explain(b"<rss><channel>", is_whole=False) is None


def test_half_of_a_small_file_is_told():
    assert explain(b"<FlexQ", is_whole=True).code == "truncated"


def test_a_reader_that_was_chosen_says_that_the_file_is_none_of_its_own():
    assert explain(b"Date,Symbol\n", is_whole=True, slug="ibkr_activity").code == "not_activity"
