"""Lists the files from which the settings come, because they contain secrets."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from .dotenv import read_dotenv
from .environment import DOTENV
from .variables import Variables

_FILE: Final = "_FILE"


def list_secret_files(
    variables: Variables, environ: Mapping[str, str] | None = None, dotenv: Path = DOTENV
) -> Iterator[Path]:
    """Yields `.env` and what the `…_FILE` variables name. They may be missing."""
    yield dotenv
    texts = {**read_dotenv(dotenv), **(os.environ if environ is None else environ)}
    for name, text in sorted(texts.items()):
        option = variables.options.get(name.removesuffix(_FILE))
        if name.endswith(_FILE) and text.strip() and option is not None and option.is_secret:
            yield Path(text.strip())
