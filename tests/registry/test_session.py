"""Opening a registry: one process, one study; each test that opens one is its own process."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from filelock import FileLock
from registry_worker import STUDY, Registry, template

from myocohort.registry.session import DATABASE, LOCK

PRELUDE = """
import sys
from pathlib import Path
from myocohort.errors import RegistryError
from myocohort.study.loading import load_study
from myocohort.registry import session
from myocohort.registry.session import open_study
session.LOCK_WAIT_SECONDS = 0.05
study = load_study(Path(sys.argv[1]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a study folder without a registry."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY)
    return folder


def run(script: str, *args: Path) -> str:
    """Run a script in a new process and return what it prints."""
    command = [sys.executable, "-W", "error", "-c", PRELUDE + script, *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_registry_is_made_with_its_pragmas_and_no_secret_key(folder: Path) -> None:
    """A new folder gets a migrated database in WAL mode, IMMEDIATE, with foreign keys."""
    out = run(
        """
with open_study(study):
    from django.db import connection
    from django.conf import settings
    with connection.cursor() as cursor:
        for name in ("journal_mode", "synchronous", "foreign_keys"):
            print(cursor.execute(f"PRAGMA {name}").fetchone()[0])
    print(connection.transaction_mode, connection.settings_dict["OPTIONS"]["timeout"])
    print(repr(settings._wrapped.__dict__.get("SECRET_KEY")))
""",
        folder,
    )
    assert out.split("\n") == ["wal", "1", "1", "IMMEDIATE 20", "None"]
    assert (folder / DATABASE).exists()


def test_the_write_ahead_log_is_put_away_at_the_end(folder: Path) -> None:
    """One file is left, so that copying the registry copies all of it."""
    run("with open_study(study): pass", folder)
    assert sorted(p.name for p in folder.iterdir() if "sqlite" in p.name) == [DATABASE]


def test_the_same_folder_opens_again_after_closing(folder: Path) -> None:
    """Opening, closing and opening again works in one process."""
    script = "\n".join(["with open_study(study): print('open')"] * 2)
    assert run(script, folder).split() == ["open", "open"]


def test_a_registry_that_is_open_is_not_opened_twice(folder: Path) -> None:
    """A nested opening says so at once and does not wait for the lock."""
    out = run(
        """
with open_study(study):
    try:
        with open_study(study): pass
    except RegistryError as error:
        print(error)
with open_study(study): print("still works")
""",
        folder,
    )
    assert "open in this process already" in out
    assert out.endswith("still works")


def test_a_second_study_in_one_process_is_refused(folder: Path, tmp_path: Path) -> None:
    """Django can be configured for one database only."""
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    out = run(
        """
with open_study(study): pass
try:
    with open_study(load_study(Path(sys.argv[2]))): print("opened")
except RegistryError as error:
    print(error)
""",
        folder,
        other,
    )
    assert "one process works on one study" in out
    assert str(folder) in out
    assert str(other) in out
    assert not (other / DATABASE).exists()


def test_a_folder_that_another_process_holds_is_refused(folder: Path) -> None:
    """After a short wait the error says that another process works there."""
    with FileLock(folder / LOCK):
        out = run(
            """
try:
    with open_study(study): print("opened")
except RegistryError as error:
    print(error)
""",
            folder,
        )
    assert "another process works in" in out
    assert "run the command again" in out
    assert "opened" not in out


def test_the_lock_is_released_when_the_work_fails(folder: Path) -> None:
    """An exception inside the context leaves the folder free for others."""
    run(
        """
try:
    with open_study(study): raise KeyError("work")
except KeyError: pass
print("done")
""",
        folder,
    )
    with FileLock(folder / LOCK, timeout=0) as lock:
        assert lock.is_locked


TRY = """
try:
    with open_study(study): print("opened")
except RegistryError as error:
    print(error)
"""


def test_a_lock_file_that_cannot_be_written_is_explained(folder: Path) -> None:
    """The system's reason is given, and what to check."""
    (folder / LOCK).mkdir()
    out = run(TRY, folder)
    assert "cannot be written" in out
    assert "check that the folder exists" in out


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no users of this kind here")
def test_a_folder_without_permission_is_refused() -> None:
    """A reader of a folder that belongs to someone else gets a clear error."""
    # Not tmp_path: root may write everywhere, so the script becomes nobody, who cannot reach it.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "study.toml").write_text(STUDY)
        folder.chmod(0o555)
        become_nobody = "import os\nif os.geteuid() == 0: os.setuid(65534)\n"
        assert "cannot be written (Permission denied)" in run(become_nobody + TRY, folder)
        assert [path.name for path in folder.iterdir()] == ["study.toml"]
        folder.chmod(0o755)


def test_a_file_that_is_no_database_is_explained(folder: Path) -> None:
    """A damaged registry is neither overwritten nor a traceback."""
    (folder / DATABASE).write_bytes(b"not a database at all" * 100)
    assert "cannot be read or written" in run(TRY, folder)
    assert (folder / DATABASE).read_bytes().startswith(b"not a database")


def test_a_registry_of_a_newer_version_is_refused(registry: Registry, folder: Path) -> None:
    """A migration that this program does not know is named."""
    shutil.copy(template(registry.folder), folder / DATABASE)
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES "
            "('registry', '9999_later', '2030-01-01')"
        )
    database.close()
    out = run(TRY, folder)
    assert "newer version of Myocohort" in out
    assert "9999_later" in out


def test_work_outside_a_session_is_refused(folder: Path) -> None:
    """The functions of the registry say that it has to be opened first."""
    out = run(
        """
from myocohort.registry.load import import_files
from myocohort.registry.records import read_records
for call in (lambda: import_files(study, []), lambda: read_records(study)):
    try:
        call()
    except RegistryError as error:
        print(error)
""",
        folder,
    )
    assert out.count("is not open: work inside `with open_study(study):`") == 2


def test_importing_the_session_does_not_import_django(folder: Path) -> None:
    """Light commands start without Django."""
    assert run("print('django' in sys.modules)", folder) == "False"


def test_the_models_have_no_change_without_a_migration(folder: Path) -> None:
    """The migrations make the tables that the models describe."""
    out = run(
        """
with open_study(study):
    from django.core.management import call_command
    call_command("makemigrations", "registry", check=True, dry_run=True, verbosity=1)
""",
        folder,
    )
    assert "No changes detected" in out


KILLED = """
import os
from myocohort.registry.load import import_files
def kill(what, done, total):
    if what == "storing strengths":
        os.kill(os.getpid(), 9)
with open_study(study):
    import_files(study, [study.folder / "patients.csv", study.folder / "visits.csv"],
                 progress=kill)
"""


def test_a_process_killed_while_it_stores_leaves_the_registry_as_it_was(
    registry: Registry,
) -> None:
    """Patients and visits were written already, but their transaction never ended."""
    registry.write("patients.csv", "patient\nP1\n")
    assert registry.load("patients.csv").counts == (1, 0, 0)
    before = registry.counts()
    registry.write("patients.csv", "patient\nP1\nP2\n")
    registry.write("visits.csv", "patient,month,mrc_lower_limbs\nP1,0,4\nP2,0,3\n")
    command = [sys.executable, "-c", PRELUDE + KILLED, str(registry.folder)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == -9
    assert registry.counts() == before
    assert registry.load("patients.csv", "visits.csv").counts == (3, 0, 1)
