package dev.holdfast.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.ObjectNames;
import dev.holdfast.format.SegmentHeader;
import dev.holdfast.replicator.SpoolPolicy.WhenFull;
import dev.holdfast.storage.InMemoryObjectStore;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// One destination is away for so long that what waits for it alone is more than may wait: the
/// others, and the application, are none the worse for it.
final class OutrunDestinationTest extends FollowedApplication {
    /// Of what is on its way to the other at any moment, several times as much.
    private static final long LIMIT = 10_000_000;

    /// More than the limit and two of the spool's files: one is given back once all of it need not
    /// be kept.
    private static final int MOST_MEGABYTES = 40;

    private final InMemoryObjectStore near = new InMemoryObjectStore();
    private final InMemoryObjectStore far = new InMemoryObjectStore();
    private final OutageStore healthy = new OutageStore(near, "near");
    private final OutageStore away = new OutageStore(far, "far");

    private FollowerOptions limited(WhenFull whenFull, Duration grace) {
        return FollowedDatabase.withGrace(
                grace,
                FollowedDatabase.withSpool(
                        new SpoolPolicy(OptionalLong.of(LIMIT), whenFull), options()));
    }

    private List<String> spool() throws IOException {
        try (Stream<Path> files = Files.list(folder().resolve("state/spool"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static void awaitBoth(FollowedDatabase followed) {
        while (!durable(followed).equals(Set.of("near", "far"))) {
            FollowerEvent.Durable _ = followed.await(FollowerEvent.Durable.class);
        }
    }

    /// In which stores something was.
    private static Set<String> durable(FollowedDatabase followed) {
        return followed.events().stream()
                .filter(FollowerEvent.Durable.class::isInstance)
                .map(event -> ((FollowerEvent.Durable) event).store())
                .collect(Collectors.toSet());
    }

    /// Until some of what it lacks is not on this machine any more.
    private void outrun(Application application, FollowedDatabase followed) throws IOException {
        String oldest = spool().getFirst();
        long last = 0;
        for (int i = 0; spool().contains(oldest); i++) {
            assertThat(i).as("megabytes, and nothing was given back").isLessThan(MOST_MEGABYTES);
            application.tell("big 1");
            last = followed.awaitDurable("near", last + 1).tx();
        }
        assertThat(followed.events())
                .noneMatch(event ->
                        event instanceof FollowerEvent.Troubled told
                                && told.what().contains("has reached its limit"));
    }

    private void assertBothHold(Application application) throws Exception {
        ArchivedHistory.assertHolds(application, near);
        ArchivedHistory.assertHolds(application, far);
        assertThat(StoredLog.segments(far))
                .filteredOn(each -> each.kind() == SegmentHeader.Kind.REBASE)
                .hasSize(1);
    }

    @Test
    void itGetsFromAnotherWhatThereWasNoRoomFor() throws Exception {
        try (Application application = application();
                FollowedDatabase followed =
                        FollowedDatabase.start(
                                limited(WhenFull.REBASE, Duration.ofMinutes(1)), healthy, away)) {
            awaitBoth(followed);
            away.begin();
            outrun(application, followed);
            away.end();
            assertThat(followed.await(FollowerEvent.Filled.class).store()).isEqualTo("far");
            followed.awaitDurable("far", application.committed().size());
            application.tell("run 5");
            assertThat(followed.stop().isAllDurable()).isTrue();
            assertBothHold(application);
        }
    }

    /// It says whose the log is, and is asked first.
    @Test
    void soDoesTheFirstOneAfterAStart() throws Exception {
        try (Application application = application()) {
            try (FollowedDatabase followed =
                    FollowedDatabase.start(
                            limited(WhenFull.KEEP, Duration.ofMillis(200)), away, healthy)) {
                awaitBoth(followed);
                away.begin();
                outrun(application, followed);
                assertThat(followed.stop().isAllDurable()).isFalse();
            }
            away.end();
            FollowedDatabase again =
                    FollowedDatabase.start(
                            limited(WhenFull.KEEP, Duration.ofMinutes(1)), away, healthy);
            assertThat(again.await(FollowerEvent.Filled.class).store()).isEqualTo("far");
            application.tell("run 5");
            assertThat(again.stop().isAllDurable()).isTrue();
            assertBothHold(application);
        }
    }

    /// Its claim is the last that the first one has of this log.
    @Test
    void whatCameBehindAClaimIsNotForgottenWhereTheFirstOneHasTheClaimAlone() throws Exception {
        try (Application application = application()) {
            assertThat(start(away, healthy).stop().isAllDurable()).isTrue();
            FollowerOptions elsewhere =
                    FollowedDatabase.withGrace(
                            Duration.ofMillis(200),
                            FollowedDatabase.options(database(), folder().resolve("elsewhere")));
            try (FollowedDatabase followed =
                    FollowedDatabase.start(FollowedDatabase.takingOver(elsewhere), away, healthy)) {
                followed.await(FollowerEvent.Following.class);
                away.begin();
                application.tell("run 5");
                followed.awaitDurable("near", application.committed().size());
                assertThat(followed.stop().isAllDurable()).isFalse();
            }
            // As if there had been no room
            FollowedDatabase.forgetSpool(elsewhere);
            cutBackToTheClaim();
            away.end();
            FollowedDatabase again =
                    FollowedDatabase.start(
                            FollowedDatabase.withGrace(Duration.ofMinutes(1), elsewhere),
                            away,
                            healthy);
            application.tell("run 5");
            assertThat(again.stop().isAllDurable()).isTrue();
            ArchivedHistory.assertHolds(application, near);
            ArchivedHistory.assertHolds(application, far);
            assertThat(StoredLog.segments(far)).isEqualTo(StoredLog.segments(near));
        }
    }

    /// What the other had stored there before it went away.
    private void cutBackToTheClaim() throws IOException {
        long claim =
                StoredLog.segments(far).stream()
                        .filter(each -> each.kind() == SegmentHeader.Kind.CLAIM)
                        .mapToLong(SegmentHeader::seq)
                        .findFirst()
                        .orElseThrow();
        for (String name : StoredLog.names(far)) {
            if (ObjectNames.logSeq(name).orElse(0) > claim) {
                assertThat(far.delete(name)).isNotNull();
            }
        }
    }
}
