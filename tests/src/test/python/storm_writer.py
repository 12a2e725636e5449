#!/usr/bin/env python3
"""One of several writers of one database: random transactions until it is told to stop or is killed.

usage: storm_writer.py DATABASE SEED NAME [NAME=VALUE ...]

NAME=VALUE: page_size and auto_vacuum of a new database, and pragmas of each connection; pause=MS, the longest pause
between two transactions; pages=N, the largest transaction; fill=N, pages that a new database begins with.

Standard output is the writer's log, JSON lines, each written before the next thing happens:

  {"opened": n}                              the last number of the ledger as found
  {"try": token}                             COMMIT is about to be run
  {"commit": n, "token": token}              it has come back: commit n has happened
  {"rollback": token}                        this transaction has not happened, and never will
  {"seen": n, "image": sha256}               a state that a read transaction saw, all pages of it
  {"checkpoint": mode, "busy": b}            a checkpoint of ours; {"closed": true} a connection of ours
  {"vacuum": true}                           a VACUUM, which has no number of its own, has come back
  {"stopped": n}                             the end, after a line on standard input
  {"failed": message}                        SQLite has refused something that it should not

Each transaction inserts its number and its token into _ledger: so every state of the database says which commits are in it.
"""

import hashlib
import json
import random
import select
import sqlite3
import sys
import time

SCHEMA = """
CREATE TABLE _ledger (n INTEGER PRIMARY KEY, token TEXT);
CREATE TABLE blob (id INTEGER PRIMARY KEY, k BLOB, v BLOB);
CREATE INDEX blob_k ON blob (k);
CREATE TABLE plain (k BLOB PRIMARY KEY, v INT) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(body);
"""
SHAPES = ("page_size", "auto_vacuum")
IMAGE_BYTES = 4 << 20


def log(**fields):
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


class Storm:
    def __init__(self, path, seed, name, options):
        self.path = path
        self.random = random.Random(f"{seed}/{name}")
        self.name = name
        self.pause = float(options.pop("pause", "5")) / 1000
        self.pages = int(options.pop("pages", "40"))
        self.fill = int(options.pop("fill", "0"))
        self.options = options
        self.attempts = 0
        self.db = None

    def one(self, sql):
        return self.db.execute(sql).fetchone()[0]

    def open(self):
        self.db = sqlite3.connect(self.path, isolation_level=None, timeout=60)
        is_new = self.one("PRAGMA page_count") == 0
        for name, value in self.options.items():
            if is_new or name not in SHAPES:
                self.db.execute(f"PRAGMA {name} = {value}").fetchall()
        if is_new:
            self.db.execute("PRAGMA journal_mode = WAL").fetchall()
            self.transaction(self.create)
        self.page_size = self.one("PRAGMA page_size")
        log(opened=self.last())

    def last(self):
        return self.one("SELECT coalesce(max(n), 0) FROM _ledger")

    def close(self):
        self.db.close()
        log(closed=True)

    # Transactions

    def transaction(self, work, is_rolled_back=False):
        self.attempts += 1
        token = f"{self.name}/{self.attempts}"
        self.db.execute("BEGIN IMMEDIATE")
        work()
        number = self.last() + 1
        self.db.execute("INSERT INTO _ledger VALUES (?, ?)", (number, token))
        if is_rolled_back:
            self.db.execute("ROLLBACK")
            log(rollback=token)
            return
        log(**{"try": token})
        self.db.execute("COMMIT")
        log(commit=number, token=token)

    def create(self):
        for statement in SCHEMA.split(";"):
            self.db.execute(statement)
        for _ in range(self.fill):
            self.insert(self.one("PRAGMA page_size"))

    def insert(self, size):
        self.db.execute("INSERT INTO blob (k, v) VALUES (?, ?)",
                        (self.random.randbytes(8), self.random.randbytes(size)))

    def changes(self):
        for _ in range(self.random.randint(1, 12)):
            self.change(self.random.random())

    def change(self, choice):
        randbytes, randint, db = self.random.randbytes, self.random.randint, self.db
        if choice < 0.35:
            self.insert(self.random.choice([5, 60, 900, 9000]))
        elif choice < 0.55:
            db.execute("DELETE FROM blob WHERE id IN (SELECT id FROM blob WHERE k >= ? ORDER BY k LIMIT ?)",
                       (randbytes(8), randint(1, 30)))
        elif choice < 0.7:
            db.execute("UPDATE blob SET v = ? WHERE id IN (SELECT id FROM blob WHERE k >= ? ORDER BY k LIMIT 3)",
                       (randbytes(self.random.choice([5, 4000])), randbytes(8)))
        elif choice < 0.8:
            db.execute("INSERT OR REPLACE INTO plain VALUES (?, ?)", (randbytes(2), randint(0, 9)))
        elif choice < 0.88:
            db.execute("INSERT INTO words VALUES (?)", (randbytes(60).hex(" "),))
        elif choice < 0.95:
            self.savepoint()
        else:
            table = f"extra{randint(0, 5)}"
            db.execute(f"CREATE TABLE IF NOT EXISTS {table} (x)" if self.random.random() < 0.6
                       else f"DROP TABLE IF EXISTS {table}")

    def savepoint(self):
        self.db.execute("SAVEPOINT inner")
        for _ in range(self.random.randint(1, 8)):
            self.insert(self.random.choice([50, 6000]))
        if self.random.random() < 0.6:
            self.db.execute("ROLLBACK TO inner")
        self.db.execute("RELEASE inner")

    def large(self):
        """Up to `pages` pages at once, few more often than many."""
        count = int(self.pages ** self.random.random())
        for _ in range(count):
            self.insert(self.page_size)

    def clear(self):
        """Frees most of it."""
        self.db.execute("DELETE FROM blob WHERE id % 10 <> 0")

    # Everything else that an application does

    def step(self):
        choice = self.random.random()
        if choice < 0.66:
            self.transaction(self.changes, self.random.random() < 0.12)
        elif choice < 0.74:
            self.transaction(self.large, self.random.random() < 0.25)
        elif choice < 0.77:
            self.transaction(self.clear)
        elif choice < 0.79:
            self.db.execute("VACUUM")
            log(vacuum=True)
        elif choice < 0.82:
            for _ in range(self.random.randint(1, 20)):
                self.db.execute("PRAGMA incremental_vacuum(1)")
        elif choice < 0.92:
            mode = self.random.choice(["PASSIVE", "FULL", "RESTART", "TRUNCATE"])
            log(checkpoint=mode, busy=self.one(f"PRAGMA wal_checkpoint({mode})"))
        elif choice < 0.95:
            self.close()
            self.open()
        else:
            self.rest()
        self.look()

    def rest(self):
        """Long enough to be thought idle, now and then; with a read transaction open, sometimes."""
        is_reading = self.random.random() < 0.5
        if is_reading:
            self.db.execute("BEGIN")
            self.last()
        time.sleep(self.random.choice([0.02, 0.12, 0.4]))
        if is_reading:
            self.db.execute("ROLLBACK")

    def look(self):
        """Puts down what the database is, as one read transaction sees it."""
        if self.random.random() < 0.5:
            self.db.execute("BEGIN")
            number = self.last()
            if self.one("PRAGMA page_count") * self.page_size <= IMAGE_BYTES or self.random.random() < 0.05:
                log(seen=number, image=hashlib.sha256(self.db.serialize()).hexdigest())
            self.db.execute("ROLLBACK")

    def run(self):
        self.open()
        while not select.select([sys.stdin], [], [], 0)[0]:
            self.step()
            time.sleep(self.random.random() * self.pause)
        last = self.last()
        self.close()
        log(stopped=last)


def main():
    path, seed, name, *options = sys.argv[1:]
    storm = Storm(path, seed, name, dict(option.split("=", 1) for option in options))
    try:
        storm.run()
    except sqlite3.Error as error:
        log(failed=str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
