"""Scripts that end in the middle, as answers do that ran into a limit of tokens."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from backtests.rbi.scripts.parsing import NOT_PYTHON, parses, tree_of

# So many lines from the end the statement that is not finished may begin.
_LONGEST_STATEMENT = 120
_OPEN = ("was never closed", "unterminated", "EOF", "unexpected end")
_AT_THE_END = ("invalid syntax", "expected ':'", "expected an indented block", "expected 'except'", "expected")
_MARKS = re.compile(
    r"^\s*(?:#\s*\.{3,}.*|\.{3,}|…|(?:#\s*)?\[?(?:truncated|to be continued|output truncated"
    r"|rest of (?:the )?code)\b.*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CutOff:
    """Where the script stops, 1-based, and one sentence about it.

    `whole` is the part before it, when that has a complete strategy: the class is finished and the cut comes after it.
    """

    line: int
    message: str
    whole: str = ""


def cut_off(code: str) -> CutOff | None:
    """None for a script that is all there, and for one whose mistake is not at its end."""
    lines = code.rstrip().splitlines()
    if not lines:
        return None
    try:
        tree = tree_of(code)
    except SyntaxError as error:
        return _unfinished(lines, error)
    except NOT_PYTHON:
        return None
    return _breaks_off(lines, tree)


def _unfinished(lines: Sequence[str], error: SyntaxError) -> CutOff | None:
    """A statement that begins and does not end."""
    begins = _begin_of_last_statement(lines)
    if begins is None or not _is_at_the_end(lines, error, begins):
        return None
    return _told(lines, begins)


def _begin_of_last_statement(lines: Sequence[str]) -> int | None:
    """The 1-based line after the longest beginning that can be read."""
    for end in range(len(lines) - 1, max(-1, len(lines) - _LONGEST_STATEMENT), -1):
        if parses("\n".join(lines[:end])) or parses("\n".join(lines[:end]) + _body_for(lines[:end])):
            return end + 1
    return None


def _body_for(lines: Sequence[str]) -> str:
    """Something to stand in a block that has just been opened."""
    last = next((line for line in reversed(lines) if line.strip()), "")
    indent = len(last) - len(last.lstrip())
    return "\n" + " " * (indent + 4) + "pass" if last.rstrip().endswith(":") else ""


def _is_at_the_end(lines: Sequence[str], error: SyntaxError, begins: int) -> bool:
    """Whether the parser ran out of text in the last statement, rather than into something wrong."""
    message, line = error.msg or "", error.lineno or len(lines)
    if any(words in message for words in _OPEN):
        # A string that ends with its line is left open by a cut only in the last line.
        is_cut = line >= begins and ("unterminated string" not in message or line == len(lines))
        return is_cut and ("never closed" not in message or not _goes_on(lines, begins))
    if not any(message.startswith(words) for words in _AT_THE_END):
        return False
    return line > len(lines) or (line == len(lines) and (error.offset or 0) > len(lines[-1].rstrip()))


def _goes_on(lines: Sequence[str], begins: int) -> bool:
    """Whether other statements follow the one that is not finished: a bracket was forgotten, and nothing cut off."""
    margin = _indent(lines[begins - 1])
    after = (line for line in lines[begins:] if line.strip())
    return any(_indent(line) <= margin and line.strip()[0] not in ")]}" for line in after)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _breaks_off(lines: Sequence[str], tree: ast.Module) -> CutOff | None:
    """A script that can be read, but ends with a mark of something left out or in the middle of a name."""
    if _MARKS.match(lines[-1]):
        return _told(lines, len(lines))
    last = _last_statement(tree)
    if not isinstance(last, ast.Expr) or last in tree.body:
        return None
    is_idle = isinstance(last.value, ast.Attribute | ast.Name | ast.Compare | ast.BinOp)
    return _told(lines, last.lineno) if is_idle else None


def _last_statement(tree: ast.Module) -> ast.stmt | None:
    node: ast.AST = tree
    last: ast.stmt | None = None
    while True:
        inner = [part for name in ("body", "orelse", "handlers", "finalbody") for part in getattr(node, name, [])]
        if not inner:
            return last
        node = max(inner, key=lambda part: part.lineno)
        if isinstance(node, ast.stmt):
            last = node


def _told(lines: Sequence[str], begins: int) -> CutOff:
    shown = lines[begins - 1].strip()[:60]
    message = f"The script is cut off: it ends in the middle of line {len(lines)}."
    if begins < len(lines) or shown:
        message = f"The script is cut off: what begins in line {begins} ({shown}) is not finished."
    return CutOff(begins, message, _whole(lines, begins))


def _whole(lines: Sequence[str], begins: int) -> str:
    """The statements at the top level that are finished, when a strategy with its `next` is among them."""
    top = next((at for at in range(begins, 0, -1) if lines[at - 1].strip() and not lines[at - 1][0].isspace()), 1)
    code = "\n".join(lines[: top - 1])
    if not parses(code):
        return ""
    classes = [node for node in tree_of(code).body if isinstance(node, ast.ClassDef)]
    return code + "\n" if any(_is_strategy(node) for node in classes) else ""


def _is_strategy(node: ast.ClassDef) -> bool:
    named = any("Strategy" in ast.unparse(base) for base in node.bases)
    return named and any(isinstance(part, ast.FunctionDef) and part.name == "next" for part in node.body)
