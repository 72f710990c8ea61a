"""What the words in the cells of a table mean, in many languages: sides, states, kinds of contracts, calls and puts.

These words only make proposals: what a mapping says is what is read.
"""

from __future__ import annotations

from journal.brokers.generic_table.headings import MARKS
from journal.brokers.generic_table.mapping import Action
from journal.brokers.text.layout import plain
from journal.domain.values import AssetClass, Right

_ACTIONS: dict[Action, str] = {
    Action.BUY: """
        buy|b|bot|bought|long|buys|purchase|purchased|market buy|limit buy|stop buy|buy market|buy limit
        |buy trade|bid|reinvest shares|reinvest|kauf|kaufen|gekauft|köp|kjøp|køb|osto|achat|achats|compra
        |compras|acquisto|koop|kupno|zakup|покупка|купля|buy-market|买入|买|買付|買|買い|alış|al|nákup|vétel
        |you bought|cover|open long|advanced trade buy|instant buy|comprar|inköp|close short
    """,
    Action.SELL: """
        sell|s|sld|sold|short|sells|sale|market sell|limit sell|stop sell|sell market|sell limit|sell trade|ask
        |verkauf|verkaufen|verkauft|sälj|salg|selg|sælg|myynti|vente|ventes|venta|ventas|vendita|venda|verkoop
        |sprzedaż|продажа|卖出|卖|売付|売|売り|satış|sat|prodej|eladás|you sold|sell short|short sell|sellshort
        |ss|close long|open short|advanced trade sell|instant sell|vender
    """,
    Action.BUY_TO_OPEN: "buy to open|bto|buy_to_open|buy open|b o|kauf zur eröffnung",
    Action.BUY_TO_CLOSE: "buy to close|btc|buy_to_close|buy close|buy to cover|b c|buytocover",
    Action.SELL_TO_OPEN: "sell to open|sto|sell_to_open|sell open|s o",
    Action.SELL_TO_CLOSE: "sell to close|stc|sell_to_close|sell close|s c",
}
_ACTION_OF = {
    " ".join(word.split()): action for action, words in _ACTIONS.items() for word in words.split("|")
}  # fmt: skip
# "Buy - Market", "YOU BOUGHT ACME INC (Margin)": what the word begins with tells.
_BEGINS = (
    ("you bought", Action.BUY), ("you sold", Action.SELL), ("buy to open", Action.BUY_TO_OPEN),
    ("buy to close", Action.BUY_TO_CLOSE), ("buy to cover", Action.BUY_TO_CLOSE),
    ("sell to open", Action.SELL_TO_OPEN), ("sell to close", Action.SELL_TO_CLOSE), ("sell short", Action.SELL_TO_OPEN),
    ("bought ", Action.BUY), ("sold ", Action.SELL), ("buy ", Action.BUY), ("sell ", Action.SELL),
    ("kauf ", Action.BUY), ("verkauf ", Action.SELL), ("achat ", Action.BUY), ("vente ", Action.SELL),
    ("compra ", Action.BUY), ("venta ", Action.SELL), ("acquisto ", Action.BUY), ("vendita ", Action.SELL),
)  # fmt: skip


def action_of(word: str) -> Action | None:
    """What a word says of the side, None where it says nothing of it that is known."""
    whole = " ".join(MARKS.sub(" ", plain(word)).split())
    found = _ACTION_OF.get(whole)
    if found is None:
        found = next((action for start, action in _BEGINS if f"{whole} ".startswith(start)), None)
    return found


# Words of states in which nothing was bought or sold, and of those in which it was.
_VOID = """cancel canceled cancelled rejected expired pending open working new placed queued failed inactive voided
    storniert gelöscht abgelehnt offen cancelada cancelado rechazada annullato annulé rejeté anulowane
    已撤 已撤销 取消"""
_DONE = """filled executed done complete completed closed settled success successful ok partially filled
    ausgeführt erledigt ejecutada ejecutado eseguito exécuté zrealizowane исполнена 已成 全部成交 約定"""
_VOID_WORDS, _DONE_WORDS = frozenset(_VOID.split()), frozenset(_DONE.split())


def counts(word: str) -> bool | None:
    """Whether a row in this state is a fill; None where the word is not known."""
    words = set(MARKS.sub(" ", plain(word)).split())
    # "Partially filled, cancelled" is a fill of what it says.
    if words & (_DONE_WORDS - {"partially"}):
        return True
    return False if words & _VOID_WORDS else None


_CLASS_WORDS: dict[AssetClass, str] = {
    AssetClass.STOCK: "stock|stocks|stk|equity|equities|share|shares|etf|etfs|cs|s"
    "|aktie|aktien|acción|acciones|azione|azioni|action",
    AssetClass.OPTION: "option|options|opt|o|equity option|equity options|stock option|equity and index options"
    "|optionen|opción|opzione",
    AssetClass.FUTURE: "future|futures|fut|f|futuro|futuros",
    AssetClass.FUTURE_OPTION: "future option|futures option|futures options|fop|options on futures",
    AssetClass.FOREX: "forex|fx|cash|currency|devisen|fx spot|cfx",
    AssetClass.CRYPTO: "crypto|cryptocurrency|cryptocurrencies|coin|digital asset|krypto|cripto|spot",
    AssetClass.CFD: "cfd|cfds",
    AssetClass.BOND: "bond|bonds|fixed income|anleihe|anleihen|obligation|bono",
    AssetClass.FUND: "fund|funds|mutual fund|mutual funds|fonds|fondo",
    AssetClass.WARRANT: "warrant|warrants|optionsschein|war",
}  # fmt: skip
_CLASS_OF = {word: kind for kind, words in _CLASS_WORDS.items() for word in words.split("|")}
_RIGHT_OF = {
    "c": Right.CALL,
    "call": Right.CALL,
    "calls": Right.CALL,
    "p": Right.PUT,
    "put": Right.PUT,
    "puts": Right.PUT,
}


def class_of(word: str) -> AssetClass | None:
    return _CLASS_OF.get(" ".join(MARKS.sub(" ", plain(word)).split()))


def right_of(word: str) -> Right | None:
    return _RIGHT_OF.get(plain(word))
