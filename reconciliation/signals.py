"""What services tell whoever has to act outside of their transaction."""

from django.dispatch import Signal

# firing: a GuardFiring whose positions have to be closed. Sent inside the transaction that stores it.
guard_fired = Signal()
