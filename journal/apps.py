from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "journal"
    verbose_name = "Journal"

    def ready(self) -> None:
        # Models can be imported only now.
        from accounts.bindings import offer_accounts  # noqa: PLC0415
        from journal.brokers.paper.keeping import offer_keeper  # noqa: PLC0415
        from journal.selectors.accounts import list_bindable  # noqa: PLC0415
        from journal.services.paper.keeping import StoredLedgers  # noqa: PLC0415

        offer_accounts(list_bindable)
        offer_keeper(StoredLedgers())
