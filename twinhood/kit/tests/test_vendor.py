"""What we serve of other people's is what we once took from them."""

from hashlib import sha256
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "static" / "vendor"


def manifest() -> dict[str, str]:
    lines = (VENDOR / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ") for line in lines)}


def test_every_vendored_file_is_the_one_in_the_manifest() -> None:
    found = {
        path.relative_to(VENDOR).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "MANIFEST.sha256"
    }

    assert found == manifest()


def test_every_vendored_folder_carries_its_licence() -> None:
    folders = [path for path in VENDOR.iterdir() if path.is_dir()]

    assert folders
    assert all((folder / "LICENSE").exists() for folder in folders)
