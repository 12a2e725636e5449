package dev.holdfast.wal;

/// A place in one generation of a WAL: the end of frame `frame`, or with `frame` 0 the end of the
/// header.
///
/// Salts and frame number don't suffice: after a power loss the tail of a WAL can be written again
/// with the same ones and other content. The cumulative checksum tells such places apart. Across
/// generations only [#resetsSince] knows an order, and only where one follows the other by resets.
///
/// @param frame frames before this place, which is also the 1-based number of the last of them
/// @param checksum1 first word of the cumulative checksum up to here
public record WalPosition(int salt1, int salt2, long frame, int checksum1, int checksum2) {
    public WalPosition {
        if (frame < 0 || frame > WalFrame.MAX_NUMBER) {
            throw new IllegalArgumentException(
                    "frame: wanted 0 to " + WalFrame.MAX_NUMBER + ", found " + frame);
        }
    }

    /// The place before the first frame of the generation that `header` opens.
    public static WalPosition startOf(WalHeader header) {
        return new WalPosition(
                header.salt1(), header.salt2(), 0, header.checksum1(), header.checksum2());
    }

    /// Whether both places lie between the same two resets of the WAL, as far as salts can tell.
    public boolean sameGeneration(WalPosition other) {
        return salt1 == other.salt1 && salt2 == other.salt2;
    }

    /// How many resets lie between a place and this later one; negative if this is the earlier one.
    /// Means something only while it is small: the first WAL, and each after a recovery, begins
    /// with salts drawn at random.
    public int resetsSince(WalPosition earlier) {
        // SQLite's walRestartHdr adds one, for a TRUNCATE with nothing to do too
        return salt1 - earlier.salt1;
    }

    long checksum() {
        return WalChecksum.of(checksum1, checksum2);
    }

    WalPosition advancedTo(long laterFrame, long checksum) {
        return new WalPosition(
                salt1,
                salt2,
                laterFrame,
                WalChecksum.first(checksum),
                WalChecksum.second(checksum));
    }
}
