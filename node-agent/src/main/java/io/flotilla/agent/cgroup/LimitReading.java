package io.flotilla.agent.cgroup;

/**
 * A limit as it was asked and as the group's file shows it, both in that file's own words.
 *
 * @param field of the runtime specification
 */
public record LimitReading(String field, String asked, String inForce) {

    /** The kernel keeps limits of memory in whole pages, rounded down. */
    private static final long PAGE = 4096;

    private static final String NO_LIMIT = "no limit";

    static LimitReading of(String field, CgroupFile file, String asked) {
        return new LimitReading(field, asked, file.read());
    }

    /** A number of bytes; below 0 there is no limit. */
    static LimitReading bytes(String field, CgroupFile file, long asked) {
        String wanted = asked < 0 ? NO_LIMIT : Long.toString(asked / PAGE * PAGE);
        return new LimitReading(field, wanted, limit(file));
    }

    /** A count; 0 and below ask for no limit. */
    static LimitReading count(String field, CgroupFile file, long asked) {
        return new LimitReading(field, asked <= 0 ? NO_LIMIT : Long.toString(asked), limit(file));
    }

    private static String limit(CgroupFile file) {
        var value = file.readLimit();
        return value.isEmpty() ? NO_LIMIT : Long.toString(value.getAsLong());
    }
}
