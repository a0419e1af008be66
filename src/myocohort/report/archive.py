"""Documents that are zip archives: one date inside, and the same bytes for the same input."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime

from myocohort.report.model.models import Results

NO_DATE = datetime(1980, 1, 1)
"""The first date that a zip archive can hold; stands where none is known."""


def date_of(results: Results) -> datetime:
    """Return when the records were loaded, in UTC; a fixed date when that is not known."""
    loaded = (results.get("manifest") or {}).get("records_loaded")
    try:
        moment = datetime.fromisoformat(str(loaded))
    except ValueError:
        return NO_DATE
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return max(moment.replace(microsecond=0), NO_DATE)


def dated(content: bytes, made: datetime) -> bytes:
    """Put one date wherever an office document and zip put the time of writing.

    Parameters
    ----------
    content
        The document as its library wrote it.
    made
        In UTC, without a time zone.
    """
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = source.read(name)
            if name == "docProps/core.xml":
                part = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*",
                    rb"\g<1>" + made.strftime("%Y-%m-%dT%H:%M:%SZ").encode(),
                    part,
                )
            entry = zipfile.ZipInfo(name, made.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, part)
    return buffer.getvalue()
