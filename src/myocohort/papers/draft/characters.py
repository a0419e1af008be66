"""One spelling for what files write in many ways: spaces, signs, ligatures, formulas, raised text.

Digits are never changed. ± – ≤ ≥ × stay as printed; a mathematical minus becomes "-", a raised
decimal point "0·05" becomes "0.05", and raised digits or letters keep a "^" before them, so
that they do not run into the number in front of them ("10^3", "0.022^a").
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["cell_text", "clean", "raised", "without_formulas"]

_LETTERS = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
        "\u2010": "-",
        "\u2011": "-",
        "\ufe63": "-",
        "\uff0d": "-",
        "≦": "≤",
        "≧": "≥",
        "⩽": "≤",
        "⩾": "≥",
        "\u2028": "\n",
        "\u2029": "\n",
        "\t": "\t",
    }
)
_SPACES = re.compile(r"[^\S\n\t\f]")
_NOT_SEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\x00]")
_SOFT_BREAK = re.compile("\u00ad[^\\S\n]*\n[^\\S\n]*")
_RAISED_POINT = re.compile(r"(?<=[0-9])[·‧∙](?=[0-9])(?!10[\^⁰¹²³⁴-⁹⁻])")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])−(?=[0-9])")

_SIGNS = {
    "pm": "±",
    "mp": "∓",
    "times": "×",
    "cdot": "·",
    "le": "≤",
    "leq": "≤",
    "leqslant": "≤",
    "ge": "≥",
    "geq": "≥",
    "geqslant": "≥",
    "lt": "<",
    "gt": ">",
    "ne": "≠",
    "neq": "≠",
    "sim": "~",
    "approx": "≈",
    "degree": "°",
    "circ": "°",
    "prime": "′",
    "dagger": "†",
    "ddagger": "‡",
    "ast": "*",
    "S": "§",
    "P": "¶",
    "infty": "∞",
    "rightarrow": "→",
    "to": "→",
    "ldots": "…",
    "dots": "…",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "Delta": "Δ",
    "epsilon": "ε",
    "eta": "η",
    "theta": "θ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "Sigma": "Σ",
    "tau": "τ",
    "phi": "φ",
    "chi": "χ",
    "omega": "ω",
    "left": "",
    "right": "",
    "quad": " ",
    "qquad": " ",
}
# A formula starts and ends without a space inside its signs, and no digit follows: so the
# amounts in "$500 and $600" are none (the rule that pandoc documents for Markdown).
_FORMULA = re.compile(
    r"\$\$(?P<block>[^$]{1,400})\$\$"
    r"|(?:(?<![\\$\w])|(?<=\w)(?=\$[\^_\\]))\$(?=\S)(?P<inline>[^$\n]{1,200}?)(?<=\S)\$(?![0-9$])"
    r"|\\\((?P<round>.{1,200}?)\\\)"
    r"|\\\[(?P<square>.{1,400}?)\\\]",
    re.DOTALL,
)
_WRAPPED = re.compile(
    r"\\(?:mathrm|mathbf|mathit|mathsf|mathcal|text|textit|textbf|textrm|textsuperscript"
    r"|operatorname|boldsymbol|mathbb|bar|hat|overline)\s*\{([^{}]*)\}"
)
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_ROOT = re.compile(r"\\sqrt\s*\{([^{}]*)\}")
_ABOVE = re.compile(r"\s*\^\s*(?:\{([^{}]*)\}|(\\[A-Za-z]+|[^\s{}]))")
_BELOW = re.compile(r"\s*_\s*(?:\{([^{}]*)\}|([^\s{}]))")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s?")


def clean(text: str) -> str:
    r"""Give every character its one spelling; line ends, tabs and form feeds stay.

    A soft hyphen at the end of a line joins the two halves of its word. A minus sign between
    two digits stands for a range, as publishers set it, and becomes "–".
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _NOT_SEEN.sub("", _SOFT_BREAK.sub("", text)).translate(_LETTERS)
    text = _SPACES.sub(" ", text)
    text = _RAISED_POINT.sub(".", text)
    return _BETWEEN_DIGITS.sub("–", text).replace("−", "-")


def cell_text(text: str) -> str:
    """Return the text of one table cell on one line; a leading "–" before a digit is a minus."""
    line = " ".join(text.split())
    return "-" + line[1:] if re.match(r"–[0-9.]", line) else line


def raised(before: str, text: str) -> str:
    """Return what is added to `before` for raised `text`, kept apart from its digits.

    Parameters
    ----------
    before
        What stands in front of it.
    text
        The raised text: a marker ("*", "a"), a power ("3"), a charge ("+").
    """
    text = text.strip()
    if not text:
        return ""
    if text in ("+", "-"):
        return "⁺" if text == "+" else "⁻"
    if text[0] in "([,;" or not any(sign.isalnum() for sign in text):
        return text  # "*" and "†" cannot be taken for digits; "[3]" stands apart by itself
    if before[-1:].isalpha() and text in ("st", "nd", "rd", "th", "TM"):
        return text
    if before[-1:].isdigit() and text in ("st", "nd", "rd", "th"):
        return text
    return "^" + text


def lowered(before: str, text: str) -> str:
    """Return what is added to `before` for lowered `text` ("H2O"; "x1_2" after a digit)."""
    text = text.strip()
    return text if not before[-1:].isdigit() or not text[:1].isalnum() else "_" + text


def without_formulas(text: str) -> str:
    r"""Replace formulas in dollar signs or \( \) by their plain text ("$P < 0.001$")."""
    if "$" not in text and "\\" not in text:
        return text

    def plain(match: re.Match[str]) -> str:
        found = next(group for group in match.groups() if group is not None)
        return formula(found)

    return _FORMULA.sub(plain, text)


def formula(text: str) -> str:
    r"""Return the plain text of a LaTeX formula: "0.27 \pm 0.14" is "0.27 ± 0.14"."""
    for _ in range(4):  # commands stand within commands
        text = _WRAPPED.sub(r"\1", text)
        text = _ROOT.sub(r"√(\1)", text)
        text = _FRACTION.sub(r"\1/\2", text)
    text = re.sub(r"\\([%&#$_{}])", r"\1", re.sub(r"\\[,;:! ]|~|\\\\", " ", text))
    for pattern, place in ((_ABOVE, raised), (_BELOW, lowered)):
        parts: list[str] = []
        end = 0
        for match in pattern.finditer(text):
            parts.append(text[end : match.start()])
            inner = match[1] if match[1] is not None else match[2]
            inner = _COMMAND.sub(_sign, inner).strip()
            parts.append(inner if inner == "°" else place("".join(parts), inner))
            end = match.end()
        text = "".join(parts) + text[end:]
    text = _COMMAND.sub(_sign, text)
    return " ".join(text.replace("{", "").replace("}", "").split())


def _sign(match: re.Match[str]) -> str:
    sign = _SIGNS.get(match[1])
    if sign is None:
        return match[1] + " "
    return sign + (" " if match[0].endswith(" ") and sign else "")
