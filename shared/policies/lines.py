"""YAML with the line of every key, so that an error can name it. Keys may not repeat."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path

import yaml

from shared.policies.errors import PolicyError
from shared.values import dataclass

_DEPTH_MAX = 20
KeyPath = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Lined:
    """What a file says (lists as tuples), and on which line each of its keys and items stands."""

    file: str
    content: object
    lines: Mapping[KeyPath, int]

    def error(self, path: KeyPath, why: str) -> PolicyError:
        """Make the error for what stands at `path`, or for the nearest thing around it that is there."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return PolicyError(self.file, self.lines.get(known, 1), ".".join(str(part) for part in path), why)


def read_lined(path: Path, name: str) -> Lined:
    """Read a file; `name` is what errors call it."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(name, 1, "", f"cannot be read: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or str(error)
        raise PolicyError(name, mark.line + 1 if mark else 1, "", f"is not YAML: {why}") from error
    if node is None:
        raise PolicyError(name, 1, "", "is empty")
    reader = _Reader(name)
    return Lined(name, reader.read(node, ()), reader.lines)


class _Reader:
    def __init__(self, name: str) -> None:
        self._name = name
        self._scalars = yaml.SafeLoader("")
        self.lines: dict[KeyPath, int] = {}

    def read(self, node: yaml.Node, path: KeyPath) -> object:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if len(path) > _DEPTH_MAX:
            raise PolicyError(self._name, line, "", "is nested too deeply")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.read(item, (*path, place)) for place, item in enumerate(node.value))
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[Hashable, object]:
        content: dict[Hashable, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self._scalar(key_node, path)
            if key in content:
                raise PolicyError(self._name, line, ".".join(map(str, (*path, key))), "stands here twice")
            self.lines[*path, key] = line
            content[key] = self.read(value_node, (*path, key))
        return content

    def _scalar(self, node: yaml.Node, path: KeyPath) -> Hashable:
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.ScalarNode):
            raise PolicyError(self._name, line, ".".join(map(str, path)), "a key must be a plain word")
        try:
            value: Hashable = self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            why = getattr(error, "problem", None) or str(error)
            raise PolicyError(self._name, line, ".".join(map(str, path)), f"cannot be read: {why}") from error
        return value
