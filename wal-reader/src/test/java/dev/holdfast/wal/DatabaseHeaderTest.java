package dev.holdfast.wal;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

class DatabaseHeaderTest {
    @TempDir private Path folder;

    @Test
    void everyFieldIsReadFromItsPlace() {
        assertThat(read(golden(4096, 2).array()))
                .isEqualTo(
                        new DatabaseHeaderStep.Valid(
                                new DatabaseHeader(4096, 2, 2, 8, 5, 12, 1, 5, 3040001)));
    }

    @ParameterizedTest
    @CsvSource({"0, UNKNOWN", "1, ROLLBACK", "2, WAL", "3, WAL2", "4, UNKNOWN", "255, UNKNOWN"})
    void theVersionNamesTheJournalMode(int version, JournalMode mode) {
        assertThat(valid(golden(4096, version).array()).journalMode()).isEqualTo(mode);
    }

    @Test
    void theSizeInTheHeaderIsBelievedOnlyIfItsWriterKnewOfIt() {
        assertThat(valid(golden(4096, 1).array()).isDatabaseSizeValid()).isTrue();
        assertThat(valid(golden(4096, 1).putInt(92, 4).array()).isDatabaseSizeValid()).isFalse();
        assertThat(valid(golden(4096, 1).putInt(28, 0).array()).isDatabaseSizeValid()).isFalse();
    }

    @Test
    void whatIsNoDatabaseIsShownAsItBegins() {
        assertThat(read("#!/bin/sh\necho no\n".getBytes(US_ASCII)))
                .isEqualTo(new DatabaseHeaderStep.NotADatabase("#!/bin/sh.echo n"));
        assertThat(read(new byte[] {'S', 'Q', 'L', 0}))
                .isEqualTo(new DatabaseHeaderStep.NotADatabase("SQL."));
    }

    @Test
    void aHeaderCutOffAnywhereIsTruncatedOrEmpty() {
        byte[] golden = golden(4096, 2).array();
        assertThat(read(new byte[0])).isEqualTo(new DatabaseHeaderStep.Empty());
        for (int length = 1; length < DatabaseHeader.BYTES; length++) {
            assertThat(read(Arrays.copyOf(golden, length)))
                    .isEqualTo(new DatabaseHeaderStep.Truncated(length));
        }
    }

    @Test
    void aPageSizeThatIsNoneIsRefused() {
        for (int pageSize : new int[] {0, 2, 256, 513, 1000, 65535}) {
            assertThat(read(golden(pageSize, 2).array()))
                    .isEqualTo(new DatabaseHeaderStep.BadPageSize(pageSize));
        }
    }

    @ParameterizedTest
    @CsvSource({"512", "4096", "65536"})
    void theHeaderThatSqliteWroteIsRead(int pageSize) throws IOException {
        try (SqliteWriter writer = SqliteWriter.inWalMode(folder, pageSize)) {
            writer.sql("CREATE TABLE t(x)");
            DatabaseHeader header = valid(writer.pages(writer.copy()));
            assertThat(header.pageSize()).isEqualTo(pageSize);
            assertThat(header.journalMode()).isEqualTo(JournalMode.WAL);
            assertThat(header.databasePages()).isEqualTo(2);
            assertThat(header.textEncoding()).isEqualTo(1);
            String version = writer.sql("SELECT sqlite_version()");
            assertThat(header.sqliteVersion()).isEqualTo(asNumber(version));
            writer.sql("PRAGMA journal_mode=DELETE");
            byte[] rollback = Files.readAllBytes(writer.copy().database());
            assertThat(valid(rollback).journalMode()).isEqualTo(JournalMode.ROLLBACK);
        }
    }

    private static int asNumber(String version) {
        return Arrays.stream(version.split("\\.", -1))
                .mapToInt(Integer::parseInt)
                .reduce(0, (number, part) -> number * 1000 + part);
    }

    private static ByteBuffer golden(int pageSizeField, int version) {
        ByteBuffer header = ByteBuffer.allocate(DatabaseHeader.BYTES);
        header.put("SQLite format 3\0".getBytes(US_ASCII)).putShort((short) pageSizeField);
        header.put((byte) version).put((byte) version).put((byte) 8);
        header.putInt(24, 5).putInt(28, 12).putInt(56, 1).putInt(92, 5).putInt(96, 3040001);
        return header;
    }

    private static DatabaseHeader valid(byte[] bytes) {
        return ((DatabaseHeaderStep.Valid) read(bytes)).header();
    }

    private static DatabaseHeaderStep read(byte[] bytes) {
        return DatabaseHeader.readFrom(MemorySegment.ofArray(bytes));
    }
}
