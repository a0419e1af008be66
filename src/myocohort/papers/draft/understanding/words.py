"""The words of a sentence that can name what it is about."""

from __future__ import annotations

import re

# Words that join, count, compare or report; what is left names something.
_JOINING = (
    "a an the and or but of in on at to for from with without by as than that which who whose "
    "was were is are be been being had has have having while whereas whereby using after before "
    "between among during all no not there their its his her our we this these those it they "
    "furthermore moreover however only also both one other vs versus respectively"
)
_REPORTING = (
    "showed shown show revealed reported found observed seen appeared occurred presented present "
    "detected identified noted included given received compared associated test tests "
    "statistically significant significantly higher lower more less often frequent frequently"
)
_COUNTING = (
    "patients patient cases case subjects participants individuals group groups mean median "
    "average number numbers percentage percentages proportion proportions rate rates total "
    "overall value values ratio ratios level old year years month months"
)
_STOP = frozenset(f"{_JOINING} {_REPORTING} {_COUNTING}".split())


def naming_words(text: str) -> list[str]:
    """Return the words of a text that can name something, in their order.

    >>> naming_words("The mean onset age in patients was")
    ['onset', 'age']
    """
    words = re.findall(r"[A-Za-z][\w+/-]*", re.sub(r"[()\[\]]", " ", text))
    return [word for word in words if word.lower() not in _STOP and len(word) > 1]
