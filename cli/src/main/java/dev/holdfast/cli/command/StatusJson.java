package dev.holdfast.cli.command;

import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.format.Micros;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.restore.RestorePoint;
import dev.holdfast.restore.history.ArchiveStatus;

import java.util.Optional;

/// A status as a JSON object; `docs/operations.md` says what its keys mean.
final class StatusJson {
    private StatusJson() {}

    static JsonObject of(String location, ArchiveStatus archive, Optional<LocalStatus> local) {
        return new JsonObject()
                .put("archive", archive.info().id().toString())
                .put("location", location)
                .put("store_problem", (String) null)
                .put("durable", archive.durable().map(StatusJson::of).orElse(null))
                .put("stored", archive.last().map(StatusJson::of).orElse(null))
                .put("segment", archive.lastSeq())
                .put("writer", archive.lastWriter().map(Object::toString).orElse(null))
                .put("snapshot", archive.newestSnapshot().map(StatusJson::of).orElse(null))
                .put("snapshots", archive.snapshotCount())
                .put("log_objects", archive.logObjectCount())
                .put("log_bytes", archive.logBytes())
                .put(
                        "oldest_restorable",
                        archive.oldestRestorable().map(StatusJson::of).orElse(null))
                .put(
                        "newest_restorable",
                        archive.newestRestorable().map(StatusJson::of).orElse(null))
                .put("damage", archive.loss().map(Throwable::getMessage).orElse(null))
                .put("local", local.map(StatusJson::of).orElse(null));
    }

    /// Where nothing is known of the store.
    static JsonObject of(String location, String problem, LocalStatus local) {
        return new JsonObject()
                .put("archive", local.identity().archive().id().toString())
                .put("location", location)
                .put("store_problem", problem)
                .put("local", of(local));
    }

    private static JsonObject of(ArchiveStatus.Dated dated) {
        return of(dated.point()).put("age_seconds", dated.age().toNanos() / 1e9);
    }

    private static JsonObject of(ArchiveStatus.Snapshot snapshot) {
        return of(snapshot.at())
                .put("segment", snapshot.seq())
                .put("database_pages", snapshot.databasePages())
                .put("bytes", snapshot.bytes());
    }

    private static JsonObject of(RestorePoint point) {
        return new JsonObject().put("tx", point.tx()).put("time", Micros.toInstant(point.micros()));
    }

    private static JsonObject of(LocalStatus local) {
        JsonObject json = new JsonObject().put("writer", local.identity().writer().toString());
        local.isLastWriter().ifPresent(isLast -> json.put("is_last_writer", isLast.booleanValue()));
        return json.put("captured_tx", local.last().map(SegmentHeader::lastTx).orElse(null))
                .put("waiting_transactions", local.waiting().transactions())
                .put("waiting_bytes", local.waiting().bytes());
    }
}
