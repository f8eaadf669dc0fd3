"""Promises of the proof of a gift: it holds by itself, and tells who gave only to who gave."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from twinhood.giving.actions import erase
from twinhood.giving.models import Gift
from twinhood.opendata.actions import seal_all
from twinhood.verify import command

# A gift of the example whose giver told a name and no address.
GIVER = "clara"


@pytest.fixture
def gift(example: Any) -> Gift:
    seal_all()
    return Gift.objects.select_related("donor").get(ref=example.refs[GIVER])


def url(example: Any, rest: str = "proof/") -> str:
    return f"/en/t/{example.secrets[GIVER]}/{rest}"


def told_name(gift: Gift) -> str:
    from twinhood.giving.opening import donor_facts

    return donor_facts(gift).name


def test_the_file_is_a_few_kilobytes_and_verify_accepts_it(
    client: Client, example: Any, gift: Gift, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    response = client.get(url(example, "proof.json"))

    path = tmp_path / "proof.json"
    path.write_bytes(response.content)
    assert len(response.content) < 4_096
    assert command.main([str(path)]) == 0, capsys.readouterr().out
    assert gift.key in capsys.readouterr().out


def test_it_names_nobody_and_no_cache_keeps_it(client: Client, example: Any, gift: Gift) -> None:
    response = client.get(url(example, "proof.json"))

    assert told_name(gift)
    assert told_name(gift) not in response.content.decode()
    assert "opening" not in json.loads(response.content)
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


def test_who_can_say_what_was_told_gets_it_opened(
    client: Client, example: Any, gift: Gift, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    response = client.post(url(example), {"told": f" {told_name(gift).upper()} "})

    path = tmp_path / "proof.json"
    path.write_bytes(response.content)
    assert json.loads(response.content)["opening"]["facts"]["name"] == told_name(gift)
    assert command.main([str(path)]) == 0, capsys.readouterr().out


def test_who_guesses_is_told_nothing_and_soon_stopped(
    client: Client, example: Any, gift: Gift
) -> None:
    answers = [client.post(url(example), {"told": f"guess {n}"}) for n in range(5)]

    after = client.post(url(example), {"told": told_name(gift)})

    assert {answer.status_code for answer in [*answers, after]} == {422}
    assert told_name(gift) not in after.content.decode().replace("value=", "")[:2_000]


def test_after_an_erasure_the_gift_is_still_proved_and_nobody_can_open_it(
    client: Client, example: Any, gift: Gift
) -> None:
    name = told_name(gift)
    assert gift.donor is not None
    erase(donor=gift.donor)

    page = client.get(url(example)).content.decode()
    opened = client.post(url(example), {"told": name})

    assert "proof.json" in page
    assert "<form" not in page.split("<main")[1]
    assert opened.status_code == 422
    assert client.get(url(example, "proof.json")).status_code == 200


def test_before_the_sealing_the_page_says_that_it_takes_a_minute(
    client: Client, example: Any
) -> None:
    page = client.get(url(example)).content.decode()

    assert "not sealed yet" in page
    assert client.get(url(example, "proof.json")).status_code == 404


@pytest.mark.django_db
def test_a_secret_that_nobody_has_leads_nowhere(client: Client) -> None:
    for rest in ("proof/", "proof.json"):
        assert client.get(f"/en/t/nobodyhasthis/{rest}").status_code == 404
