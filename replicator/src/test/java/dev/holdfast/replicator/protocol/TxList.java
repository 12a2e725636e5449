package dev.holdfast.replicator.protocol;

/// A sequence of up to 15 transactions, each a number from 1 to 15. Each occurs once in all that is
/// ever written, so the sequence up to a frame also stands for the cumulative checksum there.
///
/// @param packed 4 bits each, the first one lowest
record TxList(long packed) {
    static final TxList EMPTY = new TxList(0);

    private static final int BITS = 4;

    int size() {
        return (Long.SIZE - Long.numberOfLeadingZeros(packed) + BITS - 1) / BITS;
    }

    int at(int index) {
        return (int) (packed >>> (BITS * index)) & 0xf;
    }

    TxList plus(int tx) {
        return new TxList(packed | (long) tx << (BITS * size()));
    }

    TxList first(int count) {
        return new TxList(packed & ((1L << (BITS * count)) - 1));
    }

    TxList last(int count) {
        return new TxList(packed >>> (BITS * (size() - count)));
    }

    boolean startsWith(TxList beginning) {
        return first(beginning.size()).equals(beginning);
    }

    boolean contains(int tx) {
        boolean isFound = false;
        for (int i = 0; i < size(); i++) {
            isFound |= at(i) == tx;
        }
        return isFound;
    }

    /// With those of `others` appended that are not here yet.
    TxList union(TxList others) {
        TxList result = this;
        for (int i = 0; i < others.size(); i++) {
            result = result.contains(others.at(i)) ? result : result.plus(others.at(i));
        }
        return result;
    }

    TxList without(TxList others) {
        TxList result = EMPTY;
        for (int i = 0; i < size(); i++) {
            result = others.contains(at(i)) ? result : result.plus(at(i));
        }
        return result;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < size(); i++) {
            text.append(i == 0 ? "" : " ").append(at(i));
        }
        return text.append(']').toString();
    }
}
