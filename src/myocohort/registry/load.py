"""Loading files of records: all rows or none."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from myocohort.errors import Problem, RecordsError
from myocohort.registry.entries import DATED_KINDS
from myocohort.registry.imports import RecordFile, read_file
from myocohort.registry.imports.columns import unit_problems
from myocohort.registry.imports.match import (
    Ignored,
    Match,
    MatchedTable,
    declared_files,
    match_files,
    relative_name,
)
from myocohort.registry.imports.rules import apply_rules, dates_change
from myocohort.registry.imports.validate import Row, read_rows
from myocohort.registry.session import require_open
from myocohort.registry.store import (
    Plan,
    Progress,
    empty,
    make_plan,
    take_snapshot,
    vanished,
    write,
)
from myocohort.registry.summary import ImportSummary, TableSummary
from myocohort.study.standard import TABLES
from myocohort.study.studyfile import Study


@dataclass(slots=True)
class _Batch:
    """Files that were read and whose cells were validated."""

    match: Match = field(default_factory=Match)
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def import_files(
    study: Study,
    files: Sequence[Path],
    *,
    blank_overwrites: bool = False,
    progress: Progress | None = None,
) -> ImportSummary:
    """Import files of records as one batch, inside `open_study`.

    Rows are found again by their natural key: importing a file twice changes nothing.

    Parameters
    ----------
    study
        The study that is open.
    files
        CSV (UTF-8) or XLSX. A file or sheet holds the table of its name, or what the study
        file says.
    blank_overwrites
        Whether an empty cell may take the place of a value that the registry holds.
    progress
        Called with what is done, how much of it, and out of how much.

    Raises
    ------
    InputError
        With every problem of every file; nothing was written.
    RegistryError
        The study is not open.
    """
    require_open(study)
    from django.db import transaction

    batch = _read(study, {relative_name(study, path): path for path in files}, progress)
    with transaction.atomic():
        return _store(study, batch, blank_overwrites, progress)


def load_changed(study: Study, *, progress: Progress | None = None) -> ImportSummary:
    """Import those of the study's own files that changed since they were last imported.

    Parameters
    ----------
    study
        The study that is open; its `tables` name the files.
    progress
        As for `import_files`.

    Raises
    ------
    InputError, RegistryError
        As for `import_files`.
    """
    require_open(study)
    from myocohort.registry.models import ImportedFile

    before: dict[str, set[tuple[str, str]]] = {}
    for name, sha256, records_hash in ImportedFile.objects.values_list(
        "name", "sha256", "records_hash"
    ):
        before.setdefault(name, set()).add((sha256, records_hash))
    changed: dict[str, Path] = {}
    same = []
    for name, path in declared_files(study).items():
        now = {(_sha256(path), study.records_hash)}
        if before.get(name) == now:
            same.append(name)
        else:
            changed[name] = path
    if not changed:
        return ImportSummary(not_changed=tuple(same))
    from django.db import transaction

    batch = _read(study, changed, progress)
    with transaction.atomic():
        summary = _store(study, batch, False, progress)
    return ImportSummary(summary.tables, summary.ignored, tuple(same))


def update_study(
    study: Study,
    *,
    blank_overwrites: bool = False,
    forget_changed: bool = False,
    progress: Progress | None = None,
) -> ImportSummary:
    """Read all records anew under a study file that changed, into an emptied registry.

    The study's own files come first, then those that were imported by hand, in their order.
    The registry stays as it was where anything is wrong.

    Parameters
    ----------
    study
        Opened with ``open_study(study, update=True)``.
    blank_overwrites, progress
        As for `import_files`.
    forget_changed
        Drop the records of files imported by hand that are gone or have changed since; the
        summary lists those files as not read.

    Raises
    ------
    InputError, RegistryError
        As for `import_files`; also, unless they are to be forgotten, where a file that was
        imported by hand is gone or has changed since: what it said then cannot be read anew.
    """
    require_open(study)
    from django.db import transaction

    from myocohort.registry.models import ImportedFile

    own = declared_files(study)
    given = ImportedFile.objects.filter(declared=False).order_by("loaded_at", "pk")
    by_hand = [
        (loaded_at, name, sha256)
        for name, loaded_at, sha256 in given.values_list("name", "loaded_at", "sha256")
        if name not in own
    ]
    changed = {name for _, name, sha256 in by_hand if _sha256(study.folder / name) != sha256}
    if changed and not forget_changed:
        raise RecordsError(_changed_problem(name) for name in sorted(changed))
    by_hand = [entry for entry in by_hand if entry[1] not in changed]
    groups: list[dict[str, Path]] = [own] if own else []
    for _, pairs in groupby(by_hand, key=lambda pair: pair[0]):
        groups.append({name: study.folder / name for _, name, _ in pairs})
    batches = [_read(study, group, progress) for group in groups]
    summaries: list[ImportSummary] = []
    with transaction.atomic():
        empty()
        problems: list[Problem] = []
        for batch in batches:
            try:
                summaries.append(_store(study, batch, blank_overwrites, progress))
            except RecordsError as error:
                problems += error.problems
                # Later files rest on the records of this one: only their cells are checked.
                later = batches[batches.index(batch) + 1 :]
                problems += [problem for other in later for problem in other.problems]
                break
        if problems:
            raise RecordsError(problems)
        _remember_study(study)
    return ImportSummary(
        tuple(table for summary in summaries for table in summary.tables),
        (
            *(Ignored(name) for name in sorted(changed)),
            *(ignored for summary in summaries for ignored in summary.ignored),
        ),
    )


def _changed_problem(name: str) -> Problem:
    return Problem(
        rule="a file that was imported by hand is as it was then; it is gone or has changed",
        file=name,
        next_step="Bring the file back as it was, or name it in the study file; "
        "`myocohort study update --forget-changed` drops the records that came from it",
    )


def _sha256(path: Path) -> str:
    """Hash a file; one that cannot be read has no hash and is reported when it is read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _read(study: Study, files: dict[str, Path], progress: Progress | None) -> _Batch:
    """Read files and validate their cells."""
    batch = _Batch(problems=unit_problems(study))
    read: list[RecordFile] = []
    for done, (name, path) in enumerate(files.items(), start=1):
        file, problems = read_file(path, name)
        batch.problems += problems
        read.append(file)
        if progress is not None:
            progress("reading files", done, len(files))
    batch.match = match_files(study, read)
    batch.problems += batch.match.problems
    for done, table in enumerate(batch.match.tables, start=1):
        rows, problems = read_rows(study, table)
        batch.rows += rows
        batch.problems += problems
        if progress is not None:
            progress("checking tables", done, len(batch.match.tables))
    return batch


def _store(
    study: Study, batch: _Batch, blank_overwrites: bool, progress: Progress | None
) -> ImportSummary:
    """Check rows against each other and the registry, and write them in the open transaction."""
    kinds = {row.table if row.table in TABLES else "observations" for row in batch.rows}
    kinds |= {"strengths" for row in batch.rows if row.strengths}
    kinds |= {"observations" for row in batch.rows if row.observed}
    snapshot = take_snapshot(kinds)
    if dates_change(batch.rows, snapshot):
        snapshot = take_snapshot({*kinds, *DATED_KINDS})
    all_read = not any(problem.row in (None, 1) for problem in batch.problems)
    entries, problems = apply_rules(study, batch.rows, snapshot, all_read=all_read)
    plan, overwritten = make_plan(entries, snapshot, blank_overwrites=blank_overwrites)
    problems = [*batch.problems, *problems, *overwritten]
    kept: dict[tuple[str, str], int] = {}
    if not problems:
        problems, kept = vanished(batch.match.tables, entries, snapshot)
    if problems:
        order = list(dict.fromkeys(problem.file for problem in problems))
        raise RecordsError(
            sorted(problems, key=lambda p: (order.index(p.file), p.sheet, p.row or 0))
        )
    tables = _summaries(batch, plan, kept)
    sources = _remember_files(study, batch.match.tables, tables)
    write(plan, batch.match.tables, sources, progress)
    _remember_study(study)
    return ImportSummary(tables, tuple(batch.match.ignored))


def _summaries(
    batch: _Batch, plan: Plan, kept: dict[tuple[str, str], int]
) -> tuple[TableSummary, ...]:
    rows: dict[int, list[Row]] = {}
    for row in batch.rows:
        rows.setdefault(id(row.matched), []).append(row)
    summaries = []
    for matched in batch.match.tables:
        ids = {id(row) for row in rows.get(id(matched), [])}
        created, updated = len(ids & plan.created), len(ids & plan.updated)
        unmatched = len(ids - plan.known)
        summaries.append(
            TableSummary(
                file=matched.sheet.file,
                sheet=matched.sheet.sheet,
                table=matched.table,
                rows=len(ids),
                created=created,
                updated=updated,
                unchanged=len(ids) - created - updated - unmatched,
                unmatched=unmatched,
                blank_rows=matched.sheet.blank_rows,
                absent=matched.absent,
                sha256=matched.sha256,
                kept=kept.get((matched.sheet.file, matched.table), 0),
            )
        )
    return tuple(summaries)


def _remember_files(
    study: Study, tables: list[MatchedTable], summaries: tuple[TableSummary, ...]
) -> dict[int, int]:
    """Note what was read; return id of a table -> primary key of its file."""
    from django.utils import timezone

    from myocohort.registry.models import ImportedFile

    now = timezone.now()
    sources = {}
    for matched, summary in zip(tables, summaries, strict=True):
        file, _ = ImportedFile.objects.update_or_create(
            name=summary.file,
            table=summary.table,
            defaults={
                "sheet": summary.sheet,
                "declared": matched.declared,
                "sha256": summary.sha256,
                "records_hash": study.records_hash,
                "rows": summary.rows,
                "created": summary.created,
                "updated": summary.updated,
                "unchanged": summary.unchanged,
                "loaded_at": now,
            },
        )
        sources[id(matched)] = file.pk
    return sources


def _remember_study(study: Study) -> None:
    from myocohort.registry.models import StudyState

    StudyState.objects.update_or_create(
        pk=1, defaults={"records_hash": study.records_hash, "study_sha256": study.sha256}
    )
