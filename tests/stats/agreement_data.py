"""Published tables of readings that several tests of agreement share."""

from __future__ import annotations

import numpy as np

NAN = float("nan")

# Krippendorff's example of 4 observers and 12 units (Krippendorff 2011, "Computing
# Krippendorff's Alpha-Reliability", example C), also irrCAC's cac.raw4raters
FOUR_OBSERVERS = np.array(
    [
        [1, 1, NAN, 1],
        [2, 2, 3, 2],
        [3, 3, 3, 3],
        [3, 3, 3, 3],
        [2, 2, 2, 2],
        [1, 2, 3, 4],
        [4, 4, 4, 4],
        [1, 1, 2, 1],
        [2, 2, 2, 2],
        [NAN, 5, 5, 5],
        [NAN, NAN, 1, 1],
        [NAN, NAN, 3, NAN],
    ]
)
FIVE_GRADES = [1, 2, 3, 4, 5]

# irrCAC's distrib.6raters: psychiatrists who chose each of 5 diagnoses, 15 patients
SIX_RATERS_COUNTS = [
    [0, 0, 0, 6, 0],
    [0, 3, 0, 0, 3],
    [0, 1, 4, 0, 1],
    [0, 0, 0, 0, 6],
    [0, 3, 0, 3, 0],
    [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2],
    [2, 0, 3, 1, 0],
    [2, 0, 0, 4, 0],
    [0, 0, 0, 0, 6],
    [1, 0, 0, 5, 0],
    [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0],
    [1, 0, 0, 5, 0],
    [0, 2, 0, 3, 1],
]
SIX_RATERS = np.array([np.repeat(FIVE_GRADES, counts) for counts in SIX_RATERS_COUNTS], dtype=float)

# irrCAC's cont3x3abstractors: 100 pregnancies, type by abstractor
ABSTRACTORS_TABLE = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]


def pairs(table):
    """Return the readings behind a square table of two raters."""
    return np.array(
        [
            (row, column)
            for row, counts in enumerate(table)
            for column, count in enumerate(counts)
            for _ in range(count)
        ],
        dtype=float,
    )


# Fleiss 1971, table 1: 30 patients, 6 psychiatrists, 5 diagnoses
FLEISS_1971 = np.array(
    [
        [int(digit) for digit in row]
        for row in [
            "444444",
            "222555",
            "233335",
            "555555",
            "222444",
            "113333",
            "333355",
            "113334",
            "114444",
            "555555",
            "144444",
            "124444",
            "222333",
            "144444",
            "224445",
            "333335",
            "111455",
            "111112",
            "224444",
            "133555",
            "555555",
            "244444",
            "224555",
            "114444",
            "144445",
            "222224",
            "111155",
            "224444",
            "133333",
            "555555",
        ]
    ],
    dtype=float,
)

# Shrout & Fleiss 1979, table 2: 6 targets, 4 judges
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]],
    dtype=float,
)

# 12 subjects and 3 raters, made up for the goldens from R below
THREE_READERS = np.column_stack(
    [
        [20, 25, 31, 18, 40, 22, 27, 35, 29, 33, 21, 26],
        [22, 24, 33, 17, 41, 25, 26, 37, 30, 35, 20, 29],
        [19, 27, 30, 19, 38, 24, 28, 34, 27, 32, 23, 27],
    ]
).astype(float)
