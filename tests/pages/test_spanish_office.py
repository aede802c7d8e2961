"""The office's pages in Spanish: what a reader sees there is no English of ours, but for the sealed steps of a case."""

import pytest
from django.test import Client

from tests.pages.office import set_up

pytestmark = [pytest.mark.django_db, pytest.mark.urls("config.urls_office")]


def test_the_office_speaks_spanish():
    office = set_up()
    line, batch, provider = office.line.pk, office.batch.pk, office.own.uuid
    reader = Client(headers={"accept-language": "es"})
    said = {
        "/": ("finance_officer", ["Procesos nocturnos", "Pagos que esperan autorización"]),
        "/periods/": ("finance_officer", ["Año fiscal", "enero de 2026", "Cerrar"]),
        "/discrepancies/": ("finance_officer", ["Después de la baja", "Discrepancias, las más antiguas primero"]),
        "/statements/": ("auditor", ["Proveedores por código", "Situación"]),
        f"/statements/{provider}/": ("auditor", ["Estado de cuenta de", "Ganado hasta la fecha", "370.08 USD"]),
        f"/lines/{line}/": ("auditor", ["Se contabilizaron 370.08 USD", "La línea paga"]),
        f"/payments/{batch}/": ("payment_releaser", ["Autorizar 740.16 USD", "No hay vuelta atrás"]),
    }
    for path, (role, texts) in said.items():
        reader.force_login(office.people[role])
        page = reader.get(path).content.decode()
        assert '<html lang="es">' in page
        assert [text for text in texts if text not in page] == []
