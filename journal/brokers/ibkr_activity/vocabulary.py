"""The words of statements, as far as they are known, in the languages that Interactive Brokers writes them in.

The kinds of line (Header, Data, SubTotal, Total), the section Statement, the column DataDiscriminator and its values
are English in every language. Sections and columns are not: what is not in these lists is told by its place and its
content (`layouts.py`), and what cannot be told that way is left out and said.
"""

from __future__ import annotations

from enum import StrEnum

from journal.domain.values import AssetClass


class Section(StrEnum):
    STATEMENT = "Statement"
    ACCOUNT = "Account Information"
    TRADES = "Trades"
    POSITIONS = "Open Positions"
    INSTRUMENTS = "Financial Instrument Information"
    CORPORATE_ACTIONS = "Corporate Actions"
    CASH_REPORT = "Cash Report"
    NAV = "Net Asset Value"
    DIVIDENDS = "Dividends"
    WITHHOLDING_TAX = "Withholding Tax"
    INTEREST = "Interest"
    FEES = "Fees"
    DEPOSITS = "Deposits & Withdrawals"
    COMMISSION_ADJUSTMENTS = "Commission Adjustments"
    SALES_TAX = "Sales Tax"
    # With a DataDiscriminator, and a name that is not known: its first line of data tells.
    BY_CONTENT = "?"
    OTHER = ""


CASH_SECTIONS = frozenset(
    {
        Section.DIVIDENDS, Section.WITHHOLDING_TAX, Section.INTEREST, Section.FEES, Section.DEPOSITS,
        Section.COMMISSION_ADJUSTMENTS, Section.SALES_TAX,
    }
)  # fmt: skip

_SECTION_NAMES = {
    Section.STATEMENT: ("statement",),
    Section.ACCOUNT: (
        "account information", "kontoinformation", "kontoinformationen", "información sobre la cuenta",
        "информация о счете", "账户信息",
    ),
    Section.TRADES: (
        "trades", "transaktionen", "operaciones", "transactions", "operações", "сделки", "交易",
    ),
    Section.POSITIONS: (
        "open positions", "offene positionen", "posiciones abiertas", "открытые позиции", "未平仓持仓",
    ),
    Section.INSTRUMENTS: (
        "financial instrument information", "información de instrumento financiero", "金融产品信息",
    ),
    Section.CORPORATE_ACTIONS: (
        "corporate actions", "operações societárias", "корпоративные действия",
    ),
    Section.CASH_REPORT: ("cash report", "现金报告"),
    Section.NAV: (
        "net asset value", "nettoinventarwert", "valor liquidativo", "чистая стоимость активов (nav)", "净资产值",
    ),
    Section.DIVIDENDS: (
        "dividends", "payment in lieu of dividends", "dividenden", "dividendos", "dividendes", "дивиденды", "股息",
    ),
    Section.WITHHOLDING_TAX: (
        "withholding tax", "871(m) withholding", "quellensteuer", "retención de impuestos",
        "удерживаемый налог", "代扣税",
    ),
    Section.INTEREST: (
        "interest", "broker interest paid", "broker interest received", "bond interest paid",
        "bond interest received", "zinsen", "利息",
    ),
    Section.FEES: (
        "fees", "other fees", "advisor fees", "client fees", "broker fees", "gebühren", "tarifas", "费用",
    ),
    Section.DEPOSITS: (
        "deposits & withdrawals", "deposits and withdrawals", "einzahlungen & auszahlungen",
        "depósitos y retiradas", "dépôts et retraits", "存款和取款",
    ),
    Section.COMMISSION_ADJUSTMENTS: ("commission adjustments",),
    Section.SALES_TAX: ("sales tax",),
}  # fmt: skip
SECTIONS = {name: section for section, names in _SECTION_NAMES.items() for name in names}

# Sections that only sum up, explain or value what others state: kept, and not worth a word.
_SUMMARIES = frozenset(
    """
    change in nav; mark-to-market performance summary; realized & unrealized performance summary;
    month & year to date performance summary; interest accruals; change in dividend accruals; open dividend accruals;
    forex balances; forex p/l details; codes; notes/legal notes; location of customer assets, positions and money;
    base currency exchange rate; net stock position summary; borrow fee details; stock yield enhancement program;
    total p/l for statement period; trade summary by asset class; trade summary by symbol; mtm p/l summary;
    net asset value (nav) in base; collateral for customer borrowing; ib managed securities lent; cash settling mtm
    """.split(";")  # noqa: SIM905 - a list of names is easier to read and to extend as text
)  # fmt: skip
SUMMARY_NAMES = frozenset(" ".join(name.split()) for name in _SUMMARIES)

_CATEGORIES = {
    AssetClass.STOCK: ("stocks", "aktien", "acciones", "actions", "ações", "azioni", "акции", "股票"),
    AssetClass.OPTION: (
        "equity and index options", "aktien- und indexoptionen", "опционы на акции и индексы", "股票和指数期权",
        "futures-style equity and index options",
    ),
    AssetClass.FUTURE: ("futures", "futuros", "фьючерсы", "期货"),
    AssetClass.FUTURE_OPTION: ("options on futures", "futures options", "futures style options"),
    AssetClass.FOREX: ("forex", "fórex", "devisen", "форекс", "外汇"),
    AssetClass.CFD: ("cfds", "cfd", "equity cfds", "forex cfds", "index cfds"),
    AssetClass.BOND: ("bonds", "anleihen", "bonos", "obligations", "облигации", "债券"),
    AssetClass.BILL: ("treasury bills", "bills", "t-bills"),
    AssetClass.FUND: ("mutual funds", "funds", "fonds"),
    AssetClass.WARRANT: ("warrants", "optionsscheine", "варранты", "权证"),
    AssetClass.STRUCTURED: ("structured products", "iopts", "strukturierte produkte"),
    AssetClass.CRYPTO: ("crypto", "cryptocurrencies", "kryptowährungen"),
    AssetClass.METAL: ("commodities", "spot commodities", "metals"),
}  # fmt: skip
CATEGORIES = {name: kind for kind, names in _CATEGORIES.items() for name in names}

ACCOUNT_LABELS = frozenset(
    {"account", "konto", "cuenta", "compte", "conta", "conto", "счет", "счёт", "账户"}
)
ALIAS_LABELS = frozenset({"account alias", "kontoalias", "alias de cuenta"})
BASE_CURRENCY_LABELS = frozenset(
    {"base currency", "basiswährung", "divisa base", "devise de base", "moeda base", "valuta di base",
     "базовая валюта", "基础货币"}
)  # fmt: skip
ENDING_CASH_LABELS = frozenset({"ending cash", "期末现金"})
ENDING_SETTLED_CASH_LABELS = frozenset({"ending settled cash", "期末已结算现金"})
BASE_SUMMARY_LABELS = frozenset({"base currency summary", "基础货币总结"})
TOTAL_LABELS = frozenset({"total", "gesamt", "总数", "итого", "всего", "totale"})

# The first letters of month names. Longer ones are asked first: "juni" and "juli", "mar" and "may".
_MONTHS = {
    1: "jan ene gen янв 一月", 2: "feb fév fev фев 二月", 3: "mar mär мар 三月", 4: "apr abr avr апр 四月",
    5: "may mai mag май мая 五月", 6: "jun juin giu июн 六月", 7: "jul juil lug июл 七月", 8: "aug ago aoû авг 八月",
    9: "sep set сен 九月", 10: "oct okt ott out окт 十月", 11: "nov ноя 十一月", 12: "dec dez dic déc дек 十二月",
}  # fmt: skip
MONTHS = sorted(
    ((start, number) for number, starts in _MONTHS.items() for start in starts.split()),
    key=lambda item: -len(item[0]),
)
