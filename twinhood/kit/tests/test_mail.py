"""Mail without a mail server can be read in every script."""

from io import StringIO

from django.core.mail import EmailMessage

from twinhood.kit.mail import ReadableBackend


def test_a_code_in_ukrainian_mail_is_read_in_the_log() -> None:
    log = StringIO()
    letter = "Ваш код для входу на сайт партнерства двох міст-побратимів: ABC123"

    ReadableBackend(stream=log, alias="default").send_messages(
        [EmailMessage("Код для входу", letter, to=["iryna@twinhood.example"])]
    )

    assert letter in log.getvalue()
    assert "iryna@twinhood.example" in log.getvalue()
