"""Read the groups of sources that a study is about."""

import json
from pathlib import Path

from train.errors import UserError


def read_groups(file: Path, known: set[str]) -> dict[str, set[str]]:
    """Read a JSON file of sources by group.

    Args:
        file: has {"group": ["class/source", …], …}.
        known: the sources of the dataset.

    Raises:
        UserError: it cannot be read, or a group has no sources or one that is not known.
    """
    try:
        groups = json.loads(file.read_text(encoding="utf-8"))
        groups = {str(group): set(sources) for group, sources in groups.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UserError(
            f'{file} cannot be read; write JSON like {{"group": ["class/source"]}}'
        ) from error
    for group, sources in groups.items():
        if unknown := sources - known:
            raise UserError(f"{file}: the dataset has no {min(unknown)}, a source of {group!r}")
        if not sources:
            raise UserError(f"{file}: {group!r} has no sources; name some, as class/source")
    return groups
