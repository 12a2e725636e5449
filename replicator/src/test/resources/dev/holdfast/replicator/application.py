"""An application that owns a database, driven line by line: `VERB ARGUMENTS` in, `ok RESULT` or `error MESSAGE` out.

Every transaction that it commits counts up `PRAGMA user_version`, so that what was captured can be held against it.
"""

import os
import random
import shutil
import signal
import sqlite3
import sys

path = sys.argv[1]
rng = random.Random(int(sys.argv[2]))
connection = None
committed = []


def version():
    return connection.execute("PRAGMA user_version").fetchone()[0]


def open_database():
    global connection
    connection = sqlite3.connect(path, isolation_level=None, timeout=60)


def create(page_size, autocheckpoint):
    open_database()
    connection.execute("PRAGMA page_size=%s" % page_size)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=%s" % autocheckpoint)
    connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x)")
    committed.extend([0, 0])


def commit():
    number = version() + 1
    connection.execute("PRAGMA user_version=%d" % number)
    connection.execute("COMMIT")
    committed.append(number)


def insert(count, size):
    for _ in range(count):
        connection.execute("INSERT INTO t(x) VALUES (?)", (rng.randbytes(rng.randrange(size)),))


def change():
    kind = rng.randrange(10)
    if kind < 6:
        insert(rng.randrange(1, 8), 900)
    elif kind == 6:
        connection.execute("UPDATE t SET x = ? WHERE id % 7 = ?", (rng.randbytes(300), rng.randrange(7)))
    elif kind == 7:
        connection.execute("DELETE FROM t WHERE id % 5 = ?", (rng.randrange(5),))
    elif kind == 8:
        insert(2, 5000)
    else:
        connection.execute("SAVEPOINT s")
        insert(5, 500)
        connection.execute("ROLLBACK TO s" if rng.randrange(2) else "RELEASE s")
        insert(1, 100)


def transaction():
    connection.execute("BEGIN IMMEDIATE")
    change()
    if rng.randrange(12) == 0:
        connection.execute("ROLLBACK")
    else:
        commit()


def spill():
    connection.execute("PRAGMA cache_size=10")
    connection.execute("BEGIN IMMEDIATE")
    insert(400, 3000)
    if rng.randrange(4) == 0:
        connection.execute("ROLLBACK")
    else:
        commit()
    connection.execute("PRAGMA cache_size=-2000")


def checkpoint():
    mode = rng.choice(["PASSIVE", "FULL", "RESTART", "TRUNCATE"])
    connection.execute("PRAGMA wal_checkpoint(%s)" % mode).fetchall()


def passive():
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def vacuum():
    connection.execute("VACUUM")
    committed.append(version())


def run(count, *features):
    for _ in range(int(count)):
        transaction()
        if "checkpoint" in features and rng.randrange(8) == 0:
            checkpoint()
        if "vacuum" in features and rng.randrange(40) == 0:
            vacuum()
        if "spill" in features and rng.randrange(25) == 0:
            spill()
        if "reopen" in features and rng.randrange(5) == 0:
            connection.close()
            open_database()


def brief(count):
    """Opens, writes, closes, that often."""
    for _ in range(int(count)):
        open_database()
        transaction()
        connection.close()


def big(megabytes):
    connection.execute("BEGIN IMMEDIATE")
    for _ in range(int(megabytes)):
        connection.execute("INSERT INTO t(x) VALUES (randomblob(1048576))")
    commit()


def fast(count):
    for _ in range(int(count)):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t(x) VALUES (1)")
        commit()


def attempt(count):
    """Takes the write lock and lets go of it, that often."""
    for _ in range(int(count)):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")


def replace():
    """Another database in the place of this one."""
    connection.close()
    other = sqlite3.connect(path + ".other", isolation_level=None)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x)")
    other.execute("PRAGMA user_version=1000000")
    other.close()
    for suffix in ("-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.remove(path + suffix)
    os.rename(path + ".other", path)
    open_database()


def copy(target):
    """The database as SQLite sees it, page for page."""
    shutil.copy(path, target)
    if os.path.exists(path + "-wal"):
        shutil.copy(path + "-wal", target + "-wal")
    other = sqlite3.connect(target)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    other.close()


def unseal():
    """What SQLite 3.40 makes of a commit that outgrew its cache and went back to a savepoint: no salts, no checksum."""
    with open(path + "-wal", "r+b") as wal:
        header = wal.read(32)
        frame = 24 + int.from_bytes(header[8:12], "big")
        last = -1
        while wal.read(24)[8:16] == header[16:24]:
            last += 1
            wal.seek(32 + (last + 1) * frame)
        wal.seek(32 + last * frame + 8)
        wal.write(bytes(16))


verbs = {"unseal": unseal, "passive": passive, "create": create, "open": open_database, "run": run, "brief": brief, "spill": spill, "vacuum": vacuum, "big": big,
         "fast": fast, "attempt": attempt, "copy": copy, "replace": replace, "close": lambda: connection.close(),
         "sql": lambda *words: connection.execute(" ".join(words)).fetchall(),
         "committed": lambda: ",".join(map(str, committed)),
         "die": lambda: os.kill(os.getpid(), signal.SIGKILL)}

for line in sys.stdin:
    words = line.split()
    try:
        result = verbs[words[0]](*words[1:])
        print("ok", "" if result is None else result, flush=True)
    except (sqlite3.Error, OSError, KeyError) as failure:
        print("error", type(failure).__name__, failure, flush=True)
