"""Opening a study's registry: the only place that configures Django."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from myocohort.errors import RegistryError
from myocohort.study.studyfile import Study

DATABASE = "registry.sqlite3"
LOCK = ".myocohort.lock"
LOCK_WAIT_SECONDS = 2.0
TRANSACTION_WAIT_SECONDS = 20

PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"

_configured_for: Path | None = None
_open = False


@contextmanager
def open_study(study: Study, *, update: bool = False) -> Iterator[None]:
    """Open the registry of a study, made or migrated where needed, for this process alone.

    Inside the context the functions of `load` and `records` work. SQLite runs in WAL mode
    with IMMEDIATE transactions: with Django's defaults concurrent writers fail.

    Parameters
    ----------
    study
        With its folder; the registry is registry.sqlite3 in it.
    update
        Open it also where it was filled under another study file, for `update_study`.

    Raises
    ------
    RegistryError
        The folder cannot be written or another process works in it; this process has
        opened another study or has this one open; the registry is damaged, is newer than
        this program, or was filled under other variables, units or categories.
    """
    global _open
    folder = study.folder.resolve()
    if _open:
        raise RegistryError(
            f"the registry in {_configured_for} is open in this process already; close it first"
        )
    if _configured_for is not None and _configured_for != folder:
        raise RegistryError(
            f"one process works on one study: this one has opened {_configured_for} and was "
            f"asked for {folder}. Start another process for the second study"
        )
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=LOCK_WAIT_SECONDS)
    except Timeout as error:
        raise RegistryError(
            f"another process works in {folder} (it holds {LOCK}). Wait until it is done, "
            "then run the command again"
        ) from error
    except OSError as error:
        raise RegistryError(
            f"the study folder {folder} cannot be written ({error.strerror}). The registry is "
            "kept in it: check that the folder exists and that you may write to it"
        ) from error
    try:
        _open = True
        _configure(folder)
        _connect(folder)
        if not update:
            _same_study_file(study)
        with _database_errors(folder):
            yield
    finally:
        _open = False
        _close()
        lock.release()


@contextmanager
def _database_errors(folder: Path) -> Iterator[None]:
    """Say of an error of the database what it can mean."""
    from django.db import Error

    try:
        yield
    except Error as error:
        raise RegistryError(
            f"{folder / DATABASE} cannot be read or written ({error}). Check the space on the "
            "disk first; only if there is enough, the file may be damaged: put it aside (do not "
            "delete it) and import the records again"
        ) from error


def require_open(study: Study) -> None:
    """Check that this study is open in this process.

    Raises
    ------
    RegistryError
        It is not.
    """
    if not _open or study.folder.resolve() != _configured_for:
        raise RegistryError(
            f"the registry of {study.folder} is not open: work inside `with open_study(study):`"
        )


def _configure(folder: Path) -> None:
    """Set Django up, once in a process; there is no SECRET_KEY because nothing is signed."""
    global _configured_for
    if _configured_for is not None:
        return
    import django
    from django.conf import settings

    database: dict[str, Any] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": folder / DATABASE,
        "OPTIONS": {
            "init_command": PRAGMAS,
            "transaction_mode": "IMMEDIATE",
            "timeout": TRANSACTION_WAIT_SECONDS,
        },
    }
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["myocohort.registry.apps.RegistryConfig"],
        USE_TZ=True,
        TIME_ZONE="UTC",
    )
    django.setup()
    _configured_for = folder


def _connect(folder: Path) -> None:
    """Open the database and bring its tables up to date."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    path = folder / DATABASE
    with _database_errors(folder):
        executor = MigrationExecutor(connection)
        unknown = {
            name
            for app, name in executor.loader.applied_migrations
            if app == "registry" and (app, name) not in executor.loader.disk_migrations
        }
        if unknown:
            raise RegistryError(
                f"{path} was written by a newer version of Myocohort (it has "
                f"{', '.join(sorted(unknown))}). Install that version"
            )
        targets = executor.loader.graph.leaf_nodes()
        if plan := executor.migration_plan(targets):
            executor.migrate(targets, plan)


def _same_study_file(study: Study) -> None:
    """Check that the records were read under the rules that the study file now has."""
    from myocohort.registry.models import StudyState

    state = StudyState.objects.first()
    if state is not None and state.records_hash != study.records_hash:
        raise RegistryError(
            "the registry was filled under another study file: arms, missing codes, the order "
            "of dates, tables or variables have changed since. Read the records again under "
            f"the new one with `myocohort study update {study.folder}`"
        )


def _close() -> None:
    """Close the database, so that SQLite puts its write-ahead log away."""
    from django.conf import settings

    if settings.configured:
        from django.db import connections

        connections.close_all()
