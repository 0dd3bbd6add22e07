package io.flotilla.protocol.registry;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * When a server wants to be asked again (RFC 9110, 10.2.3).
 *
 * @param pause from the answer on
 */
record RetryAfter(Duration pause) {

    /** The header's value is a number of seconds, or a date, which is compared with the server's own clock. */
    static Optional<RetryAfter> of(HttpHeaders headers) {
        return headers.firstValue("Retry-After").flatMap(value -> {
            if (value.matches("[0-9]{1,9}")) {
                return Optional.of(new RetryAfter(Duration.ofSeconds(Long.parseLong(value))));
            }
            Optional<ZonedDateTime> now = headers.firstValue("Date").flatMap(RetryAfter::date);
            return date(value)
                    .flatMap(then -> now.map(n -> Duration.between(n, then)))
                    .map(pause -> new RetryAfter(pause.isNegative() ? Duration.ZERO : pause));
        });
    }

    private static Optional<ZonedDateTime> date(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The pause for people: {@code 40 s}, {@code 25 min}, {@code 5 h 30 min}. */
    @Override
    public String toString() {
        long minutes = (pause.toSeconds() + 59) / 60;
        if (pause.toSeconds() < 120) {
            return pause.toSeconds() + " s";
        }
        return minutes < 120
                ? minutes + " min"
                : minutes / 60 + " h" + (minutes % 60 == 0 ? "" : " " + minutes % 60 + " min");
    }
}
