"""Which broker accounts a token can be bound to. They live in a higher app, which tells us here what there is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bindable:
    id: int
    number: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.number})" if self.name else self.number


Lister = Callable[[int], list[Bindable]]
_listers: list[Lister] = []


def offer_accounts(lister: Lister) -> None:
    """`lister` is given the id of a workspace. Called once, when the app that has the accounts is ready."""
    if lister not in _listers:
        _listers.append(lister)


def list_bindable(workspace_id: int) -> list[Bindable]:
    return [account for lister in _listers for account in lister(workspace_id)]
