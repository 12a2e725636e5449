package dev.holdfast.cli.command;

import dev.holdfast.cli.argument.KeyFile;
import dev.holdfast.cli.output.Amounts;
import dev.holdfast.cli.output.JsonObject;
import dev.holdfast.cli.output.ProgressLine;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.restore.ArchiveReading;
import dev.holdfast.restore.keys.KeyAdder;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.Recipient;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.List;
import java.util.concurrent.CountDownLatch;

/// Makes what is encrypted already readable for one more.
@Command(
        name = "add",
        description = {
            "Makes what an archive holds readable for one more recipient: each data key is wrapped"
                    + " for it too. Nothing that is there is changed.",
            "For what is written from now on name the recipient to replicate as well."
        })
public final class KeyAddCommand implements Runnable {
    private final Surroundings surroundings;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "ARCHIVE",
            description = SharedOptions.ARCHIVE + " Repeated, each copy gets the keys.")
    private List<String> from = List.of();

    @Option(
            names = "--recipient",
            required = true,
            paramLabel = "age1…",
            description = "The public key of whoever shall read.")
    private String recipient = "";

    @Option(
            names = "--dry-run",
            description = "Open all data keys, say how many would be added, and add none.")
    private boolean isDryRun;

    @Mixin private IdentityOption identity = new IdentityOption();

    @Mixin private SharedOptions shared = new SharedOptions();

    KeyAddCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        Recipient reader = KeyFile.recipientOption(recipient);
        List<Identity> identities = identity.read();
        if (identities.isEmpty()) {
            throw new SidecarException.BadUsage(
                    "--identity is missing: who may read makes it readable for others",
                    "Give the file of an identity that may read this archive.");
        }
        CountDownLatch stop = new CountDownLatch(1);
        surroundings.stopSignals().handle(_ -> stop.countDown(), _ -> stop.countDown());
        for (String place : from) {
            add(place, reader, identities, stop);
        }
    }

    private void add(
            String place, Recipient reader, List<Identity> identities, CountDownLatch stop) {
        try (ObjectStore store =
                        isDryRun
                                ? Stores.openForReading(place, stop)
                                : Stores.openForWriting(Stores.parse(place), stop);
                ProgressLine line = surroundings.progressLine(shared.isJson())) {
            KeyAdder.Result result =
                    ArchiveReading.in(
                            store,
                            identities,
                            archive ->
                                    new KeyAdder(
                                                    archive,
                                                    reader,
                                                    isDryRun,
                                                    (seq, keys) ->
                                                            line.update(() ->
                                                                    "segment %,d, %,d data keys"
                                                                            .formatted(seq, keys)),
                                                    stop)
                                            .run());
            line.clear();
            print(store.location(), result);
        }
    }

    private void print(String place, KeyAdder.Result result) {
        String text =
                "%s: %s, %s %s"
                        .formatted(
                                place,
                                Amounts.count(result.dataKeys(), "data key", "data keys"),
                                isDryRun ? "would add" : "added",
                                Amounts.count(result.added(), "wrap", "wraps"));
        surroundings
                .out()
                .println(
                        shared.isJson()
                                ? new JsonObject()
                                        .put("archive", place)
                                        .put("data_keys", result.dataKeys())
                                        .put("added", result.added())
                                        .put("dry_run", isDryRun)
                                : text);
    }
}
