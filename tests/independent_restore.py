#!/usr/bin/env python3
"""Restores a database from an archive, by docs/format.md alone.

    independent_restore.py ARCHIVE_FOLDER OUT [--tx N] [--identity FILE]

Without --tx it restores the newest transaction. It is right or it fails: exit code 0 and OUT is there, whole, or another
exit code, one line that says what is wrong, and no OUT. Python 3 and the package zstandard are all it needs; it shares no
code with Holdfast and reads in the order of the page: section 1, archive.json; 2, the log; 3, snapshots; 4, restoring; 8,
encryption, for which it needs the package cryptography too.
It is written to be read, not to be fast.
"""

import argparse
import base64
import contextlib
import hashlib
import hmac
import os
import re
import struct
import sys
import tempfile
from dataclasses import dataclass

import zstandard


class BadArchive(Exception):
    """The archive is not what docs/format.md says."""


class NoKey(Exception):
    """The archive is encrypted, and what opens it was not given."""


class NoSuchPoint(Exception):
    """The archive is good, but has no state for what was asked."""


def require(holds, where, what):
    if not holds:
        raise BadArchive(f"{where}: {what}")


# ---------------------------------------------------------------- Conventions

MAX_MICROS = 2**53 - 1
MAX_DATABASE_PAGES = 4_294_967_294
LOCK_BYTE = 1_073_741_824
DIGEST_BYTES = 32
READ_BYTES = 64 * 1024


def crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


CRC32C = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC32C[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def sha256(data):
    return hashlib.sha256(data).digest()


def read_exactly(file, count, where):
    data = file.read(count)
    require(len(data) == count, where, f"is cut off: found {len(data)} bytes, wanted {count}")
    return data


# ---------------------------------------------------------------- 1. archive.json

ARCHIVE_JSON = re.compile(
    rb'(\{"format":"holdfast","version":(\d{1,9}),"archive":"([0-9a-f]{32})",'
    rb'"created":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"),"sha256":"([0-9a-f]{64})"\}\n'
)


@dataclass
class Archive:
    folder: str
    id: bytes
    digest: bytes
    keys: object = None  # what opens what is encrypted: Keys

    @staticmethod
    def open(folder):
        where = "archive.json"
        with open(os.path.join(folder, where), "rb") as file:
            stored = file.read(4096 + 1)
        line = ARCHIVE_JSON.fullmatch(stored)
        require(line and len(stored) <= 4096, where, "is not one line as in docs/format.md")
        require(int(line[2]) == 1, where, f"has version {int(line[2])}, this program reads version 1")
        require(sha256(line[1]).hex() == line[4].decode(), where, "digest does not match")
        return Archive(folder, bytes.fromhex(line[3].decode()), sha256(stored))

    def open_object(self, name):
        return open(os.path.join(self.folder, name), "rb")

    def seqs(self, prefix, suffix):
        """The seqs in the names `<prefix>/<seq><suffix>`, ascending; other names are not the archive's."""
        pattern = re.compile(r"([0-9a-f]{16})" + re.escape(suffix))
        folder = os.path.join(self.folder, prefix)
        names = os.listdir(folder) if os.path.isdir(folder) else []
        return sorted(int(match[1], 16) for match in map(pattern.fullmatch, names) if match)


# ---------------------------------------------------------------- 2.1 Segment

RESET, CLAIM, REBASE, SEALED = 1, 2, 4, 8
ZSTD, LZ4 = 1, 2
SEGMENT_HEADER_BYTES = 128


@dataclass
class Segment:
    """A segment's header, and where it lies."""

    name: str
    at: int
    stored_header: bytes
    flags: int
    codec: int
    page_size: int
    archive_id: bytes
    seq: int
    previous: bytes
    writer: int
    first_tx: int
    records: int
    window_log2: int
    first_time: int
    last_time: int
    raw_length: int
    body_length: int
    database_pages: int
    digest: bytes = b""

    @property
    def where(self):
        return f"{self.name}, byte {self.at}: segment {self.seq}"

    @property
    def last_tx(self):
        return self.first_tx + self.records - 1

    @property
    def end(self):
        return self.at + SEGMENT_HEADER_BYTES + self.body_length + DIGEST_BYTES

    @staticmethod
    def parse(stored, name, at):
        where = f"{name}, byte {at}: segment header"
        require(stored[0:4] == b"HFSG", where, f"magic is {stored[0:4]!r}")
        require(stored[4] == 1, where, f"has version {stored[4]}, this program reads version 1")
        (crc,) = struct.unpack_from(">I", stored, 124)
        require(crc == crc32c(stored[:124]), where, "CRC-32C does not match")
        flags, codec, page_log2 = stored[5:8]
        require(codec in (ZSTD, LZ4), where, f"codec is {codec}")
        require(9 <= page_log2 <= 16, where, f"page size is 2^{page_log2}")
        require(stored[85:88] == bytes(3), where, "reserved bytes are not zero")
        archive_id, seq, previous, writer, first_tx, records, window = struct.unpack_from(">16sQ32sQQIB", stored, 8)
        segment = Segment(
            name, at, stored, flags, codec, 1 << page_log2, archive_id, seq, previous, writer, first_tx, records,
            window, *struct.unpack_from(">QQQQI", stored, 88),
        )
        segment.check_fields(where)
        return segment

    def check_fields(self, where):
        require(self.flags & ~SEALED in (0, RESET, CLAIM, REBASE | RESET), where, f"flags are {self.flags}")
        require(1 <= self.seq < 2**63, where, f"seq is {self.seq}")
        require(1 <= self.first_tx < 2**63, where, f"first transaction is {self.first_tx}")
        require(self.records <= 1_048_576, where, f"record count is {self.records}")
        if self.codec == ZSTD:
            require(10 <= self.window_log2 <= 24, where, f"window is 2^{self.window_log2}")
        else:
            require(self.window_log2 == 0, where, f"window is 2^{self.window_log2}, with LZ4")
        require(self.first_time <= self.last_time <= MAX_MICROS, where, "times are out of order")
        require(self.raw_length < 2**44 and self.body_length < 2**44, where, "a length is too large")
        require(self.database_pages <= MAX_DATABASE_PAGES, where, "the database is too large")
        if self.flags & CLAIM:
            nothing = self.records == self.raw_length == self.body_length == self.database_pages == 0
            require(nothing, where, "a claim holds something")
        elif self.flags & REBASE:
            require(self.records == 1, where, f"a rebase has {self.records} records")
        else:
            require(self.records >= 1, where, "has no records")
            require(self.codec == ZSTD or self.flags & RESET, where, "LZ4 without reset")

    def check_follows(self, before):
        """That this segment may stand right after `before`; what its digest covers is checked when it is read."""
        require(self.seq == before.seq + 1, self.where, f"comes after segment {before.seq}")
        require(self.previous == before.digest, self.where, "the digest of the segment before is another one")
        require(self.first_tx == before.last_tx + 1, self.where, f"first transaction is {self.first_tx}, not {before.last_tx + 1}")
        require(self.first_time > before.last_time, self.where, "time did not advance")
        if self.flags & REBASE == 0:
            require(self.page_size == before.page_size, self.where, "page size changes without a rebase")
        require(self.flags & SEALED or not before.flags & SEALED, self.where, "goes on in the clear after what is encrypted")
        if self.records and not self.flags & RESET:
            require(self.flags & SEALED == before.flags & SEALED, self.where, "encryption begins without a reset")
            goes_on = not before.flags & CLAIM and before.codec == self.codec
            require(goes_on, self.where, "the compressed stream does not begin anew")
            require(before.window_log2 == self.window_log2, self.where, "the window changes without a reset")


def read_log(archive):
    """Every segment of the log, headers and stored digests only; checks seqs, chain, transactions and times."""
    segments = []
    for seq in archive.seqs("log", ".seg"):
        name = f"log/{seq:016x}.seg"
        wanted = segments[-1].seq + 1 if segments else 1
        require(seq == wanted, name, f"log/{wanted:016x}.seg is missing before it")
        with archive.open_object(name) as file:
            size = os.fstat(file.fileno()).st_size
            at = 0
            while at < size or at == 0:
                file.seek(at)
                stored = read_exactly(file, SEGMENT_HEADER_BYTES, f"{name}, byte {at}: segment header")
                segment = Segment.parse(stored, name, at)
                require(segment.archive_id == archive.id, segment.where, "belongs to another archive")
                require(segment.end <= size, segment.where, f"is cut off: the object has {size} bytes, wanted {segment.end}")
                file.seek(segment.end - DIGEST_BYTES)
                segment.digest = read_exactly(file, DIGEST_BYTES, segment.where)
                if segments:
                    segment.check_follows(segments[-1])
                else:
                    require(segment.seq == 1 and segment.first_tx == 1, segment.where, "does not begin the log")
                    require(segment.previous == archive.digest, segment.where, "does not name the digest of archive.json")
                if segment.records and not any(earlier.records for earlier in segments):
                    require(segment.flags & REBASE, segment.where, "the first segment with records is no rebase")
                segments.append(segment)
                at = segment.end
    return segments


# ---------------------------------------------------------------- 2.2 Body

ZSTD_STEP = 1024  # At most 128 KiB come out of each 4 bytes that go in, so this bounds memory to 32 MiB.
MAX_LZ4_BLOCK = 1_048_576


class ZstdFrame:
    """One zstd frame that goes on over several bodies."""

    def __init__(self, first_bytes, window, where):
        try:
            frame = zstandard.get_frame_parameters(first_bytes[:32])
            require(not frame.has_checksum and frame.dict_id == 0, where, "the frame has a checksum or a dictionary")
            require(frame.window_size <= window, where, f"the frame's window is {frame.window_size} bytes, allowed are {window}")
        except zstandard.ZstdError as e:
            raise BadArchive(f"{where}: {e}") from e
        self.stream = zstandard.ZstdDecompressor(max_window_size=max(window, 1024)).decompressobj()

    def inflate(self, stored, where):
        """Yields the raw bytes of `stored`."""
        for at in range(0, len(stored), ZSTD_STEP):
            require(not self.stream.eof, where, "bytes follow after the end of the frame")
            try:
                yield self.stream.decompress(stored[at : at + ZSTD_STEP])
            except zstandard.ZstdError as e:
                raise BadArchive(f"{where}: {e}") from e
        require(not self.stream.unused_data, where, "bytes follow after the end of the frame")


def lz4_block(stored, raw_length, where):
    """Decompresses one block of the LZ4 block format."""
    out = bytearray()
    at = 0

    def length(nibble):
        nonlocal at
        if nibble == 15:
            more = 255
            while more == 255:
                require(at < len(stored), where, "an LZ4 length is cut off")
                more = stored[at]
                nibble += more
                at += 1
        return nibble

    while True:
        require(at < len(stored), where, "an LZ4 sequence is cut off")
        token = stored[at]
        at += 1
        literals = length(token >> 4)
        require(at + literals <= len(stored) and len(out) + literals <= raw_length, where, "LZ4 literals are too long")
        out += stored[at : at + literals]
        at += literals
        if at == len(stored):
            break
        require(at + 2 <= len(stored), where, "an LZ4 offset is cut off")
        offset = stored[at] | stored[at + 1] << 8
        at += 2
        match = length(token & 15) + 4
        require(1 <= offset <= len(out), where, f"LZ4 offset {offset} points before the block")
        require(len(out) + match <= raw_length, where, "an LZ4 match is too long")
        while match > 0:
            piece = out[-offset:][:match]
            out += piece
            match -= len(piece)
    require(len(out) == raw_length, where, f"LZ4 block has {len(out)} bytes, wanted {raw_length}")
    return bytes(out)


class LogReader:
    """Reads segments one after another, from one with reset on."""

    def __init__(self, archive):
        self.archive = archive
        self.frame = None
        self.data_key = None

    def raw(self, segment):
        """Yields the decompressed body. Once it is exhausted, the digest has been checked."""
        total = 0
        with self.archive.open_object(segment.name) as file:
            file.seek(segment.at)
            header = read_exactly(file, SEGMENT_HEADER_BYTES, segment.where)
            require(header == segment.stored_header, segment.where, "changed while it was read")
            self.digest = hashlib.sha256(header)
            self.body_left = segment.body_length
            self.plain = bytearray()
            is_sealed = segment.flags & SEALED and not segment.flags & CLAIM
            self.blocks = self.open_blocks(file, segment) if is_sealed else None
            unpacked = self.zstd(file, segment) if segment.codec == ZSTD else self.lz4(file, segment)
            for data in unpacked:
                total += len(data)
                require(total <= segment.raw_length, segment.where, f"has more than {segment.raw_length} raw bytes")
                yield data
            require(total == segment.raw_length, segment.where, f"has {total} raw bytes, wanted {segment.raw_length}")
            stored = read_exactly(file, DIGEST_BYTES, segment.where)
        require(self.digest.digest() == stored == segment.digest, segment.where, "digest does not match")

    def stored(self, file, count, segment):
        data = read_exactly(file, count, segment.where)
        self.digest.update(data)
        self.body_left -= count
        return data

    def open_blocks(self, file, segment):
        """Yields what the encrypted blocks hold (section 8.2)."""

        def take(count):
            require(count <= self.body_left, segment.where, "its encryption is cut off")
            return self.stored(file, count, segment)

        if segment.flags & RESET:
            (length,) = struct.unpack(">I", take(4))
            require(1 <= length <= MAX_WRAP_BYTES, segment.where, f"its wrapped data key has {length} bytes")
            self.data_key = self.archive.keys.data_key(take(length), segment.where)
        require(self.data_key is not None, segment.where, "nothing has its data key")
        cipher = object_key(self.data_key, take(16), b"segment", segment.archive_id, segment.seq, segment.writer)
        number = 0
        while self.body_left or number == 0:
            data = take(min(max(self.body_left, 17), SEALED_BLOCK_BYTES))
            is_last = not self.body_left
            yield open_block(cipher, number, is_last, data, segment.stored_header[:124] if is_last else None, segment.where)
            number += 1

    def left(self):
        """Whether something is left of the body."""
        if self.blocks is not None and not self.plain:
            self.plain += next(self.blocks, b"")
        return self.body_left > 0 or len(self.plain) > 0

    def read(self, file, count, segment):
        """Up to `count` of the next compressed bytes."""
        if self.blocks is None:
            return self.stored(file, min(count, self.body_left), segment)
        while len(self.plain) < count:
            data = next(self.blocks, None)
            if data is None:
                break
            self.plain += data
        data = bytes(self.plain[:count])
        del self.plain[:count]
        return data

    def zstd(self, file, segment):
        if segment.flags & RESET:
            self.frame = None
        while self.left():
            stored = self.read(file, READ_BYTES, segment)
            if self.frame is None:
                require(segment.flags & RESET, segment.where, "nothing begins the compressed stream")
                self.frame = ZstdFrame(stored, 1 << segment.window_log2, segment.where)
            yield from self.frame.inflate(stored, segment.where)

    def lz4(self, file, segment):
        while self.left():
            lengths = self.read(file, 8, segment)
            require(len(lengths) == 8, segment.where, "an LZ4 block's lengths are cut off")
            raw_length, stored_length = struct.unpack(">II", lengths)
            require(1 <= raw_length <= MAX_LZ4_BLOCK, segment.where, f"raw length of a block is {raw_length}")
            require(1 <= stored_length <= raw_length, segment.where, f"stored length of a block is {stored_length}")
            stored = self.read(file, stored_length, segment)
            require(len(stored) == stored_length, segment.where, "an LZ4 block is cut off")
            yield stored if stored_length == raw_length else lz4_block(stored, raw_length, segment.where)


# ---------------------------------------------------------------- 2.3 Records

COMMIT, BASE = 1, 2
RECORD_HEADER = struct.Struct(">BBBBIIQQ")


@dataclass
class Record:
    tx: int
    kind: int
    page_count: int
    database_pages: int
    time: int
    checksum: int | None


class Bytes:
    """Takes any number of bytes at a time from an iterator of pieces."""

    def __init__(self, pieces, where):
        self.pieces = pieces
        self.where = where
        self.buffer = bytearray()

    def take(self, count):
        while len(self.buffer) < count:
            piece = next(self.pieces, None)
            require(piece is not None, self.where, "its records are cut off")
            self.buffer += piece
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def finish(self):
        """Reads on to the end, and so to the digest; nothing may be left."""
        require(not self.buffer and not any(self.pieces), self.where, "bytes follow after its last record")


def read_records(reader, segment):
    """Yields (record, its pages) for each; the pages, an iterator of (number, image), must be consumed before the next."""
    data = Bytes(reader.raw(segment), segment.where)
    time = segment.first_time - 1
    for tx in range(segment.first_tx, segment.last_tx + 1):
        where = f"{segment.where}: transaction {tx}"
        kind, flags, reason, reserved, count, size, at_time, checksum = RECORD_HEADER.unpack(data.take(RECORD_HEADER.size))
        require(kind == (BASE if segment.flags & REBASE else COMMIT), where, f"kind is {kind}")
        require(flags in (0, 1) and reserved == 0, where, "an unknown flag, or a reserved byte that is not zero")
        require(1 <= reason <= 4 and count == 0 if kind == BASE else reason == 0, where, f"reason is {reason}")
        require(size <= MAX_DATABASE_PAGES and count <= size, where, f"has {count} pages of {size}")
        require(flags == 1 or checksum == 0, where, "has a state checksum that is not known")
        require(time < at_time <= MAX_MICROS, where, "time did not advance")
        require(tx > segment.first_tx or at_time == segment.first_time, where, "is not the header's first time")
        time = at_time
        record = Record(tx, kind, count, size, at_time, checksum if flags else None)
        yield record, read_pages(data, record, segment.page_size, where)
    if segment.records:
        require(time == segment.last_time, segment.where, "the last record is not of the header's last time")
        require(size == segment.database_pages, segment.where, "the database size is not the header's")
    data.finish()


GROUP_BYTES = 1_048_576


def read_pages(data, record, page_size, where):
    """Yields (number, image) for each page, group by group."""
    number = 0
    left = record.page_count
    while left:
        count = min(left, GROUP_BYTES // page_size)
        left -= count
        steps = struct.unpack(f">{count}I", data.take(4 * count))
        first_words = struct.unpack(f">{count}I", data.take(4 * count))
        for step, first_word in zip(steps, first_words):
            require(step > 0 and number + step <= record.database_pages, where, f"page {number + step} after page {number}")
            number += step
            require(number != lock_page(page_size), where, f"holds the lock page {number}")
            yield number, struct.pack(">I", (first_word + number) % 2**32) + data.take(page_size - 4)


def lock_page(page_size):
    return LOCK_BYTE // page_size + 1


MASK = 2**64 - 1
PRIME_1, PRIME_2, PRIME_3, PRIME_4 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63


def xxh64(image, seed):
    """XXH64 of a page image; a page size is a multiple of 32, so the algorithm's last steps for odd lengths never occur."""

    def rotate(value, bits):
        return (value << bits | value >> 64 - bits) & MASK

    def fold(accumulator, value):
        return rotate((accumulator + value * PRIME_2) & MASK, 31) * PRIME_1 & MASK

    a, b, c, d = (seed + PRIME_1 + PRIME_2) & MASK, (seed + PRIME_2) & MASK, seed, (seed - PRIME_1) & MASK
    for w, x, y, z in struct.iter_unpack("<QQQQ", image):
        a, b, c, d = fold(a, w), fold(b, x), fold(c, y), fold(d, z)
    result = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) & MASK
    for accumulator in (a, b, c, d):
        result = ((result ^ fold(0, accumulator)) * PRIME_1 + PRIME_4) & MASK
    result = (result + len(image)) & MASK
    result = (result ^ result >> 33) * PRIME_2 & MASK
    result = (result ^ result >> 29) * PRIME_3 & MASK
    return result ^ result >> 32


def state_checksum(file, pages, page_size):
    checksum = 0
    file.seek(0)
    for number in range(1, pages + 1):
        image = read_exactly(file, page_size, "the restored file")
        if number != lock_page(page_size):
            checksum ^= xxh64(image, number)
    return checksum


# ---------------------------------------------------------------- 3. Snapshots

SNAPSHOT_HEADER_BYTES = 64
FOOTER_BYTES = 128
INDEX_ENTRY_BYTES = 4 + DIGEST_BYTES
MAX_BLOCK_BYTES = 8 * 1024 * 1024


@dataclass
class Snapshot:
    name: str
    codec: int
    page_size: int
    replay_from: int
    block_pages: int
    pages_copied: int
    database_pages: int
    consistent_at: int
    segment_digest: bytes
    tx: int
    checksum: int
    index: list  # of (stored length, digest)
    blocks_at: int
    cipher: object  # None if it is not encrypted

    @staticmethod
    def read(archive, seq):
        name = f"snapshots/{seq:016x}.snap"
        with archive.open_object(name) as file:
            size = os.fstat(file.fileno()).st_size
            require(size >= SNAPSHOT_HEADER_BYTES + FOOTER_BYTES, name, f"is cut off: {size} bytes")
            header = read_exactly(file, SNAPSHOT_HEADER_BYTES, name)
            file.seek(size - FOOTER_BYTES)
            footer = read_exactly(file, FOOTER_BYTES, name)
            require(header[0:4] == b"HFSN" and footer[0:4] == b"HFSF", name, "magic is another one")
            require(header[4] == 1, name, f"has version {header[4]}, this program reads version 1")
            codec, page_log2, flags = header[5:8]
            require(struct.unpack_from(">I", header, 60)[0] == crc32c(header[:60]), name, "CRC-32C does not match")
            require(codec in (ZSTD, LZ4) and 9 <= page_log2 <= 16, name, f"codec is {codec}, page size 2^{page_log2}")
            require(flags in (0, 1) and header[52:60] == bytes(8), name, "reserved bytes are not zero")
            archive_id, writer, replay_from, began, block_pages = struct.unpack_from(">16sQQQI", header, 8)
            require(archive_id == archive.id, name, "belongs to another archive")
            require(began <= MAX_MICROS, name, "begins after the end of time")
            require(1 <= block_pages << page_log2 <= MAX_BLOCK_BYTES, name, f"has {block_pages} pages a block")

            blocks, index_at, copied, pages, consistent_at = struct.unpack_from(">IQIIQ", footer, 4)
            segment_digest, tx, time, checksum = struct.unpack_from(">32sQQQ", footer, 32)
            require(footer[88:96] == bytes(8), name, "reserved bytes are not zero")
            require(max(copied, pages) <= MAX_DATABASE_PAGES and time <= MAX_MICROS, name, "a number is too large")
            require(blocks <= 1_048_576 and blocks == -(-copied // block_pages), name, f"has {blocks} blocks")
            index_bytes = blocks * INDEX_ENTRY_BYTES
            sealed_bytes = 24 if flags else 0
            require(index_at == size - FOOTER_BYTES - sealed_bytes - index_bytes, name, f"its index is not at byte {index_at}")
            require(replay_from == seq, name, f"its replayFrom is {replay_from}, not that of its name")
            require(1 <= replay_from <= consistent_at + 1, name, f"is consistent at segment {consistent_at}")
            head = header
            if flags:
                file.seek(SNAPSHOT_HEADER_BYTES)
                head += read_exactly(file, 4, name)
                (length,) = struct.unpack_from(">I", head, SNAPSHOT_HEADER_BYTES)
                require(1 <= length <= MAX_WRAP_BYTES, name, f"its wrapped data key has {length} bytes")
                head += read_exactly(file, length + 16, name)
            file.seek(index_at)
            stored_index = read_exactly(file, index_bytes, name)
            sealed = read_exactly(file, sealed_bytes, name)
            require(sha256(head + stored_index + sealed + footer[:96]) == footer[96:], name, "digest does not match")
            index = list(struct.iter_unpack(">I32s", stored_index))
            stored = sum(length for length, _ in index)
            require(len(head) + stored == index_at, name, "its blocks do not end where its index begins")
            cipher = None
            if flags:
                require(checksum == 0, name, "a sealed snapshot has its state checksum in the clear")
                data_key = archive.keys.data_key(head[SNAPSHOT_HEADER_BYTES + 4 : -16], name)
                cipher = object_key(data_key, head[-16:], b"snapshot", archive_id, replay_from, writer)
                bound = sha256(head + stored_index + footer[:96])
                (checksum,) = struct.unpack(">Q", open_block(cipher, blocks, True, sealed, bound, name))
        return Snapshot(
            name, codec, 1 << page_log2, replay_from, block_pages, copied, pages, consistent_at, segment_digest, tx, checksum, index,
            len(head), cipher,
        )

    def write_to(self, archive, out):
        """Writes the pages that were copied, each at its place."""
        with archive.open_object(self.name) as file:
            file.seek(self.blocks_at)
            for i, (length, digest) in enumerate(self.index):
                where = f"{self.name}, byte {file.tell()}: block {i}"
                first = i * self.block_pages + 1
                count = min(self.block_pages, self.pages_copied - first + 1)
                raw_length = count * self.page_size
                longer = 16 if self.cipher else 0
                require(1 + longer <= length <= raw_length + longer, where, f"stored length is {length}")
                stored = read_exactly(file, length, where)
                require(sha256(stored) == digest, where, "digest does not match")
                if self.cipher:
                    stored = open_block(self.cipher, i, False, stored, None, where)
                raw = stored if len(stored) == raw_length else self.unpack(stored, raw_length, where)
                for number in range(first, first + count):
                    if number != lock_page(self.page_size):
                        at = (number - first) * self.page_size
                        write_page(out, number, raw[at : at + self.page_size])

    def unpack(self, stored, raw_length, where):
        if self.codec == LZ4:
            return lz4_block(stored, raw_length, where)
        frame = ZstdFrame(stored, MAX_BLOCK_BYTES, where)
        raw = bytearray()
        for data in frame.inflate(stored, where):
            raw += data
            require(len(raw) <= raw_length, where, f"has more than {raw_length} raw bytes")
        require(len(raw) == raw_length and frame.stream.eof, where, f"has {len(raw)} raw bytes, wanted {raw_length}")
        return raw


# ---------------------------------------------------------------- 8. Encryption

MAX_WRAP_BYTES = 16_384
SEALED_BLOCK_BYTES = 65_536 + 16
AGE_HEADER = re.compile(rb"age-encryption\.org/v1\n((?:-> [\x21-\x7e ]+\n(?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63}\n)+)--- ([A-Za-z0-9+/]{43})\n")
X25519_STANZA = re.compile(rb"-> X25519 ([A-Za-z0-9+/]{43})\n([A-Za-z0-9+/]{43})\n")


def unbase64(text):
    return base64.b64decode(text + b"=" * (-len(text) % 4))


def hkdf(key, salt, info):
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt, info).derive(key)


def object_key(data_key, salt, kind, archive_id, seq, writer):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(hkdf(data_key, salt, b"holdfast " + kind + archive_id + struct.pack(">QQ", seq, writer)))


def open_block(cipher, number, is_last, data, bound, where):
    from cryptography.exceptions import InvalidTag

    try:
        return cipher.decrypt(struct.pack(">3xQB", number, is_last), data, bound)
    except InvalidTag:
        raise BadArchive(f"{where}: encrypted block {number} is not what was sealed there") from None


class Keys:
    """The identities of a file as age-keygen writes it, and the data keys that they open."""

    def __init__(self, folder, file):
        self.folder = folder
        self.opened = {}
        lines = [] if file is None else [line.strip() for line in open(file, encoding="ascii")]
        self.identities = [bech32_bytes(line) for line in lines if line and not line.startswith("#")]

    def data_key(self, age_file, where):
        if age_file not in self.opened:
            name = re.compile(re.escape(sha256(age_file).hex()[:16]) + r"-[0-9a-f]{16}-([0-9a-f]{16})\.key")
            further = os.path.join(self.folder, "keys")
            found = self.first_key(age_file, where)
            for each in sorted(os.listdir(further)) if os.path.isdir(further) else []:
                named = name.fullmatch(each)
                if named and not found:
                    with open(os.path.join(further, each), "rb") as file:
                        wrap = file.read(MAX_WRAP_BYTES + 1)
                    with contextlib.suppress(BadArchive):
                        found = self.first_key(wrap, each) if sha256(wrap).hex().startswith(named[1]) else None
            self.opened[age_file] = found
        if self.opened[age_file] is None:
            raise NoKey(f"{where}: is encrypted, and no identity that was given opens it")
        return self.opened[age_file]

    def first_key(self, age_file, where):
        found = (self.unwrap(age_file, identity, where) for identity in self.identities)
        return next((key for key in found if key), None)

    @staticmethod
    def unwrap(age_file, identity, where):
        """The payload of an age file, by https://age-encryption.org/v1; None if it is not for this identity."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        header = AGE_HEADER.match(age_file)
        require(header and len(age_file) <= MAX_WRAP_BYTES, where, "its wrapped data key is no age file")
        private = X25519PrivateKey.from_private_bytes(identity)
        public = private.public_key().public_bytes_raw()
        for stanza in X25519_STANZA.finditer(header[1]):
            share = unbase64(stanza[1])
            secret = private.exchange(X25519PublicKey.from_public_bytes(share))
            wrap_key = hkdf(secret, share + public, b"age-encryption.org/v1/X25519")
            try:
                file_key = ChaCha20Poly1305(wrap_key).decrypt(bytes(12), unbase64(stanza[2]), None)
            except InvalidTag:
                continue
            mac = hmac.new(hkdf(file_key, None, b"header"), age_file[: header.start(2) - 1], hashlib.sha256).digest()
            require(mac == unbase64(header[2]), where, "the header of its wrapped data key was changed")
            payload = age_file[header.end() :]
            key = hkdf(file_key, payload[:16], b"payload")
            try:
                data_key = ChaCha20Poly1305(key).decrypt(bytes(11) + b"\1", payload[16:], None)
            except InvalidTag:
                raise BadArchive(f"{where}: its wrapped data key was changed") from None
            require(len(data_key) == 32, where, f"its data key has {len(data_key)} bytes")
            return data_key
        return None


def bech32_bytes(text):
    """The 32 bytes of `AGE-SECRET-KEY-1…` (BIP 173); its checksum is not looked at, a wrong identity opens nothing."""
    digits = text.lower().rpartition("1")[2][:-6]
    number = 0
    for digit in digits:
        number = number << 5 | "qpzry9x8gf2tvdw0s3jn54khce6mua7l".index(digit)
    return (number >> (5 * len(digits) - 256)).to_bytes(32, "big")


# ---------------------------------------------------------------- 4. Restoring transaction T


def write_page(out, number, image):
    out.seek((number - 1) * len(image))
    out.write(image)


def require_end(archive, log):
    """A snapshot is stored after the log up to its consistentAt: a log that ends before has lost its end."""
    for seq in archive.seqs("snapshots", ".snap")[-1:]:
        needed = seq - 1 if seq - 1 > len(log) else Snapshot.read(archive, seq).consistent_at
        where = f"log/{len(log) + 1:016x}.seg"
        require(needed <= len(log), where, f"is missing: snapshots/{seq:016x}.snap was stored after segment {needed}")


def choose_snapshot(archive, log, tx):
    """The newest snapshot of a state that is not after `tx` and that the log reaches, with no rebase between the two."""
    target = next(segment for segment in log if segment.records and segment.last_tx >= tx)
    chosen = None
    for seq in archive.seqs("snapshots", ".snap"):
        if seq <= target.seq + 1:  # else its copy began after the target
            candidate = Snapshot.read(archive, seq)
            chosen = candidate if candidate.tx <= tx and candidate.consistent_at <= len(log) else chosen
    if chosen is None:
        raise NoSuchPoint(f"transaction {tx} lies before the first snapshot")
    if any(segment.flags & REBASE for segment in log[chosen.consistent_at : target.seq]):
        raise NoSuchPoint(f"history was interrupted after {chosen.name}, and no snapshot follows up to transaction {tx}")
    return chosen


def restore(archive, log, tx, out):
    """Writes the database as transaction `tx` left it to the file `out`, and compares its state checksum."""
    snapshot = choose_snapshot(archive, log, tx)
    at = log[snapshot.consistent_at - 1]
    require(at.digest == snapshot.segment_digest, snapshot.name, f"names another digest for segment {at.seq}")
    require(at.last_tx == snapshot.tx, snapshot.name, f"names transaction {snapshot.tx}, the log {at.last_tx}")
    require(snapshot.cipher or not at.flags & SEALED, snapshot.name, f"is not sealed, and segment {at.seq} is")

    snapshot.write_to(archive, out)
    pages, checksum = snapshot.database_pages, snapshot.checksum
    reader = LogReader(archive)
    for segment in log[snapshot.replay_from - 1 :]:
        if segment.seq > snapshot.consistent_at and segment.first_tx > tx:
            break
        require(segment.page_size == snapshot.page_size, segment.where, "has another page size than the snapshot")
        require(segment.seq > snapshot.replay_from or segment.flags & RESET, segment.where, "replayFrom without reset")
        for record, images in read_records(reader, segment):
            for number, image in images:
                if record.tx <= tx:
                    write_page(out, number, image)
            if record.tx <= tx:
                pages, checksum = record.database_pages, record.checksum
                out.truncate(pages * segment.page_size)
        if segment.seq == snapshot.consistent_at:
            require(pages == snapshot.database_pages, segment.where, "the snapshot names another database size")
            require(checksum in (None, snapshot.checksum), segment.where, "the snapshot names another state checksum")
            checksum = snapshot.checksum

    if checksum is None:
        raise NoSuchPoint(f"the state checksum of transaction {tx} is not known")
    out.truncate(pages * snapshot.page_size)
    found = state_checksum(out, pages, snapshot.page_size)
    require(found == checksum, f"transaction {tx}", f"state checksum of the result is {found:016x}, wanted {checksum:016x}")
    return pages, snapshot.page_size


def main():
    parser = argparse.ArgumentParser(description="Restores a database from an archive, by docs/format.md alone.")
    parser.add_argument("archive", metavar="ARCHIVE_FOLDER")
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("--tx", type=int, metavar="N", help="the transaction to restore; without it the newest")
    parser.add_argument("--identity", metavar="FILE", help="age identities, for an archive that is encrypted")
    arguments = parser.parse_args()

    archive = Archive.open(arguments.archive)
    archive.keys = Keys(arguments.archive, arguments.identity)
    log = read_log(archive)
    newest = log[-1].last_tx if log else 0
    if arguments.tx is None or arguments.tx > newest:
        require_end(archive, log)
    tx = newest if arguments.tx is None else arguments.tx
    if not 1 <= tx <= newest:
        raise NoSuchPoint(f"there is no transaction {tx}: the log ends with transaction {newest}")

    for stray in ("", "-wal", "-shm", "-journal"):
        if os.path.lexists(arguments.out + stray):
            raise FileExistsError(f"{arguments.out + stray} is there already")
    folder = os.path.dirname(os.path.abspath(arguments.out))
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".independent-restore-") as out:
        pages, page_size = restore(archive, log, tx, out)
        out.flush()
        os.fsync(out.fileno())
        os.link(out.name, arguments.out)  # refuses to replace, and the temporary name goes at the end
    print(f"transaction {tx}: {pages} pages of {page_size} bytes in {arguments.out}")


if __name__ == "__main__":
    try:
        main()
    except BadArchive as e:
        sys.exit(f"error: the archive is damaged: {e}")
    except (NoKey, NoSuchPoint) as e:
        sys.exit(f"error: {e}")
    except OSError as e:
        sys.exit(f"error: {e}")
