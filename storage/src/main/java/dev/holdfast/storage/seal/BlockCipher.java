package dev.holdfast.storage.seal;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/// Encrypts and opens the blocks of one object, as age's STREAM does: AES-256-GCM, the nonce is the
/// block's number and whether it is the last, so that none can be moved, left out or put behind.
/// Owned by one thread.
final class BlockCipher {
    static final int KEY_BYTES = 32;
    static final int TAG_BYTES = 16;
    private static final int NONCE_BYTES = 12;

    /// For [#open] of what is not the last.
    static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SecretKey key;
    private final Cipher cipher;

    BlockCipher(SecretKey key) {
        this.key = key;
        try {
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("each JDK has AES-GCM", e);
        }
    }

    /// Of a block that is not the last.
    void seal(long block, ByteBuffer plain, ByteBuffer out) {
        run(Cipher.ENCRYPT_MODE, block, false, NOTHING, plain, out);
    }

    /// @param bound what else the last block vouches for
    void sealLast(long block, ByteBuffer bound, ByteBuffer plain, ByteBuffer out) {
        run(Cipher.ENCRYPT_MODE, block, true, bound, plain, out);
    }

    /// False if it was not sealed by this key at that place. All of `stored` is looked at;
    /// positions move if it is true.
    ///
    /// @param bound looked at for the last block only
    boolean open(
            long block, boolean isLast, ByteBuffer bound, ByteBuffer stored, ByteBuffer plain) {
        return run(
                Cipher.DECRYPT_MODE,
                block,
                isLast,
                isLast ? bound : NOTHING,
                stored.duplicate(),
                plain);
    }

    private boolean run(
            int mode,
            long block,
            boolean isLast,
            ByteBuffer bound,
            ByteBuffer from,
            ByteBuffer to) {
        try {
            init(mode, nonce(block, isLast));
            cipher.updateAAD(bound.duplicate());
            int _ = cipher.doFinal(from, to);
            return true;
        } catch (AEADBadTagException _) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM", e);
        }
    }

    private void init(int mode, byte[] nonce)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        cipher.init(mode, key, new GCMParameterSpec(Byte.SIZE * TAG_BYTES, nonce));
    }

    /// Block number (11), 1 if it is the last (1).
    private static byte[] nonce(long block, boolean isLast) {
        byte[] nonce = new byte[NONCE_BYTES];
        ByteBuffer.wrap(nonce).putLong(NONCE_BYTES - 1 - Long.BYTES, block);
        nonce[NONCE_BYTES - 1] = (byte) (isLast ? 1 : 0);
        return nonce;
    }
}
