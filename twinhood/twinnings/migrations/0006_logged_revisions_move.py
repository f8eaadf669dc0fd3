"""Leaves of papers are kept by the room of documents: the table changes hands, and its name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("twinnings", "0005_frozen_papers_stay"),
        ("documents", "0004_logged_revisions"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel("LoggedRevision")],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE twinnings_loggedrevision RENAME TO documents_loggedrevision",
                    "ALTER TABLE documents_loggedrevision RENAME TO twinnings_loggedrevision",
                )
            ],
        )
    ]
