from journal.domain.zones import register

# Every process that reads, books or shows needs them, with Django or without.
register()
