package dev.holdfast.replicator;

import static java.lang.System.Logger.Level.WARNING;

import dev.holdfast.format.failure.IoReason;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.atomic.AtomicBoolean;

/// Rings a bell when something in the database's folder changes (inotify), so that an idle database
/// costs no polling. Armed for one event: a busy database is polled instead, which costs less than
/// an event a write.
final class DatabaseWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DatabaseWatch.class.getName());

    private final Path folder;
    private final String name;
    private final Bell bell;
    private final @Nullable WatchService service;
    private final AtomicBoolean isRung = new AtomicBoolean();

    /// Valid from [#arm] to the first change. Belongs to the thread that arms, as what it is on.
    private @Nullable WatchKey armed;

    private @Nullable FileId armedOn;
    private boolean isPollingTold;

    private DatabaseWatch(Path folder, String name, Bell bell, @Nullable WatchService service) {
        this.folder = folder;
        this.name = name;
        this.bell = bell;
        this.service = service;
    }

    /// Starts the watcher thread. Where there is no inotify (its limit is used up), the watch never
    /// rings and [#arm] says so.
    static DatabaseWatch open(Path database, Bell bell) {
        Path folder = database.resolveSibling(".").normalize();
        @Nullable WatchService service;
        String name = String.valueOf(database.getFileName());
        try {
            service = folder.getFileSystem().newWatchService();
        } catch (IOException | UnsupportedOperationException e) {
            tellPolling(folder, e);
            service = null;
        }
        DatabaseWatch watch = new DatabaseWatch(folder, name, bell, service);
        if (service != null) {
            Thread.ofPlatform().daemon().name("holdfast-watch").start(watch::run);
        }
        return watch;
    }

    private static void tellPolling(Path folder, Exception why) {
        LOG.log(WARNING, "event=polling folder={0} error=\"{1}\"", folder, IoReason.of(why));
    }

    /// Asks for a ring at the next change.
    ///
    /// @return false if there can't be one: poll
    boolean arm() {
        if (service == null) {
            return false;
        }
        try {
            FileId now = FileId.of(folder);
            // Each registration is an errand of the watch service's own thread
            if (armed == null || !armed.isValid() || !now.equals(armedOn)) {
                armed =
                        folder.register(
                                service,
                                StandardWatchEventKinds.ENTRY_MODIFY,
                                StandardWatchEventKinds.ENTRY_CREATE,
                                StandardWatchEventKinds.ENTRY_DELETE);
                armedOn = now;
            }
            return true;
        } catch (IOException e) {
            if (!isPollingTold) {
                isPollingTold = true;
                tellPolling(folder, e);
            }
            return false;
        } catch (ClosedWatchServiceException _) {
            return false;
        }
    }

    /// Whether a change was seen since [#arm]; each is told once.
    boolean takeRing() {
        return isRung.getAndSet(false);
    }

    private void run() {
        if (service == null) {
            return;
        }
        try {
            while (true) {
                WatchKey key = service.take();
                boolean isOurs = false;
                for (WatchEvent<?> event : key.pollEvents()) {
                    isOurs |=
                            event.context() == null
                                    || String.valueOf(event.context()).startsWith(name);
                }
                if (isOurs) {
                    key.cancel();
                    isRung.set(true);
                    bell.ring();
                } else {
                    key.reset();
                }
            }
        } catch (ClosedWatchServiceException | InterruptedException _) {
            // closed: the end of this thread
        }
    }

    @Override
    public void close() {
        try {
            if (service != null) {
                service.close();
            }
        } catch (IOException _) {
            // nothing depends on it
        }
    }
}
