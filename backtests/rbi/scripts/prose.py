"""Sentences before, between and after code."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Sequence

from backtests.rbi.scripts.parsing import NOT_PYTHON, tree_of

# So many lines are made comments before it is given up.
_MOST_PROSE = 400


def without_prose(code: str) -> str:
    """Sentences before, between and after code, made comments as the parser stumbles over them."""
    lines = code.split("\n")
    before = list(lines)
    for _ in range(_MOST_PROSE):
        at = _stumble(lines)
        if at is None:
            return "\n".join(lines)
        if not looks_like_prose(lines[at]):
            break
        lines[at] = "# " + lines[at]
    # Only what is certain: the sentences before the first line of code.
    first = _first_code_line(before)
    if any(looks_like_prose(line) for line in before[:first]):
        before[:first] = ["# " + line for line in before[:first]]
    return "\n".join(before)


def _stumble(lines: Sequence[str]) -> int | None:
    """The 0-based line that the parser does not take, None when it takes all."""
    try:
        tree_of("\n".join(lines))
    except SyntaxError as error:
        at = min((error.lineno or 1), len(lines)) - 1
        # An error in the sentence above may be seen only in the line after it.
        return at if looks_like_prose(lines[at]) or not at or not looks_like_prose(lines[at - 1]) else at - 1
    except NOT_PYTHON:
        return 0
    return None


_CODE_LINE = re.compile(
    r"^(?:import \w|from [\w.]+ import|class \w+\s*[(:]|def \w+\s*\(|@\w|#|\"\"\"|'''|if __name__"
    r"|[a-z_][\w.]*\s*(?:=|\(|\[))"
)


_BULLET = re.compile(r"(?:[-*•✅🔹]|\d+[.)]) \*{0,2}\w|\*\*\w")


def _first_code_line(lines: Sequence[str]) -> int:
    return next((at for at, line in enumerate(lines) if _CODE_LINE.match(line)), 0)


def looks_like_prose(line: str) -> bool:
    """A heading, a bullet, or words in a row without the signs of code."""
    text = line.strip()
    is_bullet = bool(_BULLET.match(text))
    if (line.startswith((" " * 4, "\t")) and not is_bullet) or text.partition(" ")[0] in keyword.kwlist:
        return False
    if not text or (text.startswith("#") and not re.match(r"#{1,6} \w", text)):
        return bool(text) and bool(re.match(r"#{1,6} \w", text))
    if is_bullet or re.match(r"---+$|===+$|```", text):
        return True
    if _CODE_LINE.match(text) or (text.endswith((":", ",", "(", "[", "{", "\\")) and re.search(r"[=(\[]", text)):
        return False
    words = re.findall(r"[A-Za-z’']+", text)
    return len(words) >= 3 and len(re.findall(r"[=(){}\[\]]", text)) <= max(1, len(words) // 4)


def without_idle_words(code: str) -> str:
    """Single words at the top level that read as code and are none: `Explanation`, `Results: good`."""
    try:
        tree = tree_of(code)
    except NOT_PYTHON:
        return code
    known = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    known |= {node.asname or node.name for node in ast.walk(tree) if isinstance(node, ast.alias)}
    known |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    idle = [node for node in tree.body if _is_idle(node, known)]
    if not idle:
        return code
    lines = code.split("\n")
    for node in idle:
        for at in range(node.lineno - 1, node.end_lineno or node.lineno):
            lines[at] = "# " + lines[at]
    return "\n".join(lines)


def _is_idle(node: ast.stmt, known: set[str]) -> bool:
    if isinstance(node, ast.AnnAssign):
        return node.value is None and isinstance(node.annotation, ast.Name) and not _is_known(node.annotation.id, known)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Name) and not _is_known(node.value.id, known)


def _is_known(name: str, known: set[str]) -> bool:
    return name in known or hasattr(builtins, name)
