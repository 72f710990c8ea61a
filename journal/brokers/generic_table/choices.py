"""Which columns of numbers are quantity, price, money and fees: by which of them multiply to which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import product

from journal.brokers.generic_table.arithmetic import NONE, Fit, best_fit, is_total, sum_of
from journal.brokers.generic_table.draft import Draft
from journal.brokers.generic_table.mapping import AmountIs, FeeSign, Role
from journal.brokers.generic_table.money import STABLE_COINS, unit_in
from journal.brokers.text.currencies import FIAT
from journal.domain.values import ZERO

_CHOSEN = (Role.QUANTITY, Role.PRICE, Role.AMOUNT)
# A name that only contains a word for it is none beside one that is such a word.
_NEAR_BEST = 0.6
_MONEY = FIAT | STABLE_COINS | {""}
_NET = ("net", "incl")
_GROSS = ("gross", "principal", "subtotal", "brut", "lordo", "consideration")


def choose_numbers(draft: Draft, bought: Mapping[int, bool]) -> Fit:
    """Quantity, price and money that go together; where several do and differ, the choice is left open.

    `bought` are the rows that are fills, with their side.
    """
    _drop_parts(draft, bought)
    choices = [_candidates(draft, role) for role in _CHOSEN]
    fees = fees_of(draft)
    fits = {
        (quantity, price, amount): best_fit(
            draft.numbers(quantity), draft.numbers(price), draft.numbers(amount), fees, bought
        )
        for quantity, price, amount in product(*choices)
    }
    good = {names: fit for names, fit in fits.items() if fit.is_good}
    best = max((fit.exact for fit in good.values()), default=0.0)
    good = {names: fit for names, fit in good.items() if fit.exact == best}
    for place, role in enumerate((Role.QUANTITY, Role.PRICE)):
        fitting = list(dict.fromkeys(names[place] for names in good)) or choices[place]
        _settle(draft, role, fitting, bought)
    for names, fit in good.items():
        if draft.roles.get(names[0]) is Role.QUANTITY and draft.roles.get(names[1]) is Role.PRICE:
            draft.give(names[2], Role.AMOUNT)
            return fit
    return NONE


def fees_of(draft: Draft) -> dict[int, Decimal]:
    """By row, fees and taxes together, as they are written. Not those in a coin: no money has them in it."""
    found = []
    for name in draft.names_of(Role.FEE, Role.TAX):
        column = draft.columns[name]
        cells = zip(column.rows, column.cells, strict=True)
        money = [row for row, cell in cells if unit_in(cell) in _MONEY]
        found.append(draft.numbers(name, money))
    return sum_of(found)


def fee_sign(draft: Draft, fit: Fit) -> FeeSign | None:
    """None where there is no fee, or where it has to be asked."""
    if not draft.names_of(Role.FEE, Role.TAX, Role.EXIT_FEE):
        return None
    exits = sum_of([draft.numbers(name) for name in draft.names_of(Role.EXIT_FEE)])
    numbers = [*fees_of(draft).values(), *exits.values()]
    has_minus = any(number < ZERO for number in numbers)
    if has_minus and any(number > ZERO for number in numbers):
        if fit.fee_sign is None:
            draft.ask("fee_sign", "Fees are written with both signs. Say which of them costs.")
        return fit.fee_sign
    return FeeSign.NEGATIVE if has_minus else FeeSign.POSITIVE


def amount_is(draft: Draft, fit: Fit) -> AmountIs | None:
    """None where no money is used or no fee could be in it, or where it has to be asked."""
    name = draft.name_of(Role.AMOUNT)
    if not name or not draft.names_of(Role.FEE, Role.TAX):
        return None
    if not fees_of(draft):
        return AmountIs.GROSS
    if fit.amount_is is not None:
        return fit.amount_is
    words = name.casefold()
    for meaning, signs in ((AmountIs.NET, _NET), (AmountIs.GROSS, _GROSS)):
        if any(sign in words for sign in signs):
            return meaning
    draft.ask("amount_is", f"Say whether “{name}” has the fees in it.")
    return None


def _drop_parts(draft: Draft, bought: Mapping[int, bool]) -> None:
    """“Total fees” beside its parts would count them twice."""
    values = {name: draft.numbers(name, bought) for name in draft.names_of(Role.FEE)}
    for name, own in values.items():
        others = [values[other] for other in values if other != name]
        if is_total(own, others):
            draft.give(name, Role.FEE)
            return


def _candidates(draft: Draft, role: Role) -> list[str]:
    """Columns that may be it, the surest first; near names only where there is no other."""
    scored = {
        name: roles[role]
        for name, roles in draft.named.items()
        if role in roles and draft.roles.get(name) in (None, role)
    }
    best = max(scored.values(), default=0)
    return sorted(
        (name for name, score in scored.items() if score >= _NEAR_BEST * best),
        key=lambda name: -scored[name],
    )


def _settle(draft: Draft, role: Role, fitting: Sequence[str], bought: Mapping[int, bool]) -> None:
    several = _differing(draft, fitting, bought)
    if len(several) < 2:
        if fitting:
            own = draft.name_of(role)
            draft.give(own if own in fitting else fitting[0], role)
        return
    draft.take(role)
    names = " and ".join(f"“{name}”" for name in several)
    draft.ask(
        role.value,
        f"{names} could each be the {role.value}, and they differ. Choose the one that was dealt.",
    )


def _differing(draft: Draft, names: Sequence[str], bought: Mapping[int, bool]) -> list[str]:
    """Those whose numbers are not all the same as those of the first, in the rows that are fills."""
    values = {
        name: {row: abs(number) for row, number in draft.numbers(name, bought).items()}
        for name in names
    }
    filled = [name for name in names if values[name]]
    if not filled:
        return []
    first = values[filled[0]]
    others = [
        name
        for name in filled[1:]
        if any(first.get(row, number) != number for row, number in values[name].items())
    ]
    return [filled[0], *others]
