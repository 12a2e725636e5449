package dev.holdfast.storage.seal;

import dev.holdfast.format.failure.FormatException;
import dev.holdfast.format.failure.FormatException.BadSeal.Kind;

import java.nio.ByteBuffer;

/// Finds out why a block does not open: whether it does at another place tells what was done to it.
///
/// @param block its number, as its place in the object says
/// @param isLast whether it is, as the object's length says
/// @param blockCount of the object
/// @param bound what the last block vouches for
record BlockDiagnosis(
        BlockCipher cipher,
        SealedObject owner,
        long block,
        boolean isLast,
        long blockCount,
        ByteBuffer bound) {
    /// More places than this are not tried: a block is 64 KiB, so for some milliseconds.
    private static final long MOST_TRIED = 1_000;

    /// @param object for the error
    /// @param at offset of the block in it, for the error
    FormatException of(ByteBuffer stored, String object, long at) {
        ByteBuffer plain = ByteBuffer.allocate(stored.remaining());
        if (opens(block, !isLast, stored, plain)) {
            String detail =
                    isLast
                            ? "is not the last that was written: the object is cut off behind it"
                            : "is the last that was written: something was put behind it";
            return new FormatException.BadSeal(object, at, block, Kind.CUT_OFF, detail);
        }
        long most = Math.min(blockCount, MOST_TRIED);
        for (long other = 0; other < most; other++) {
            if (other != block
                    && (opens(other, false, stored, plain) || opens(other, true, stored, plain))) {
                String detail = "is block " + other + " of this object: the two were swapped";
                return new FormatException.BadSeal(object, at, block, Kind.SWAPPED_BLOCK, detail);
            }
        }
        if (block == 0) {
            return new FormatException.BadSeal(
                    object,
                    at,
                    block,
                    Kind.SWAPPED_OBJECT,
                    "was not sealed as the first of %s: it is of another object or archive, it or the header was altered, or keys/ has another data key for it"
                            .formatted(owner));
        }
        return new FormatException.BadSeal(
                object,
                at,
                block,
                Kind.ALTERED,
                "is not what was sealed there" + (isLast ? ", or the header was altered" : ""));
    }

    private boolean opens(long number, boolean asLast, ByteBuffer stored, ByteBuffer plain) {
        return cipher.open(number, asLast, bound, stored, plain.clear());
    }
}
