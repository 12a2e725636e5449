package dev.holdfast.format.failure;

import org.jspecify.annotations.Nullable;

import java.io.Serializable;
import java.util.List;

/// The run must end or alarm. The message says what, where, found and wanted; the remedy says what
/// to do next, in one sentence.
public abstract sealed class SidecarException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String remedy;

    private SidecarException(String message, String remedy, @Nullable Throwable cause) {
        super(message, cause);
        this.remedy = remedy;
    }

    /// One imperative sentence for the operator, printed as `hint: …`.
    public final String remedy() {
        return remedy;
    }

    /// A new failure must choose its code: no default.
    public final ExitCode exitCode() {
        return switch (this) {
            case BadUsage _ -> ExitCode.USAGE;
            case BadConfigFile _ -> ExitCode.USAGE;
            case BadConfig _ -> ExitCode.CONFIG;
            case BadSource _ -> ExitCode.SOURCE_DATABASE;
            case LocalFiles _ -> ExitCode.LOCAL_FILES;
            case StorageUnavailable _ -> ExitCode.STORAGE_UNAVAILABLE;
            case StorageDenied _ -> ExitCode.STORAGE_DENIED;
            case NotDurable _ -> ExitCode.NOT_DURABLE;
            case CorruptArchive _ -> ExitCode.CORRUPT_ARCHIVE;
            case NoSuchPoint _ -> ExitCode.NO_SUCH_POINT;
            case MissingKey _, WrongKey _ -> ExitCode.NO_KEY;
            case Fenced _ -> ExitCode.FENCED;
        };
    }

    /// The command line asks for something that can't be.
    public static final class BadUsage extends SidecarException {
        private static final long serialVersionUID = 1;

        public BadUsage(String message, String remedy) {
            super(message, remedy, null);
        }
    }

    /// The configuration file is wrong, at one place or at several: all of them are told at once.
    public static final class BadConfigFile extends SidecarException {
        private static final long serialVersionUID = 1;

        private final String file;
        private final List<Problem> problems;

        /// What is wrong at one place of the file.
        ///
        /// @param line from 1
        /// @param column from 1, in characters
        /// @param remedy one imperative sentence
        public record Problem(int line, int column, String message, String remedy)
                implements Serializable {
            private static final long serialVersionUID = 1;
        }

        /// @param file as it was named
        /// @param problems one at least, in the order of the file
        public BadConfigFile(String file, List<Problem> problems) {
            super(summary(file, problems), problems.getFirst().remedy(), null);
            this.file = file;
            this.problems = List.copyOf(problems);
        }

        private static String summary(String file, List<Problem> problems) {
            String first = describe(file, problems.getFirst());
            return problems.size() == 1
                    ? first
                    : "%s (and %d more)".formatted(first, problems.size() - 1);
        }

        private static String describe(String file, Problem problem) {
            return "%s:%d:%d: %s"
                    .formatted(file, problem.line(), problem.column(), problem.message());
        }

        /// The problem, with the place as editors and compilers write it.
        public String describe(Problem problem) {
            return describe(file, problem);
        }

        public String file() {
            return file;
        }

        public List<Problem> problems() {
            return problems;
        }
    }

    /// A setting is wrong.
    public static final class BadConfig extends SidecarException {
        private static final long serialVersionUID = 1;

        public BadConfig(String message, String remedy) {
            super(message, remedy, null);
        }
    }

    /// The database that is to be followed can't be.
    public static final class BadSource extends SidecarException {
        private static final long serialVersionUID = 1;

        public BadSource(String message, String remedy) {
            super(message, remedy, null);
        }
    }

    /// A file of this machine that is ours (state, spool, the target of a restore) can't be read or
    /// written.
    public static final class LocalFiles extends SidecarException {
        private static final long serialVersionUID = 1;

        public LocalFiles(String message, String remedy) {
            super(message, remedy, null);
        }

        public LocalFiles(String message, String remedy, Throwable cause) {
            super(message, remedy, cause);
        }
    }

    /// The store does not answer, or has no room: trying again later may help.
    public static final class StorageUnavailable extends SidecarException {
        private static final long serialVersionUID = 1;

        public StorageUnavailable(String message, String remedy) {
            super(message, remedy, null);
        }

        public StorageUnavailable(String message, String remedy, Throwable cause) {
            super(message, remedy, cause);
        }
    }

    /// The store answers and says no: trying again does not help.
    public static final class StorageDenied extends SidecarException {
        private static final long serialVersionUID = 1;

        private final String location;

        /// @param location of the store
        public StorageDenied(String location, String message, String remedy) {
            super(message, remedy, null);
            this.location = location;
        }

        public String location() {
            return location;
        }
    }

    /// The run ended before all that was captured was durable; the rest waits in the spool.
    public static final class NotDurable extends SidecarException {
        private static final long serialVersionUID = 1;

        private final List<Reached> destinations;

        public NotDurable(String message, String remedy) {
            this(message, remedy, List.of());
        }

        /// @param destinations all of them; none where that is not known
        public NotDurable(String message, String remedy, List<Reached> destinations) {
            super(message, remedy, null);
            this.destinations = List.copyOf(destinations);
        }

        public List<Reached> destinations() {
            return destinations;
        }
    }

    /// An object of the archive is missing, damaged, or not of this archive.
    public static final class CorruptArchive extends SidecarException {
        private static final long serialVersionUID = 1;

        public CorruptArchive(String message, String remedy) {
            super(message, remedy, null);
        }

        public CorruptArchive(FormatException cause, String remedy) {
            super(String.valueOf(cause.getMessage()), remedy, cause);
        }
    }

    /// The archive has no state for the asked time or transaction.
    public static final class NoSuchPoint extends SidecarException {
        private static final long serialVersionUID = 1;

        public NoSuchPoint(String message, String remedy) {
            super(message, remedy, null);
        }
    }

    /// What is to be read is encrypted, and no identity was given.
    public static final class MissingKey extends SidecarException {
        private static final long serialVersionUID = 1;

        public MissingKey(String message, String remedy) {
            super(message, remedy, null);
        }
    }

    /// What is to be read is encrypted, and for none of the identities that were given.
    public static final class WrongKey extends SidecarException {
        private static final long serialVersionUID = 1;

        public WrongKey(String message, String remedy) {
            super(message, remedy, null);
        }
    }

    /// Another writer has the archive.
    public static final class Fenced extends SidecarException {
        private static final long serialVersionUID = 1;

        public Fenced(String message, String remedy) {
            super(message, remedy, null);
        }
    }
}
