"""The wheel carries compiled translations: this runs while it is built."""

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Compile `locale/*/LC_MESSAGES/*.po` before the files are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        spec = importlib.util.spec_from_file_location(
            "translations", root / "twinhood" / "ops" / "translations.py"
        )
        if spec is None or spec.loader is None:
            raise FileNotFoundError("twinhood/ops/translations.py")
        translations = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(translations)
        translations.compile_all(root / "locale")
