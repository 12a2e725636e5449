"""A real SQLite writer, driven line by line: `VERB ARGUMENT` in, `ok RESULT` or `error MESSAGE` out."""
import os
import shutil
import sqlite3
import sys

connection = None


def sql(text):
    for statement in text.split(";"):
        rows = connection.execute(statement).fetchall()
    return "|".join(",".join(map(str, row)) for row in rows)


def burst(count):
    """That many transactions of a few rows each, the last of which ends the burst."""
    for number in range(int(count)):
        connection.execute("BEGIN")
        for _ in range(number % 7 + 1):
            connection.execute("INSERT INTO t(x) VALUES (randomblob(abs(random()) % 900))")
        connection.execute("COMMIT")


def materialize(paths):
    """Copies a database and its WAL, and lets SQLite bring the copy up to date."""
    source, target = paths.split("\t")
    shutil.copy(source, target)
    if os.path.exists(source + "-wal"):
        shutil.copy(source + "-wal", target + "-wal")
    copy = sqlite3.connect(target)
    copy.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    copy.close()


for line in sys.stdin:
    verb, _, argument = line.rstrip("\n").partition(" ")
    try:
        result = ""
        if verb == "open":
            connection = sqlite3.connect(argument, isolation_level=None)
        elif verb == "close":
            connection.close()
        elif verb == "sql":
            result = sql(argument)
        elif verb == "burst":
            burst(argument)
        elif verb == "materialize":
            materialize(argument)
        else:
            raise ValueError(verb)
        print("ok", result, flush=True)
    except (sqlite3.Error, OSError, ValueError) as failure:
        print("error", failure, flush=True)
