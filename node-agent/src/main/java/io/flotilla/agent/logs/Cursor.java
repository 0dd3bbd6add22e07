package io.flotilla.agent.logs;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in an allocation's logs: {@code <attempt>.<segment>.<offset>}.
 *
 * @param offset in bytes, of a record's first
 */
record Cursor(int attempt, int segment, long offset) implements Comparable<Cursor> {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})\\.([0-9]{1,9})\\.([0-9]{1,18})");

    static Cursor parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("log cursor \"" + text + "\" is not ATTEMPT.SEGMENT.OFFSET");
        }
        return new Cursor(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Long.parseLong(matcher.group(3)));
    }

    @Override
    public int compareTo(Cursor other) {
        if (attempt != other.attempt) {
            return Integer.compare(attempt, other.attempt);
        }
        return segment != other.segment ? Integer.compare(segment, other.segment) : Long.compare(offset, other.offset);
    }

    @Override
    public String toString() {
        return attempt + "." + segment + "." + offset;
    }
}
