"""What brokers and people call the columns of a table, in many languages.

A name that is a heading of ours as a whole counts most, one that contains it less. Names are compared in lower case,
marks and what stands in brackets set aside. These words only make proposals: what a mapping says is what is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from journal.brokers.generic_table.mapping import Role

# Names apart by "|". The first ones are the surest; "~" is a name of something near it, for want of a better one.
_HEADINGS: dict[Role, str] = {
    Role.DATE: """
        date time|datetime|trade date|trade time|execution time|executed at|exec time|execution date|fill time
        |filled time|fill date|filled at|time filled|exec date|trade datetime|timestamp|transaction time
        |transaction date|date|date utc|time utc|run date|activity date|trade date time|entry time|entry date
        |entry datetime|open time|opened at|open date|date opened|opening time|opening date|entry timestamp
        |bought timestamp|entry at|buy date|acquisition date|datum|datum zeit|zeitpunkt|handelsdatum|handelstag
        |ausführungszeit|ausführungsdatum|ausführung am|schlusstag|datum uhrzeit|transaktionsdatum|fecha
        |fecha hora|fecha operación|fecha de operación|fecha operacion|data operazione|data e ora|data ora|data
        |data hora|data do negócio|data negócio|data transakcji|czas transakcji|date opération|date d opération
        |date de transaction|date d exécution|date heure|handelsdag|affärsdag|avslutsdag|dato|handelsdato
        |kauppapäivä|päivämäärä|дата|дата сделки|дата и время|время сделки|日期|成交时间|成交日期|時間|約定日
        |約定日時|交易时间|tarih|işlem tarihi|datum a čas|dátum|~order time|~created at|~created time
        |~create time|~created|~time|~placed time|~placed|~last update time|~update time
    """,
    Role.TIME: """
        time|trade time|execution time|exec time|fill time|time of day|entry time|open time|hour|uhrzeit|zeit
        |ausführungszeit|hora|heure|ora|tid|tijd|tijdstip|klokkeslett|godzina|czas|время|时间|saat|horário
    """,
    Role.SYMBOL: """
        symbol|ticker|ticker symbol|stock symbol|instrument|contract|trading pair|pair|currency pair|market
        |contract symbol|symbol code|security symbol|stock code|asset symbol|instrument symbol|exchange pair
        |coin|asset|product code|code|tickersymbol|kürzel|wertpapier|ticker isin|símbolo|simbolo|symbole|symboli
        |papel|ativo|activo|инструмент|тикер|код|代码|证券代码|股票代码|合约|交易对|銘柄コード|コード|sembol
        |underlying symbol|isin|stock|security|~name|~security name|~titel|~titolo|~título|~valor|~valeur
        |~libellé|~produkt|~product|~produit|~nazwa|~aktie|~värdepapper beskrivning|~värdepapper|~verdipapir
        |~papper|~papier|~instrument name|~bezeichnung|~description|~underlying|~銘柄|~名称|~details|~asset name
        |~action name|~item
    """,
    Role.SIDE: """
        side|buy sell|b s|order side|trade side|buy or sell|direction|action|transaction type|trade type|type
        |trade action|order action|order type side|long short|market pos|market position|position side|l s|bs
        |deal type|trans code|transaction|operation|kauf verkauf|richtung|art|typ|transaktionstyp|transaktion
        |geschäftsart|typ av transaktion|tipo|tipo operazione|tipo de operación|tipo operación|operación
        |operacion|operazione|compra venta|compra venda|segno|sens|sens de l opération|opération
        |type d opération|achat vente|koop verkoop|soort|transaktionstype|transaksjonstype|kjøp salg|köp sälj
        |tapahtumalaji|kierunek|rodzaj|kupno sprzedaż|k s|тип|операция|вид сделки|направление|买卖|买卖方向|方向
        |売買|売買区分|取引|yön|alış satış|transaction category|~position|~description|~strategy|~event
        |~entry type
    """,
    Role.QUANTITY: """
        quantity|qty|filled qty|filled quantity|fill qty|fill quantity|exec qty|executed qty|executed quantity
        |shares|no of shares|number of shares|units|contracts|filled|executed|filled size|fill size
        |trade quantity|quantity transacted|asset quantity|size|order qty|order quantity|volume|vol|lots|lot
        |no of units|num shares|position size|trade size|number of contracts|share quantity|quantity filled
        |base amount|quantity bought|anzahl|stück|stückzahl|menge|nominale|nominal|nominal stk|stk|stück nominal
        |antal|aantal|cantidad|títulos|titulos|n títulos|quantità|quantita|quantité|quantite|qté|nombre|ilość
        |liczba|quantidade|qtd|qtde|antall|määrä|kpl|количество|кол во|объем|数量|成交数量|成交量|約定数量
        |miktar|adet|darab|počet|~amount|~traded|~total quantity|~transaction amount|~cum qty|~notional size
    """,
    Role.PRICE: """
        price|fill price|filled price|exec price|execution price|executed price|trade price|t price
        |average fill price|avg fill price|average price|avg price|avg filled price|average filled price
        |price per share|price share|unit price|share price|price per unit|price at transaction|asset price
        |trade price per unit|deal price|entry price|open price|opening price|buy price|entry avg price
        |average entry price|avg entry price|avg entry|average open price|avg entry fill price|purchase price
        |cost per share|net price|rate|spot price|spot price at transaction|kurs|preis|ausführungskurs
        |handelskurs|kurs je stück|stückpreis|einzelpreis|prix|prix unitaire|cours|cours d exécution|precio
        |precio unitario|prezzo|prezzo unitario|prezzo medio|preço|preço unitário|koers|prijs|cena
        |cena jednostkowa|pris|hinta|kurssi|цена|цена сделки|价格|成交价|成交均价|成交价格|単価|約定単価
        |約定価格|fiyat|ár|price usd|~order price|~limit price|~close price
    """,
    Role.AMOUNT: """
        net amount|amount|total amount|total|value|trade value|gross amount|net cash|net total|trade money
        |proceeds|gross proceeds|net proceeds|transaction amount|cash amount|principal|principal amount
        |gross value|net value|notional|notional value|order value|executed value|quote amount|total cost|cost
        |consideration|trade amount|subtotal|settlement amount|turnover|cash flow|total consideration
        |total inclusive of fees and or spread|money|betrag|gesamtbetrag|kurswert|gegenwert|wert|endbetrag
        |ausmachender betrag|belopp|bedrag|totaal|lokale waarde|waarde|importe|importe total|importe neto
        |efectivo|importo|importo euro|controvalore|montant|montant net|montant brut|valor|valor total
        |valor operação|kwota|wartość|beløp|beløb|summa|сумма|объём сделки|成交金额|成交额|金额|金額|約定金額
        |受渡金額|tutar|összeg|částka|importo divisa
    """,
    Role.FEE: """
        fee|fees|commission|commissions|comm|comm fee|fees comm|commission fee|commissions fees|trading fee
        |trading fees|transaction fee|transaction fees|broker fee|brokerage|brokerage fee|charges|costs
        |total fees|total fee|ib commission|ibcommission|fees and or spread|fees and spread|entry fee
        |entry commission|open fee|opening fee|exchange fee|exchange fees|clearing fee|clearing fees|nfa fee
        |nfa fees|reg fee|reg fees|regulatory fee|regulatory fees|sec fee|sec fees|taf|taf fee|finra fee|orf
        |ecn fee|ecn fees|routing fee|platform fee|other fees|misc fees|executed fee|execution fee|fee amount
        |fee paid|transaction costs|order fee|order commission|ecn taker|ecn maker|nscc|cat fee
        |currency conversion fee|conversion fee|gebühr|gebühren|provision|ordergebühr|kosten|transaktionskosten
        |spesen|fremde spesen|entgelt|börsengebühr|courtage|frais|frais de courtage|frais de transaction
        |commissioni|commissione|spese|comisión|comision|comisiones|gastos|comissão|corretagem|taxas|emolumentos
        |avgift|avgifter|gebyr|kurtage|kurtasje|omkostninger|kulut|kaupankäyntikulut|opłata|opłaty|prowizja
        |комиссия|комиссия брокера|сбор|手续费|佣金|手数料|諸経費|komisyon|díj|poplatek|poplatky
        |transaction and or third party fees|transactiekosten
    """,
    Role.TAX: """
        tax|taxes|transaction tax|stamp duty|stamp duty reserve tax|stt|ftt|gst|vat|withheld tax
        |french transaction tax|steuer|steuern|kapitalertragsteuer|stempelsteuer|impuesto|impuestos|taxe|tassa
        |tasse|imposta|ttf|skatt|moms|belasting|imposto|irrf|podatek|налог|印花税|税金|消費税|vergi
    """,
    Role.CURRENCY: """
        price currency|currency|currency primary|currencyprimary|ccy|curr|cur|trade currency|trading currency
        |quote currency|quote|quote asset|instrument currency|asset currency|settlement currency
        |transaction currency|currency price share|price ccy|currency code|local currency|whrg|whrg kurs|währung
        |handelswährung|valuta|divisa|moneda|devise|moeda|waluta|валюта|币种|货币|通貨|para birimi|měna
        |instrumentvaluta|transaktionsvaluta|valuutta
    """,
    Role.FEE_CURRENCY: """
        fee currency|fee coin|fee asset|commission currency|commission asset|ibcommissioncurrency|fee ccy
        |feecoin|feecurrency|commissionasset|gebührenwährung|currency fee
    """,
    Role.MULTIPLIER: """
        multiplier|contract multiplier|contract size|point value|mult|price multiplier|multiplikator
        |kontraktgröße|multiplicador|moltiplicatore|multiplicateur
    """,
    Role.ASSET_CLASS: """
        asset class|asset category|asset type|security type|instrument type|product type|sec type|class|category
        |asset subcategory|anlageklasse|wertpapierart|gattung|wertpapiertyp|tipo de activo|tipo strumento
    """,
    Role.UNDERLYING: "underlying|underlying symbol|underlying asset|root symbol|root|basiswert|subyacente|sottostante",
    Role.EXPIRY: """
        expiry|expiration|expiration date|expiry date|exp date|exp|expire date|maturity|maturity date
        |last trading day|verfall|verfallsdatum|fälligkeit|vencimiento|scadenza|échéance|vencimento
    """,
    Role.STRIKE: "strike|strike price|basispreis|ausübungspreis|precio de ejercicio|prezzo di esercizio",
    Role.RIGHT: "put call|call put|right|option type|call or put|c p|p c|option right|callput|putcall|cp",
    Role.ISIN: "isin|isin code|isin number",
    Role.DESCRIPTION: """
        description|name|security name|instrument name|company|company name|asset name|security description
        |product|bezeichnung|beschreibung|wertpapierbezeichnung|titel|nombre|descripción|descrizione|titolo
        |libellé|nom|värdepapper beskrivning|nimi|nazwa|наименование|名称|証券名称|銘柄名|security
    """,
    Role.STATUS: """
        status|order status|state|order state|fill status|trade status|zustand|auftragsstatus|estado|stato
        |statut|статус|状态|stan|durum
    """,
    Role.ORDER_ID: """
        order id|order no|order number|order|order ref|order reference|orderid|order uuid|parent order id
        |auftragsnummer|ordernummer|auftrag|referencia|riferimento ordine|numéro d ordre|ordre|номер заявки
        |委托编号|注文番号|external order id|broker order id|order ticket
    """,
    Role.EXECUTION_ID: """
        execution id|exec id|trade id|fill id|transaction id|tradeid|execid|fill no|trade no|trade number
        |deal id|deal|ticket|txid|id|tx id|uuid|transaction reference|reference|reference number|ref|ref no
        |reference id|match id|transaktionsnummer|geschäftsnummer|id transacción|номер сделки|成交编号|約定番号
        |identifier|unique id
    """,
    Role.ACCOUNT: """
        account|account number|account no|account id|acct|account name|konto|kontonummer|depot|depotnummer
        |cuenta|conto|compte|conta|rachunek|счет|счёт|账户|口座|portfolio|client account id|clientaccountid
        |subaccount|sub account
    """,
    Role.EXIT_DATE: """
        exit time|exit date|exit datetime|close time|closed at|close date|date closed|closing time|closing date
        |exit timestamp|sold timestamp|exit at|time closed|date sold|sell date|sold date|close datetime
        |verkaufsdatum|schließzeit|fecha cierre|fecha de cierre|data chiusura|date de clôture|data zamknięcia
    """,
    Role.EXIT_TIME: "exit time|close time|closing time|time closed|sell time",
    Role.EXIT_PRICE: """
        exit price|close price|closing price|sell price|exit avg price|average exit price|avg exit price
        |avg exit|average close price|avg close price|sold price|sale price|exit fill price|verkaufskurs
        |schlusskurs|precio cierre|precio de cierre|prezzo chiusura|prix de clôture|cena zamknięcia
        |precio de venta
    """,
    Role.EXIT_FEE: "exit fee|exit commission|close fee|closing fee|sell fee|sell commission|exit fees",
    Role.PROFIT: """
        pnl|p l|p and l|profit|net profit|net pnl|net p l|gross pnl|gross p l|realized pnl|realized p l
        |realised pnl|realised p l|realized profit|profit loss|profit and loss|gain loss|realized gain loss|gain
        |closed pnl|closed p l|trade pnl|realizedpnl|net profit loss|gewinn verlust|gewinn|ergebnis|resultat
        |result|ganancia|resultado|beneficio|profitto|utile perdita|résultat|plus value|zysk|wynik|zysk strata
        |прибыль|盈亏|已实现盈亏|損益|kar zarar
    """,
}  # fmt: skip

# A column with one of these in its name is something else, whatever else is in it.
_NEVER: dict[Role, str] = {
    Role.DATE: "settle settlement settled valuta value expiry expiration maturity exp closed close exit sold valeur",
    Role.PRICE: "exit close closing sell sold strike stop limit target mark last total pnl high low currency value",
    Role.AMOUNT: "balance currency tax fee fees dividend equity rate date price qty quantity id pnl profit",
    Role.QUANTITY: "currency remaining price fee open unfilled total ordered balance cash transaction",
    Role.FEE: "currency rate percent coin asset exit ccy",
    Role.TAX: "currency rate percent id dividend withholding",
    Role.SYMBOL: "id currency type amount number date class",
    Role.ORDER_ID: "type date time price qty quantity side status size value",
    Role.PROFIT: "currency percent pct unrealized unrealised open",
    Role.ACCOUNT: "balance type currency value",
}
_BRACKETS = re.compile(r"[(\[{<].*?[)\]}>]")
MARKS = re.compile(r"[^\w&]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_EXACT, _NEAR, _WITHIN = 100, 40, 50


def normal(name: str, *, brackets: bool = False) -> str:
    """Words of a heading: lower case, without marks, and without what stands in brackets unless all of it does."""
    bare = name if brackets else _BRACKETS.sub(" ", name)
    words = MARKS.sub(" ", _CAMEL.sub(" ", bare or name).casefold()).replace("&", " ")
    whole = " ".join(words.replace("_", " ").split())
    return whole if whole or brackets else normal(name, brackets=True)


def _tables() -> dict[Role, dict[str, int]]:
    found: dict[Role, dict[str, int]] = {}
    for role, text in _HEADINGS.items():
        names = [" ".join(name.split()) for name in text.split("|")]
        scores: dict[str, int] = {}
        for place, name in enumerate(names):
            is_near = name.startswith("~")
            # Of two names that both fit as a whole, the one that stands first here is meant.
            score = (_NEAR if is_near else _EXACT) - min(place, 60) / 4
            scores.setdefault(name.lstrip("~"), int(score * 10))
        found[role] = scores
    return found


_SCORES = _tables()
_NEVER_WORDS = {role: frozenset(words.split()) for role, words in _NEVER.items()}


@lru_cache(maxsize=4096)
def header_roles(name: str) -> Mapping[Role, int]:
    """What a column of this name may hold, with a score of up to 1000. Empty: the name is not known."""
    whole, full = normal(name), normal(name, brackets=True)
    # With brackets it may be a name of its own: "Currency (Price / share)".
    names = [(full, 0), (whole, 0 if whole == full else 30), (whole.replace(" ", ""), 30)]
    found: dict[Role, int] = {}
    for role, scores in _SCORES.items():
        exact = [scores[one] - less for one, less in names if one in scores]
        if exact:
            found[role] = max(exact)
        elif not _NEVER_WORDS.get(role, frozenset()).intersection(full.split()):
            within = [score for known, score in scores.items() if _is_within(known, whole)]
            if within:
                found[role] = max(within) * _WITHIN // _EXACT
    return found


def _is_within(known: str, whole: str) -> bool:
    return f" {known} " in f" {whole} "
