package dev.holdfast.storage.seal;

import dev.holdfast.format.Digest;
import dev.holdfast.format.SnapshotFooter;
import dev.holdfast.format.SnapshotHeader;
import dev.holdfast.format.failure.FormatException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

import javax.crypto.SecretKey;

/// What the blocks of one snapshot and its state checksum are sealed with, by its writer and for
/// its readers (`docs/format.md`, section 8.3). Each thread has ciphers of its own ([#blocks]).
public final class SnapshotSeal {
    /// How much longer a block is for being sealed.
    public static final int OVERHEAD_BYTES = BlockCipher.TAG_BYTES;

    /// A wrapped data key and what stands around it.
    public static final int MAX_PRELUDE_BYTES =
            Integer.BYTES + WrappedKey.MAX_BYTES + SealedObject.SALT_BYTES;

    private final SealedObject owner;
    private final SecretKey key;

    private SnapshotSeal(SealedObject owner, SecretKey key) {
        this.owner = owner;
        this.key = key;
    }

    /// What stands between header and blocks.
    ///
    /// @param bytes as stored
    public record Prelude(ByteBuffer bytes, WrappedKey wrapped) {
        private byte[] salt() {
            byte[] salt = new byte[SealedObject.SALT_BYTES];
            bytes.get(bytes.limit() - salt.length, salt);
            return salt;
        }

        /// That of a new snapshot.
        public static Prelude of(DataKey dataKey) {
            byte[] salt = new byte[SealedObject.SALT_BYTES];
            new SecureRandom().nextBytes(salt);
            ByteBuffer ageFile = dataKey.wrapped().bytes();
            ByteBuffer bytes =
                    ByteBuffer.allocate(Integer.BYTES + ageFile.remaining() + salt.length)
                            .putInt(ageFile.remaining())
                            .put(ageFile)
                            .put(salt)
                            .flip();
            return new Prelude(bytes, dataKey.wrapped());
        }

        /// Reads it, and checks each length before it is believed.
        ///
        /// @param in what follows the header, up to [#MAX_PRELUDE_BYTES]
        public static Prelude readFrom(ByteBuffer in, String object) throws FormatException {
            WrappedKey wrapped = WrappedKey.readFrom(in, object, SnapshotHeader.BYTES);
            int bytes = wrapped.storedBytes() + SealedObject.SALT_BYTES;
            if (in.limit() < bytes) {
                throw new FormatException.Truncated(
                        object,
                        SnapshotHeader.BYTES,
                        "wrapped data key and salt",
                        in.limit(),
                        bytes);
            }
            return new Prelude(in.slice(0, bytes), wrapped);
        }
    }

    /// For its writer.
    public static SnapshotSeal of(SnapshotHeader header, DataKey dataKey, Prelude prelude) {
        SealedObject owner = SealedObject.of(header);
        return new SnapshotSeal(owner, owner.key(dataKey.bytes(), prelude.salt()));
    }

    /// For a reader.
    ///
    /// @throws dev.holdfast.format.failure.SidecarException if no identity opens its data key
    public static SnapshotSeal of(
            SnapshotHeader header, Prelude prelude, KeyRing keys, String object)
            throws IOException, FormatException {
        SealedObject owner = SealedObject.of(header);
        byte[] dataKey = keys.open(prelude.wrapped(), object, SnapshotHeader.BYTES);
        return new SnapshotSeal(owner, owner.key(dataKey, prelude.salt()));
    }

    /// Ciphers for one thread.
    public Blocks blocks() {
        return new Blocks(owner, new BlockCipher(key));
    }

    /// Seals and opens blocks. Owned by one thread.
    public static final class Blocks {
        private final SealedObject owner;
        private final BlockCipher cipher;

        private Blocks(SealedObject owner, BlockCipher cipher) {
            this.owner = owner;
            this.cipher = cipher;
        }

        /// Seals a block.
        public void seal(long block, ByteBuffer compressed, ByteBuffer stored) {
            cipher.seal(block, compressed, stored);
        }

        /// Opens a block.
        ///
        /// @param blockCount of the snapshot
        /// @param object for the error
        /// @param at offset of the block, for the error
        public void open(
                long block,
                long blockCount,
                ByteBuffer stored,
                ByteBuffer compressed,
                String object,
                long at)
                throws FormatException {
            if (!cipher.open(block, false, BlockCipher.NOTHING, stored, compressed)) {
                throw new BlockDiagnosis(
                                cipher, owner, block, false, blockCount, BlockCipher.NOTHING)
                        .of(stored, object, at);
            }
        }

        /// What is stored between index and footer.
        ///
        /// @param binding as [SnapshotFooter#binding] gives it
        public ByteBuffer sealChecksum(long blockCount, long checksum, Digest binding) {
            ByteBuffer stored = ByteBuffer.allocate(SnapshotFooter.SEALED_CHECKSUM_BYTES);
            ByteBuffer plain = ByteBuffer.allocate(Long.BYTES).putLong(0, checksum);
            cipher.sealLast(blockCount, bytes(binding), plain, stored);
            return stored.flip();
        }

        /// The mirror of [#sealChecksum].
        public long openChecksum(
                long blockCount, ByteBuffer stored, Digest binding, String object, long at)
                throws FormatException {
            ByteBuffer plain = ByteBuffer.allocate(Long.BYTES);
            ByteBuffer bound = bytes(binding);
            if (!cipher.open(blockCount, true, bound, stored, plain)) {
                throw new BlockDiagnosis(cipher, owner, blockCount, true, blockCount, bound)
                        .of(stored, object, at);
            }
            return plain.getLong(0);
        }
    }

    private static ByteBuffer bytes(Digest digest) {
        ByteBuffer bytes = ByteBuffer.allocate(Digest.BYTES);
        digest.writeTo(bytes, 0);
        return bytes;
    }
}
