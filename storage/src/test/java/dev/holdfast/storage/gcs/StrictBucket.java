package dev.holdfast.storage.gcs;

import com.google.api.services.storage.model.Objects;
import com.google.api.services.storage.model.StorageObject;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/// What a bucket of [StrictGcs] holds. One thing at a time happens to it, so that of all who race
/// for a name one gets it.
final class StrictBucket {
    /// Cloud Storage, "Resumable uploads": all parts but the last are a multiple of it.
    static final int QUANTUM = 256 * 1024;

    private final ReentrantLock use = new ReentrantLock();
    private final NavigableMap<String, Generation> objects = new TreeMap<>();
    private final Map<String, Session> sessions = new HashMap<>();
    private long generations;
    private int begun;
    private volatile boolean isLaxAtEnds;

    /// Its number grows with every object that is stored.
    static final class Generation {
        private final long number;
        private final byte[] content;

        Generation(long number, byte[] content) {
            this.number = number;
            this.content = content;
        }

        long number() {
            return number;
        }

        byte[] bytes() {
            return content.clone();
        }

        StorageObject described(String name) {
            return new StorageObject()
                    .setKind("storage#object")
                    .setName(name)
                    .setGeneration(number)
                    .setSize(BigInteger.valueOf(content.length))
                    .setMd5Hash(GcsBytes.md5(bytes()))
                    .setCrc32c(GcsBytes.crc32c(bytes()));
        }
    }

    /// An upload that goes on.
    private record Session(
            StorageObject described, @Nullable Long ifGeneration, ByteArrayOutputStream bytes) {}

    /// What is refused, in Google's form.
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        final int status;
        final String reason;

        Refused(int status, String reason, String message) {
            super(message);
            this.status = status;
            this.reason = reason;
        }
    }

    private interface Action<T> {
        T run() throws Refused;
    }

    private <T> T alone(Action<T> action) throws Refused {
        use.lock();
        try {
            return action.run();
        } finally {
            use.unlock();
        }
    }

    /// From now on the condition of an upload is forgotten when it has begun.
    void forgetConditions() {
        isLaxAtEnds = true;
    }

    /// Stores an object, if its digests and the condition hold.
    ///
    /// @param described with its name, and the digests that it must have
    StorageObject insert(StorageObject described, @Nullable Long ifGeneration, byte[] bytes)
            throws Refused {
        return alone(() -> {
            checkDigest("MD5 hash", described.getMd5Hash(), GcsBytes.md5(bytes));
            checkDigest("CRC32C", described.getCrc32c(), GcsBytes.crc32c(bytes));
            checkGeneration(described.getName(), ifGeneration);
            Generation stored = new Generation(++generations, bytes);
            objects.put(described.getName(), stored);
            return stored.described(described.getName());
        });
    }

    private void checkGeneration(String name, @Nullable Long wanted) throws Refused {
        @Nullable Generation found = objects.get(name);
        if (wanted != null && wanted != (found == null ? 0 : found.number)) {
            throw new Refused(
                    412,
                    "conditionNotMet",
                    "At least one of the pre-conditions you specified did not hold.");
        }
    }

    private static void checkDigest(String kind, @Nullable String wanted, String found)
            throws Refused {
        if (wanted != null && !wanted.equals(found)) {
            throw new Refused(
                    400,
                    "invalid",
                    "Provided %s \"%s\" doesn't match calculated %s \"%s\"."
                            .formatted(kind, wanted, kind, found));
        }
    }

    /// Returns the upload's id. The condition must hold now, and at the end.
    String begin(StorageObject described, @Nullable Long ifGeneration) throws Refused {
        return alone(() -> {
            checkGeneration(described.getName(), ifGeneration);
            String id = "session-" + ++begun;
            sessions.put(id, new Session(described, ifGeneration, new ByteArrayOutputStream()));
            return id;
        });
    }

    /// How many bytes of an upload are kept.
    long kept(String id) throws Refused {
        return alone(() -> session(id).bytes.size());
    }

    int sessions() throws Refused {
        return alone(sessions::size);
    }

    /// Adds a part.
    ///
    /// @param from of the upload's bytes, the first that came
    /// @param most of them that are kept, for who wants to see less than all kept
    /// @param total of all bytes, if this is the last part
    /// @param crc32c of all bytes
    Optional<StorageObject> append(
            String id, long from, byte[] part, int most, long total, @Nullable String crc32c)
            throws Refused {
        Session session = alone(() -> session(id));
        boolean isAll =
                alone(() -> {
                    int kept = session.bytes.size();
                    if (total < 0 && part.length % QUANTUM != 0) {
                        throw new Refused(400, "invalid", "a part of " + part.length + " bytes");
                    }
                    if (from <= kept && kept < from + part.length) {
                        int skip = (int) (kept - from);
                        session.bytes.write(part, skip, Math.min(part.length - skip, most));
                    }
                    return session.bytes.size() == total;
                });
        if (!isAll) {
            return Optional.empty();
        }
        cancel(id);
        byte[] all = session.bytes.toByteArray();
        if (crc32c != null) {
            checkDigest("CRC32C", crc32c, GcsBytes.crc32c(all));
        }
        @Nullable Long condition = isLaxAtEnds ? null : session.ifGeneration;
        return Optional.of(insert(session.described, condition, all));
    }

    private Session session(String id) throws Refused {
        @Nullable Session session = sessions.get(id);
        if (session == null) {
            throw new Refused(410, "", "no such upload");
        }
        return session;
    }

    void cancel(String id) throws Refused {
        Session _ =
                alone(() -> {
                    Session session = session(id);
                    sessions.remove(id);
                    return session;
                });
    }

    Optional<Generation> find(String name) throws Refused {
        return alone(() -> Optional.ofNullable(objects.get(name)));
    }

    boolean delete(String name) throws Refused {
        return alone(() -> objects.remove(name) != null);
    }

    /// A page of names.
    ///
    /// @param from the first that may be in it
    /// @param after the last of the page before
    Objects list(String prefix, String from, @Nullable String after, int most) throws Refused {
        return alone(() -> {
            Objects page = new Objects().setKind("storage#objects");
            List<StorageObject> items = new ArrayList<>();
            for (Map.Entry<String, Generation> entry : objects.tailMap(from).entrySet()) {
                String name = entry.getKey();
                if (!name.startsWith(prefix) || (after != null && name.compareTo(after) <= 0)) {
                    continue;
                }
                if (items.size() == most) {
                    page.setNextPageToken("after:" + items.getLast().getName());
                    break;
                }
                items.add(entry.getValue().described(name));
            }
            return items.isEmpty() ? page : page.setItems(items);
        });
    }
}
