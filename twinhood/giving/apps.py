"""The room's Django app."""

from django.apps import AppConfig


class GivingConfig(AppConfig):
    name = "twinhood.giving"

    def ready(self) -> None:
        from twinhood.documents import standing
        from twinhood.giving import receipt_pdf, receipt_standing

        standing.register(receipt_pdf.KIND, receipt_standing.standing_of)
