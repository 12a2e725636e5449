#!/usr/bin/env python3
"""A stand-in for an agent that keeps its memory in SQLite: it writes what it is told to, and logs it.

usage: agent_writer.py DATABASE SEED

Commands come on standard input, one a line; each is answered by one line with "done" or "error".
Standard output is the writer's own log, JSON lines, flushed one by one, so that it says what was
committed even if the process is killed. dev.holdfast.tests.writer.JdbcWriter is the same program on
sqlite-jdbc, and takes the same commands:

  open [NAME=VALUE ...]      connect; pragmas by name, before that: images=K (an image each K
                             commits, 0 never), truncate=1 (checkpoint at the start), reserve=N
                             (bytes at the end of each page of a new database; here alone)
  run PATTERN COUNT [SIZE] [PAUSE_MS]   COUNT committed transactions of a pattern
  hang PATTERN [SIZE]        a transaction of that pattern that stays open
  commit | rollback          ends it
  checkpoint MODE            PASSIVE, FULL, RESTART or TRUNCATE
  checkpoints COUNT          so many, each in the next of these modes; here alone
  vacuum                     VACUUM
  change STATEMENT           a statement of SQL that commits by itself, logged as VACUUM is
  query STATEMENT            a statement that commits nothing; the log says its first value
  backup FILE                SQLite's online backup of that database into this one; here alone
  witness                    logs what another process has committed, as if it were our own commit
  close                      close the connection
  end of input               close and exit

Before a COMMIT the log says {"begin": n}, and after it {"commit": n, "pages": p, "image": sha256}.
The transaction itself inserts n into _ledger, so a database says which commit it is. The image is
what this connection sees: sqlite3_serialize() reads each page through the pager, WAL included, and
changes no byte of it (the lock page reads as zeros). VACUUM and its like have no number of their
own: such a commit is logged with the n before it.
"""

import hashlib
import json
import random
import sqlite3
import sys
import time

SCHEMA = """
CREATE TABLE _ledger (n INTEGER PRIMARY KEY, pattern TEXT);
CREATE TABLE mixed (id INTEGER PRIMARY KEY, k BLOB, v BLOB);
CREATE INDEX mixed_k ON mixed (k);
CREATE TABLE chat (id INTEGER PRIMARY KEY, role TEXT, body TEXT);
CREATE TABLE document (id INTEGER PRIMARY KEY, state TEXT);
CREATE TABLE audit (id BLOB PRIMARY KEY, kind INTEGER, detail TEXT) WITHOUT ROWID;
CREATE INDEX audit_kind ON audit (kind, detail);
CREATE TABLE wide (id INTEGER PRIMARY KEY, body BLOB);
INSERT INTO document VALUES (1, '[]');
"""
SETTINGS = {"images", "truncate", "reserve"}
SHAPES = {"page_size", "auto_vacuum", "encoding"}
MODES = ["PASSIVE", "FULL", "RESTART", "TRUNCATE"]


def log(**fields):
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


class Writer:
    def __init__(self, path, seed):
        self.path = path
        self.seed = seed
        self.options = {}
        self.db = None
        self.n = 0
        self.since_image = 0
        self.attempt = 0
        self.random = None

    # Connection

    def open(self, *words):
        self.options = dict(word.split("=", 1) for word in words)
        start = time.monotonic()
        busy = self.connect()
        milliseconds = (time.monotonic() - start) * 1000
        if not self.one("SELECT count(*) FROM sqlite_schema WHERE name = '_ledger'"):
            self.transaction("schema", 0)
        self.n = self.one("SELECT max(n) FROM _ledger")
        log(opened=self.n, pages=self.one("PRAGMA page_count"), image=self.image(),
            milliseconds=milliseconds, busy=busy)

    def connect(self):
        """Returns what a checkpoint at the start said of being busy."""
        # No transactions but those that are asked for.
        self.db = sqlite3.connect(self.path, isolation_level=None)
        busy = 0
        pragmas = {"journal_mode": "WAL", **self.options}
        # What shapes a new file comes before what creates it. On an old one auto_vacuum would be a
        # commit of its own: it writes a field of the header, even the value that is there.
        is_new = self.one("PRAGMA page_count") == 0
        if is_new and "reserve" in self.options:
            self.create_reserving(int(self.options["reserve"]))
            is_new = False
        skipped = SETTINGS if is_new else SETTINGS | SHAPES
        for name in sorted(pragmas, key=lambda name: name == "journal_mode"):
            if name not in skipped:
                self.db.execute(f"PRAGMA {name} = {pragmas[name]}").fetchall()
        if self.options.get("truncate") == "1":
            busy = self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return busy

    def create_reserving(self, reserve):
        """What sqlite3_file_control(SQLITE_FCNTL_RESERVE_BYTES) does, which Python lacks: an empty
        database whose only page says how much of a page is free, and ends its cells before that."""
        for name in SHAPES & self.options.keys():
            self.db.execute(f"PRAGMA {name} = {self.options[name]}")
        self.db.execute("PRAGMA user_version = 0")  # creates the file
        self.db.close()
        with open(self.path, "r+b") as file:
            page = bytearray(file.read())
            page[20] = reserve
            page[105:107] = ((len(page) - reserve) % 65536).to_bytes(2, "big")
            file.seek(0)
            file.write(page)
        self.db = sqlite3.connect(self.path, isolation_level=None)

    def close(self):
        if self.db is not None:
            self.db.close()
            self.db = None

    def one(self, sql):
        return self.db.execute(sql).fetchone()[0]

    def image(self):
        return hashlib.sha256(self.db.serialize()).hexdigest()

    def image_if_due(self):
        every = int(self.options.get("images", "1"))
        self.since_image += 1
        if every == 0 or self.since_image % every != 0:
            return None
        return self.image()

    # Transactions

    def run(self, pattern, count, size="0", pause_ms="0"):
        last = self.n + int(count)
        while self.n < last:
            if pattern == "reconnect":
                self.close()
                self.connect()
                self.transaction("touch", 0)
                self.close()
            else:
                self.transaction(pattern, int(size))
            if pause_ms != "0":
                time.sleep(int(pause_ms) / 1000)
        if pattern == "reconnect":
            self.connect()

    def transaction(self, pattern, size):
        if self.begin(pattern, size):
            self.commit()
        else:
            self.rollback()

    def begin(self, pattern, size):
        """Writes a transaction, and says whether it is one that is meant to be committed."""
        number = self.n + 1
        # Which transaction follows a rollback must not be the one that was rolled back.
        self.attempt += 1
        self.random = random.Random(f"{self.seed}/{number}/{self.attempt}")
        self.db.execute("BEGIN IMMEDIATE")
        is_meant = getattr(self, pattern)(size) is not False
        self.db.execute("INSERT INTO _ledger VALUES (?, ?)", (number, pattern))
        return is_meant

    def hang(self, pattern, size="0"):
        self.begin(pattern, int(size))
        log(hanging=self.n + 1)

    def commit(self):
        log(begin=self.n + 1)
        self.db.execute("COMMIT")
        self.n += 1
        self.log_commit()

    def log_commit(self):
        log(commit=self.n, pages=self.one("PRAGMA page_count"), image=self.image_if_due())

    def rollback(self):
        self.db.execute("ROLLBACK")

    def checkpoint(self, mode):
        start = time.monotonic()
        busy, frames, done = self.db.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        log(checkpoint=mode, busy=busy, frames=frames, copied=done,
            milliseconds=(time.monotonic() - start) * 1000)

    def checkpoints(self, count):
        for i in range(int(count)):
            self.one(f"PRAGMA wal_checkpoint({MODES[i % len(MODES)]})")

    # What commits by itself

    def vacuum(self):
        self.change("VACUUM")

    def change(self, *words):
        log(begin=self.n)
        self.db.execute(" ".join(words)).fetchall()
        self.log_commit()

    def query(self, *words):
        row = self.db.execute(" ".join(words)).fetchone()
        log(value=None if row is None else row[0])

    def backup(self, source):
        log(begin=self.n)
        other = sqlite3.connect(source)
        other.backup(self.db, pages=7)
        other.close()
        self.n = self.one("SELECT max(n) FROM _ledger")
        self.log_commit()

    def witness(self):
        self.n = self.one("SELECT max(n) FROM _ledger")
        self.log_commit()

    # Patterns: what one transaction writes

    def schema(self, _):
        for statement in SCHEMA.split(";"):
            self.db.execute(statement)

    def touch(self, _):
        """The smallest transaction: the ledger's."""

    def mixed(self, _):
        """1 to 30 changes of all kinds and sizes, with savepoints; one in seven is rolled back."""
        for _ in range(self.random.randint(1, 30)):
            self.mixed_change(self.random.random())
        return self.random.random() >= 1 / 7

    def mixed_change(self, choice):
        randbytes, db = self.random.randbytes, self.db
        if choice < 0.5:
            value = randbytes(self.random.choice([10, 100, 2000, 20000]))
            db.execute("INSERT INTO mixed (k, v) VALUES (?, ?)", (randbytes(8), value))
        elif choice < 0.75:
            db.execute("DELETE FROM mixed WHERE k IN (SELECT k FROM mixed WHERE k >= ? LIMIT ?)",
                       (randbytes(8), self.random.randint(1, 20)))
        elif choice < 0.9:
            db.execute("UPDATE mixed SET v = ? WHERE k IN (SELECT k FROM mixed WHERE k >= ? LIMIT"
                       " 3)", (randbytes(self.random.choice([10, 5000])), randbytes(8)))
        elif choice < 0.95:
            db.execute("SAVEPOINT inner")
            db.execute("DELETE FROM mixed WHERE k >= ?", (randbytes(8),))
            db.execute("INSERT INTO mixed (k, v) VALUES (?, ?)", (randbytes(8), randbytes(9000)))
            if self.random.random() < 0.7:
                db.execute("ROLLBACK TO inner")
            db.execute("RELEASE inner")
        else:
            table = f"extra{self.random.randint(0, 4)}"
            if self.random.random() < 0.5:
                db.execute(f"CREATE TABLE IF NOT EXISTS {table} (x)")
            else:
                db.execute(f"DROP TABLE IF EXISTS {table}")

    def chat(self, _):
        """A turn of a conversation, appended."""
        for role in ("user", "assistant"):
            body = self.random.randbytes(self.random.randint(10, 900)).hex()
            self.db.execute("INSERT INTO chat (role, body) VALUES (?, ?)", (role, body))

    def document(self, _):
        """The whole state as one JSON value, rewritten and longer each turn."""
        turns = json.loads(self.one("SELECT state FROM document"))
        turns.append({"turn": self.n, "text": self.random.randbytes(100).hex()})
        self.db.execute("UPDATE document SET state = ?", (json.dumps(turns),))

    def audit(self, _):
        """A row at a random place of its table and of an index."""
        self.db.execute("INSERT INTO audit VALUES (?, ?, ?)",
                        (self.random.randbytes(16), self.random.randint(0, 9),
                         self.random.randbytes(40).hex()))

    def wide(self, size):
        """At least `size` pages in one transaction."""
        page = self.one("PRAGMA page_size")
        self.db.executemany("INSERT INTO wide (body) VALUES (?)",
                            ((self.random.randbytes(page),) for _ in range(size)))

    def narrow(self, _):
        """Frees what `wide` wrote."""
        self.db.execute("DELETE FROM wide")

    def shrink(self, size):
        """An incremental vacuum, of `size` pages."""
        for _ in range(size):  # it frees a page a step, and execute() makes one step
            self.db.execute("PRAGMA incremental_vacuum(1)")


COMMANDS = {"open", "run", "hang", "commit", "rollback", "checkpoint", "checkpoints", "vacuum",
            "change", "query", "backup", "witness", "close"}


def main():
    if sys.version_info < (3, 11):
        sys.exit("error: agent_writer.py needs Python 3.11 or newer (sqlite3 serialize), found "
                 + sys.version.split()[0])
    writer = Writer(sys.argv[1], sys.argv[2])
    for line in sys.stdin:
        command, *words = line.split()
        if command not in COMMANDS:
            sys.exit(f"error: unknown command {command}")
        try:
            getattr(writer, command)(*words)
            log(done=line.strip())
        except sqlite3.Error as error:
            log(error=str(error), command=line.strip())
    writer.close()


if __name__ == "__main__":
    main()
