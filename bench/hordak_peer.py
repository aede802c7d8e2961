"""django-hordak's own way to post, in a Django of its own: `python -m bench.hordak_peer DATABASE TRANSFERS REPEATS`.

Prints the transfers a second of each repeat, as JSON. One atomic block each: its best case.
"""

import json
import sys
import time

from bench import cluster


def main(database: str, transfers: int, repeats: int) -> None:
    import django
    from django.conf import settings

    settings.configure(
        DATABASES={"default": cluster.database_settings("credence_owner", database)},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "mptt", "hordak"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DEFAULT_CURRENCY="USD",
        CURRENCIES=["USD"],
        HORDAK_CURRENCIES=["USD"],
        HORDAK_INTERNAL_CURRENCY="USD",
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command
    from django.db import transaction
    from hordak.models import Account
    from moneyed import Money

    call_command("migrate", verbosity=0)
    cost = Account.objects.create(name="cost", code="1", type="EX", currencies=["USD"])
    payable = Account.objects.create(name="payable", code="2", type="LI", currencies=["USD"])
    rates = []
    for _ in range(repeats):
        begun = time.perf_counter()
        with transaction.atomic():
            for number in range(transfers):
                payable.transfer_to(cost, Money(number + 1, "USD"))
        rates.append(transfers / (time.perf_counter() - begun))
    print(json.dumps(rates))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
