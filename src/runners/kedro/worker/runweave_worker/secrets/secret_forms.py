"""Hides secrets wherever they turn up in a text. As `core/secrets/hide-secrets.ts`, tried by one table of forms."""

from __future__ import annotations

import base64
import functools
import math
import re
import urllib.parse
from collections.abc import Iterable, Iterator

HIDDEN = "[secret]"
# Values shorter than this are not hidden: they would make holes in every other message.
MIN_LENGTH = 4
# A line of a secret counts by itself from this length on.
MIN_LINE = 8
# Base64 of fewer characters turns up by accident.
_MIN_BASE64 = 6
# A text that ends within a secret shows it as well, if so much of it is there.
_SHOWN_SHARE = 0.75
# Longer texts are hidden in pieces of this many characters, so that no pattern becomes too large.
_PIECE = 512
# Longer secrets are hidden as they are alone, without their encodings.
_MAX_ENCODED = 16_384
# Depth of the groups that match such an end.
_MAX_ENDS = 16
# Backslashes that repeated escaping puts before one character.
_MAX_ESCAPES = 8

_CONTROL_LETTERS = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
_LINE_END = re.compile(r"\r?\n|\\n")
_UNIT = re.compile(r"(\\*)([^\\])|(\\+)\Z")
_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/:@]*:([^\s/]+)@", re.IGNORECASE)


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return a text without any of these secrets.

    Neither as they are, nor a line of theirs, nor the password of a URL, nor any of that encoded: with escapes (JSON,
    repr), for URLs, in base64. A text that breaks off within them is no exception.
    """
    form = _compile_forms(frozenset(secrets))
    return text if form is None else form.sub(HIDDEN, text)


@functools.lru_cache(maxsize=8)
def _compile_forms(secrets: frozenset[str]) -> re.Pattern[str] | None:
    """Return the pattern of all forms, the longest secret first: one may be a part of another."""
    parts = _pieces(secret for secret in secrets if len(secret) <= _MAX_ENCODED)
    forms = [form for part in parts for form in (_write_text(part), *_write_base64(part))]
    forms += [re.escape(part) for part in _pieces(secret for secret in secrets if len(secret) > _MAX_ENCODED)]
    return re.compile("|".join(forms)) if forms else None


def _pieces(secrets: Iterable[str]) -> list[str]:
    pieces: set[str] = set()
    for part in (part for secret in secrets for part in _parts(secret)):
        cut = [part[at : at + _PIECE] for at in range(0, len(part), _PIECE)]
        if len(cut) > 1 and len(cut[-1]) < MIN_LINE:
            cut[-2:] = ["".join(cut[-2:])]
        pieces.update(cut)
    return sorted(pieces, key=lambda piece: (-len(piece), piece))


def _parts(secret: str) -> Iterator[str]:
    password = _PASSWORD.match(secret)
    whole = [secret.strip(), *([password[1], urllib.parse.unquote(password[1])] if password else [])]
    yield from (part for part in whole if len(part) >= MIN_LENGTH)
    lines = _LINE_END.split(secret)
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line.strip()) >= MIN_LINE)


def _write_text(text: str) -> str:
    """Return the pattern of a text, of which the end may be missing."""
    units = [_write_character(len(match[1] or match[3] or ""), match[2] or "") for match in _UNIT.finditer(text)]
    needed = max(MIN_LINE, math.ceil(len(units) * _SHOWN_SHARE))
    rest = units[needed:]
    step = math.ceil(len(rest) / _MAX_ENDS)
    end = ""
    for at in range(0, len(rest), step or 1)[::-1]:
        end = f"(?:{''.join(rest[at : at + step])}{end})?"
    return "".join(units[:needed]) + end


def _write_character(escapes: int, character: str) -> str:
    """Return the pattern of one character behind so many backslashes of its own.

    No two of its ways match the same text.
    """
    most = _MAX_ESCAPES * (escapes + 1)
    before = f"(?:\\\\{{{escapes},{most}}}|(?:%5[cC]){{{escapes}}})" if escapes else ""
    if not character or re.fullmatch(r"[A-Za-z0-9_]", character):
        return before + character
    own = re.escape(character)
    percent = "".join(f"%{_write_hex(byte, 2)}" for byte in _encode(character))
    escaped = [f"\\\\{{{0 if escapes else 1},{_MAX_ESCAPES}}}{form}" for form in _write_escapes(character)]
    literal = f"\\\\{{0,{_MAX_ESCAPES}}}{own}" if "\x21" <= character <= "\x7e" and not escapes else own
    ways = [literal, percent, *escaped, *([r"\+"] if character == " " else [])]
    return f"{before}(?:{'|'.join(ways)})"


def _write_escapes(character: str) -> list[str]:
    """Return how JSON and Python write a character behind a backslash."""
    letter, point = _CONTROL_LETTERS.get(character), ord(character)
    if " " <= character <= "~":
        return []
    backslashes = f"\\\\{{1,{_MAX_ESCAPES}}}"
    utf16 = character.encode("utf-16-be", "surrogatepass")
    units = [f"u{_write_hex(int.from_bytes(utf16[at : at + 2], 'big'), 4)}" for at in range(0, len(utf16), 2)]
    encoded = [f"x{_write_hex(byte, 2)}" for byte in _encode(character)]
    wide = [f"U{_write_hex(point, 8)}"] if len(units) > 1 else []
    short = [f"x{_write_hex(point, 2)}"] if character <= "\xff" else []
    return [*([letter] if letter else []), backslashes.join(units), *wide, *short, backslashes.join(encoded)]


def _write_hex(value: int, length: int) -> str:
    """Return hexadecimal digits in capitals and small letters."""
    return "".join(d if d.isdigit() else f"[{d}{d.upper()}]" for d in f"{value:0{length}x}")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _write_base64(text: str) -> Iterator[str]:
    """Yield what of a text's base64 does not depend on what stands around it, at each place within three bytes."""
    for offset in range(3):
        whole = bytes(offset) + _encode(text)
        core = base64.b64encode(whole).decode()[-(-offset * 8 // 6) : len(whole) * 8 // 6]
        if len(core) >= _MIN_BASE64:
            yield core.replace("+", "(?:[-+]|%2[bB])").replace("/", "(?:[_/]|%2[fF])")
