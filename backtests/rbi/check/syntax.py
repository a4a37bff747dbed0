"""A syntax error in plain words. The interpreter's own text is recognised and never quoted."""

from __future__ import annotations

import re

from backtests.rbi.check.finding import Finding

# A part of the interpreter's message, what it means and what to do. The first that fits is told.
WORDS: tuple[tuple[str, str, str], ...] = (
    (
        "was never closed",
        "A bracket that opens here is never closed.",
        "Close the bracket, or look whether the end is missing.",
    ),
    (
        "does not match opening",
        "A closing bracket does not fit the one that was opened.",
        "Make the pair the same kind.",
    ),
    ("unmatched", "A bracket is closed that was never opened.", "Remove it or open it before."),
    ("unterminated triple-quoted", "A text in triple quotes is never closed.", "Close it with the same three quotes."),
    ("unterminated string", "A text in quotes is not closed on its line.", "Close the quote."),
    ("unterminated f-string", "A text in quotes is not closed on its line.", "Close the quote."),
    ("expected ':'", "A colon is missing at the end of the line.", "Write : after the condition or the definition."),
    ("expected an indented block", "The block that should follow is missing.", "Indent the lines that belong to it."),
    ("unexpected indent", "The line is indented and should not be.", "Give it the indent of the lines around it."),
    ("unindent does not match", "The indent fits none of the blocks above.", "Use the same indent throughout."),
    ("inconsistent use of tabs", "Tabs and spaces are mixed in the indent.", "Use spaces only."),
    ("Missing parentheses in call", "This is Python 2: print is a function now.", "Write print(...) with brackets."),
    ("Maybe you meant '=='", "A single = compares nothing.", "Write == to compare."),
    ("forgot a comma", "A comma or an operator seems to be missing.", "Separate the parts with a comma."),
    (
        "invalid character",
        "A character stands here that Python does not know, such as a curly quote or a long dash.",
        "Type the plain character: ' \" or -.",
    ),
    ("non-printable character", "An invisible character stands here.", "Type the line again."),
    ("outside function", "The statement stands outside of a function.", "Indent it into the function it belongs to."),
    ("outside loop", "The statement stands outside of a loop.", "Indent it into the loop it belongs to."),
    (
        "cannot assign to",
        "Nothing can be assigned to what stands left of the =.",
        "Put a name there, or write == to compare.",
    ),
    ("unexpected EOF", "The code ends in the middle of a statement.", "Add what is missing at the end."),
    (
        "invalid decimal literal",
        "A name or a number begins with digits and goes on with letters.",
        "Begin names with a letter.",
    ),
    ("leading zeros", "A number begins with a zero.", "Write the number without the zero."),
)
PROSE = re.compile(r"^[A-Z][a-z']+(?: [\w',-]+){3,}[.:!]?$")


def explain(error: SyntaxError, code: str) -> Finding:
    lines = code.splitlines() or [""]
    line = min(max(error.lineno or 1, 1), len(lines))
    fence = next((number for number, text in enumerate(lines, 1) if text.lstrip().startswith("```")), None)
    if fence is not None:
        return _finding(
            fence, "A markdown fence (```) stands between the lines.", "Keep only the code between the fences."
        )
    if PROSE.match(lines[line - 1].strip()):
        return _finding(line, "This line is a sentence, not code.", "Remove it or begin it with #.")
    text, remedy = _words(str(error.msg))
    if _ends_there(line, lines):
        remedy += " The code may be cut off at its end."
    return _finding(line, text, remedy)


def _words(message: str) -> tuple[str, str]:
    for part, text, remedy in WORDS:
        if part in message:
            return text, remedy
    return (
        "Python cannot read this line.",
        "Look for a missing bracket, quote, comma or colon here or on the line before.",
    )


def _ends_there(line: int, lines: list[str]) -> bool:
    return not any(text.strip() for text in lines[line:])


def _finding(line: int, text: str, remedy: str) -> Finding:
    return Finding("syntax", "error", line, text, remedy)
