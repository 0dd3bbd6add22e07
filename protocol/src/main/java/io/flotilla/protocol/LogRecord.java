package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One line of NDJSON: a line that the container wrote, or a gap.
 *
 * @param partial the line goes on in the next record
 * @param cursor {@code <attempt>.<segment>.<offset>}: reading from here returns this record first
 * @param gap for stream {@code gap}: why records are missing, as a sentence
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LogRecord(
        Instant time,
        Stream stream,
        boolean partial,
        String text,
        String cursor,
        @Nullable String gap) {

    /** Where the line came from. */
    public enum Stream {
        @JsonProperty("stdout")
        STDOUT,
        @JsonProperty("stderr")
        STDERR,
        @JsonProperty("gap")
        GAP
    }
}
