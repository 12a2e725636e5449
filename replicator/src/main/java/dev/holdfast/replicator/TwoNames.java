package dev.holdfast.replicator;

import dev.holdfast.format.WriterId;
import dev.holdfast.format.failure.SidecarException;
import dev.holdfast.storage.CreateOutcome;
import dev.holdfast.storage.DeleteOutcome;
import dev.holdfast.storage.ObjectBody;
import dev.holdfast.storage.ObjectStore;
import dev.holdfast.storage.ReadOutcome;
import dev.holdfast.storage.StoreProbe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Finds out whether a place that is new to us is another one by a second name: a server's other
/// address, a bind mount. What is put there is seen in the other then; nothing else tells, as the
/// copies of an archive are alike.
final class TwoNames {
    /// Of the others' answers. One that has not answered by then is not compared.
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private TwoNames() {}

    /// Puts an object there for a moment, and looks for it in the others.
    ///
    /// @return that one of them has it
    static Optional<SidecarException> find(
            ObjectStore place, List<ObjectStore> others, WriterId writer, Timekeeper time)
            throws IOException {
        if (others.isEmpty()) {
            return Optional.empty();
        }
        String name = StoreProbe.name(writer, new SecureRandom());
        CreateOutcome _ = place.create(name, ObjectBody.of(ByteBuffer.allocate(1)));
        try {
            long end = time.nanoTime() + PATIENCE.toNanos();
            List<EarlyAnswer> looks =
                    others.stream()
                            .map(other -> EarlyAnswer.of(() -> same(place, other, name)))
                            .toList();
            return looks.stream()
                    .flatMap(look -> answer(look, time.until(end)).stream())
                    .findFirst();
        } finally {
            DeleteOutcome _ = place.delete(name);
        }
    }

    private static Optional<SidecarException> same(
            ObjectStore place, ObjectStore other, String name) throws IOException {
        return other.read(name, 0, ByteBuffer.allocate(1)) instanceof ReadOutcome.Read
                ? Optional.of(
                        new SidecarException.BadUsage(
                                "what is put into %s is seen in %s: the two are one place under two names"
                                        .formatted(place.location(), other.location()),
                                "Name each place once, or another one for the second copy, and"
                                        + " start again."))
                : Optional.empty();
    }

    /// Empty for one that can't be asked: that is told when it is to be written.
    private static Optional<SidecarException> answer(EarlyAnswer look, Duration patience) {
        if (!look.isThereWithin(patience)) {
            return Optional.empty();
        }
        try {
            return look.await();
        } catch (IOException | SidecarException _) {
            return Optional.empty();
        }
    }
}
