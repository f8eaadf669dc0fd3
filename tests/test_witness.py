"""The witness and our own server, over real HTTP."""

from itertools import pairwise
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from twinhood.translog import actions, queries
from twinhood.translog.core import canonical, note
from twinhood.witness.errors import Unreachable
from twinhood.witness.fetching import Log
from twinhood.witness.keeping import make_key, read_key
from twinhood.witness.watching import Watch

pytestmark = pytest.mark.django_db(transaction=True)


def grow(count: int) -> None:
    leaf = canonical.encode({"kind": "commitment", "partnership": "a", "commitment": "x"})
    actions.append([leaf] * count)
    assert actions.seal() is not None


def test_what_our_server_seals_is_cosigned_and_shown(
    live_server: LiveServer, tmp_path: Path
) -> None:
    grow(300)
    make_key("newsroom", tmp_path / "key")
    signer = read_key(tmp_path / "key")
    log_key = note.parse_vkey(queries.log_keys()[-1])
    watch = Watch(Log.at(f"{live_server.url}/log"), signer, tmp_path / "state", log_key)

    with pytest.raises(Unreachable, match="403"):
        watch.look()

    actions.add_witness(vkey=signer.key.vkey)
    for before, size in pairwise([300, 300, 301, 812]):
        if size > before:
            grow(size - before)
        assert watch.look().startswith(f"cosigned {size} leaves")
        sealed = queries.latest()
        assert sealed is not None
        assert note.open_note(sealed.note, signer.key).by(signer.key) is not None
    assert watch.look().startswith("nothing new")
