"""Texts that nearly mean something: what was written well, and then was not."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

LARGEST = 8192
"""Bytes of one parameter (`config.parameters.LARGEST`): no value of the configuration is longer."""

SNIPPETS = (
    "", " ", "\t", "\n", "\r\n", "\0", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff", "\u00a0",
    "\u0663", "\uff13", "\u00b2", "\u00bd", "\u2167", "\U0001d7d7", "\u2265", "\uff05", "\u2212",
    "-", "+", ".", ",", "e9", "0x1f", "1_000", "1e400", "9" * 7, "9" * 400, "NaN", "Infinity", "-0",
    "%", "%%", "of limit", "OF LIMIT", "of usual", "within 30m", "<", ">", "=", ">=", "=>", "&amp;",
    "<!channel>", "*", "`", "\u202e", "\u200d", "\ud800", "\udfff", "\U0001f4de", "Z", "+99:99",
    "-23:59", "T24:00:00", "null", "true", "env:", "../", "\\", "'", '"', "{", "}", "[", "]", "://",
    "@", "#", "?", "\u00e9", "e\u0301", "\u0130", "\u00df",
)  # fmt: skip
"""Digits that are none in this grammar, blanks that are, half characters, markup, signs."""


RAW = st.text(st.characters(codec=None, categories=None), max_size=60)
ANYTHING = RAW | st.lists(st.sampled_from(SNIPPETS), max_size=6).map("".join)
"""Any text at all, lone surrogates too, or some of the snippets."""

_NEW = st.sampled_from(SNIPPETS) | st.text(st.characters(codec=None, categories=None), max_size=4)


def slip(draw: st.DrawFn, text: str) -> str:
    """The text after a slip: something cut, put in, put in its place or said twice."""
    start = draw(st.integers(0, len(text)))
    end = min(len(text), start + draw(st.integers(0, 6)))
    new = text[start:end] * 2 if draw(st.booleans()) else draw(_NEW)
    return text[:start] + new + text[end:]


def pump(draw: st.DrawFn, text: str, longest: int = LARGEST) -> str:
    """The text with a part of it so often that whatever is not linear in it takes its time."""
    start = draw(st.integers(0, len(text)))
    end = min(len(text), start + draw(st.integers(0, 4)))
    part = (text[start:end] if draw(st.booleans()) else draw(_NEW)) or " "
    times = draw(st.integers(2, max(2, (longest - len(text)) // len(part))))
    return (text[:start] + part * times + text[end:])[:longest]


@st.composite
def edited(draw: st.DrawFn, written: st.SearchStrategy[str]) -> str:
    """A good text after up to three slips."""
    text = draw(written)
    for _ in range(draw(st.integers(0, 3))):
        text = slip(draw, text)
    return text


@st.composite
def pumped(draw: st.DrawFn, written: st.SearchStrategy[str], longest: int = LARGEST) -> str:
    """A good text with a part of it over and over."""
    return pump(draw, draw(written), longest)


def near(good: Sequence[str] | st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Good texts, near misses, very long ones and anything at all."""
    written = good if isinstance(good, st.SearchStrategy) else st.sampled_from(good)
    return written | edited(written) | pumped(written) | ANYTHING
