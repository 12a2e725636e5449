package dev.holdfast.storage;

/// What an object may be called: the same rule for every store, so that an archive can be moved
/// between them.
///
/// Parts of letters, digits, `.`, `_` and `-`, joined by `/`; no part is empty or begins with a
/// dot. That leaves no way out of the root, no hidden files, and one order: that of chars and that
/// of bytes agree.
public final class StoreNames {
    /// S3 and GCS allow 1,024 bytes; the rest is for the prefix under which an archive lies.
    public static final int MAX_LENGTH = 512;

    /// Linux's NAME_MAX.
    public static final int MAX_PART_LENGTH = 255;

    /// The most names that one page of a listing may hold; S3's and GCS's own limit.
    public static final int MAX_PAGE = 1000;

    private StoreNames() {}

    /// The name itself, if it may be one.
    public static String check(String name) {
        if (!isValid(name)) {
            throw new IllegalArgumentException("not a name of an object: \"" + name + "\"");
        }
        return name;
    }

    /// A prefix may be empty, and may end in the middle of a part.
    public static String checkPrefix(String prefix) {
        if (!isValid(prefix + "x")) {
            throw new IllegalArgumentException(
                    "not a prefix of objects' names: \"" + prefix + "\"");
        }
        return prefix;
    }

    /// See [ObjectStore#list].
    public static int checkLimit(int limit) {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new IllegalArgumentException(
                    "limit of a listing: found " + limit + ", wanted 1 to " + MAX_PAGE);
        }
        return limit;
    }

    /// Whether [#check] would let it pass.
    public static boolean isValid(String name) {
        if (name.length() > MAX_LENGTH) {
            return false;
        }
        int begin = 0;
        for (int end = name.indexOf('/'); end >= 0; end = name.indexOf('/', begin)) {
            if (!isValidPart(name.substring(begin, end))) {
                return false;
            }
            begin = end + 1;
        }
        return isValidPart(name.substring(begin));
    }

    static boolean isValidPart(String part) {
        if (part.isEmpty() || part.length() > MAX_PART_LENGTH || part.charAt(0) == '.') {
            return false;
        }
        for (int i = 0; i < part.length(); i++) {
            if (!isValidChar(part.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isValidChar(char c) {
        return isBetween('a', c, 'z')
                || isBetween('A', c, 'Z')
                || isBetween('0', c, '9')
                || ".-_".indexOf(c) >= 0;
    }

    private static boolean isBetween(char first, char c, char last) {
        return c >= first && c <= last;
    }
}
