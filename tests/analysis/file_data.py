"""Made files for the tests of the commands on any file."""

from __future__ import annotations

BAD = (
    "y,level,same,weight,double,letter,text\n"
    "0,1,1,2,2,u,3\n1,2,1,-1,4,u,x\n0,3,1,1,6,v,4\n1,5,1,1.5,10,u,5\n1,4,1,1,8,u,6\n0,2,1,1,4,u,7\n"
)
"""Not binary, constant, twice another, a text, a category of one row, impossible weights."""

FEW = "y,a,b,c,d\n0,1,2,3,5\n1,4,1,2,6\n1,2,2,8,3\n"
"""More terms than patients."""

GAPS = (
    "y,a,b\n0,1,no\n0,2,yes\n1,2,\n1,NA,yes\n0,3,no\n1,4,yes\n,5,yes\n1,5,no\n0,2,no\n1,6,yes\n"
    "0,1,no\n1,3,no\n"
)
"""Twelve rows; the outcome and each term are missing once."""

# Shrout & Fleiss, Psychol Bull 1979;86:420-428, table 2: six targets read by four judges
SHROUT_FLEISS = "target,judge,score\n" + "".join(
    f"T{target},J{judge},{score}\n"
    for target, row in enumerate(("9258", "6132", "8468", "7126", ("10", 5, 6, 9), "6247"), 1)
    for judge, score in enumerate(row, 1)
)
