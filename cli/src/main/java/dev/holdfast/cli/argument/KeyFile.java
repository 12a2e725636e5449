package dev.holdfast.cli.argument;

import dev.holdfast.format.failure.IoReason;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.FileActions;
import dev.holdfast.storage.seal.Identity;
import dev.holdfast.storage.seal.Recipient;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// Reads files of keys, as age-keygen writes them. No message shows what stands in one: a secret
/// may be where a public key was meant.
public final class KeyFile {
    private static final int MAX_BYTES = 64 << 10;

    private KeyFile() {}

    /// The identities of a file, one a line.
    public static List<Identity> identities(Path file) {
        try {
            return Identity.parseAll(text(file));
        } catch (IllegalArgumentException e) {
            throw bad(file, "identities", String.valueOf(e.getMessage()));
        }
    }

    /// The identities of all of them.
    public static List<Identity> identities(List<Path> files) {
        return files.stream().flatMap(file -> identities(file).stream()).toList();
    }

    /// The recipients of a file, one a line; empty lines and those that begin with `#` are skipped.
    public static List<Recipient> recipients(Path file) {
        List<Recipient> recipients = new ArrayList<>();
        List<String> lines = text(file).lines().map(String::strip).toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.isEmpty() && !line.startsWith("#")) {
                try {
                    recipients.add(new Recipient(line));
                } catch (IllegalArgumentException _) {
                    throw bad(file, "recipients", "line " + (i + 1) + ": it is no age1…");
                }
            }
        }
        if (recipients.isEmpty()) {
            throw bad(file, "recipients", "no line has one, age1…");
        }
        return recipients;
    }

    /// A recipient as a file of configuration names it, which tells where itself.
    public static Recipient recipient(String text) {
        return recipient("", text);
    }

    /// A recipient as the option `--recipient` names it.
    public static Recipient recipientOption(String text) {
        return recipient("--recipient: ", text);
    }

    private static Recipient recipient(String place, String text) {
        try {
            return new Recipient(text);
        } catch (IllegalArgumentException _) {
            String found = text.startsWith("age1") ? text : "something else";
            throw new SidecarException.BadUsage(
                    place + "found " + found + ", wanted a recipient, age1…",
                    "Take what holdfast key generate, or age-keygen, says.");
        }
    }

    /// Writes a new identity where nothing is, for its owner's eyes only. It is on the disk when
    /// this returns: what is encrypted for it can be read by nobody who lacks it.
    public static void create(Path file, Identity identity, Instant now) {
        create(file, identity, now, FileActions.REAL);
    }

    static void create(Path file, Identity identity, Instant now, FileActions files) {
        checkPlace(file);
        String text =
                "# created: %s\n# public key: %s\n%s\n"
                        .formatted(
                                now.truncatedTo(ChronoUnit.SECONDS),
                                identity.recipient(),
                                identity.secret());
        try (FileChannel channel = files.createFile(file)) {
            ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            files.forceFile(channel);
            files.forceFolder(file.toAbsolutePath().resolveSibling("."));
        } catch (FileAlreadyExistsException _) {
            throw new SidecarException.BadUsage(
                    "--out: " + file + " exists, and a key is never written over",
                    "Name another file.");
        } catch (IOException e) {
            throw new SidecarException.LocalFiles(
                    "can't write the key file " + file + ": " + IoReason.withoutFile(e),
                    "Check the folder, and who may write there.",
                    e);
        }
    }

    private static SidecarException bad(Path file, String what, String why) {
        return new SidecarException.BadUsage(
                "the file of " + what + " " + file + ": " + why,
                "Name a file that holdfast key generate, or age-keygen, has made.");
    }

    /// Refuses what can't be the name of a key file, and shows no secret that was given in its
    /// place.
    public static void checkPlace(Path file) {
        if (file.toString().contains(Identity.START)) {
            throw new SidecarException.BadUsage(
                    "found an identity itself, wanted the name of the file that has it",
                    "Write it into a file of mode 0600, and name that; whoever could read this"
                            + " command line or configuration has the secret now.");
        }
        Spelling.checkPlace(file);
    }

    private static String text(Path file) {
        checkPlace(file);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new SidecarException.BadUsage(
                        "the key file %s is too large: wanted at most %,d bytes"
                                .formatted(file, MAX_BYTES),
                        "Name another file.");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new SidecarException.BadUsage(
                    "can't read the key file " + file + ": " + IoReason.withoutFile(e),
                    "Check the path, and who may read it.");
        }
    }
}
