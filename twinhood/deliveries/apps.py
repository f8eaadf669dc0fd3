"""The room's Django app."""

from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    name = "twinhood.deliveries"

    def ready(self) -> None:
        from twinhood.deliveries import approval_paper, asking_forms, case, photos, queries
        from twinhood.documents import sight, standing
        from twinhood.needs import changing, quoting
        from twinhood.people.case import register

        register(case.steps)
        sight.register(photos.sight_of)
        standing.register(approval_paper.KIND, approval_paper.standing_of)
        changing.register(queries.things_ordered)
        quoting.register(asking_forms.ON_NEED_PAGES)
