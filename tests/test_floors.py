"""Floors, for what import-linter cannot see: templates, static files, foreign keys, migrations."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignObject

from tests.house import OUTSIDE, PACKAGE, files, floors, may_use, room_of, rooms

_USED_TEMPLATE = re.compile(r"{%\s*(?:extends|include)\s+[\"']([^\"'#]+)(?:#[^\"']*)?[\"']")
_LOADED = re.compile(r"{%\s*load\s+([^%]+?)\s*%}")
_USED_STATIC = re.compile(r"{%\s*static\s+[\"']([^\"']+)[\"']")


@cache
def owner_of(kind: str, name: str) -> str | None:
    """Which room holds a template, static file or tag library; None for other people's."""
    found = [path for path in PACKAGE.glob(f"*/{kind}/{name}") if path.is_file()]
    return room_of(found[0]) if found else None


def used_by(template: Path) -> set[str]:
    """The rooms whose templates, files and tags a template uses."""
    text = template.read_text(encoding="utf-8")
    libraries = [name for names in _LOADED.findall(text) for name in names.split()]
    owners = {
        *(owner_of("templates", name) for name in _USED_TEMPLATE.findall(text)),
        *(owner_of("static", name) for name in _USED_STATIC.findall(text)),
        *(owner_of("templatetags", f"{name}.py") for name in libraries),
    }
    return owners - {None}  # type: ignore[return-value]


def test_every_room_stands_on_a_floor() -> None:
    assert set(rooms()) == set(floors())


def test_a_template_uses_only_what_lies_below() -> None:
    upwards = [
        f"{template.relative_to(PACKAGE)} uses {other}"
        for template in files("*.html", tests=False)
        for other in used_by(template)
        if not may_use(room_of(template), other)
    ]

    assert upwards == []


def test_the_guard_sees_who_owns_what_a_template_uses(tmp_path: Path) -> None:
    template = tmp_path / "x.html"
    template.write_text(
        '{% extends "kit/base.html" %}{% load i18n kit %}{% static "people/people.css" %}'
        '{% include "people/_code.html#part" %}{% include "account/none-of-ours.html" %}'
    )

    assert used_by(template) == {"kit", "people"}
    assert not may_use("kit", "people")


def test_a_module_draws_only_templates_from_below() -> None:
    upwards = [
        f"{module.relative_to(PACKAGE)} draws {name}"
        for module in files("*.py", tests=False)
        if module.parent != PACKAGE and room_of(module) not in OUTSIDE
        for name in templates_in(module)
        if (other := owner_of("templates", name)) and not may_use(room_of(module), other)
    ]

    assert upwards == []


def templates_in(module: Path) -> set[str]:
    """Strings of a module that end like a template's name, without the part after `#`."""
    return {
        node.value.partition("#")[0]
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[\w/]+\.html(#.*)?", node.value)
    }


def test_foreign_keys_point_only_downwards() -> None:
    upwards = [
        f"{model._meta.label}.{column.name} → {column.related_model._meta.label}"
        for model in apps.get_models()
        if model.__module__.startswith("twinhood.")
        for column in model._meta.get_fields()
        if isinstance(column, ForeignObject)
        and column.related_model.__module__.startswith("twinhood.")
        and not may_use(model._meta.app_label, column.related_model._meta.app_label)
    ]

    assert upwards == []


@pytest.mark.parametrize("room", rooms())
def test_migrations_wait_only_for_lower_rooms(room: str) -> None:
    for path in (PACKAGE / room).glob("migrations/0*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        waits = [
            node.elts[0].value
            for node in ast.walk(tree)
            if isinstance(node, ast.Tuple)
            and len(node.elts) == 2
            and isinstance(node.elts[0], ast.Constant)
            and isinstance(node.elts[1], ast.Constant)
            and re.fullmatch(r"\d{4}_\w+", str(node.elts[1].value))
        ]
        ours = [str(other) for other in waits if other in floors()]
        assert [other for other in ours if not may_use(room, other)] == [], path.name


@pytest.mark.parametrize("room", rooms())
def test_a_rooms_templates_and_files_bear_its_name(room: str) -> None:
    """Else two rooms could overwrite each other's. What others look for by name is theirs to name:
    Django's error pages and form parts, allauth's pages."""
    given = {"account", "allauth", "mfa", "django", "vendor"}
    for kind in ("templates", "static"):
        folders = {path.name for path in (PACKAGE / room / kind).glob("*") if path.is_dir()}
        assert folders - given <= {room}
