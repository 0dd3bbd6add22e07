package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.problem.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.springframework.stereotype.Component;

/**
 * Slows down guessing of passwords. One user from one address is slowed soonest; one address trying many users later;
 * one user tried from everywhere last and only for a short time, so that strangers cannot lock anybody out for long.
 */
@Component
class Throttle {

    private static final Duration MEMORY = Duration.ofHours(1);

    private enum Limit {
        USER_AT_ADDRESS(5, Duration.ofMinutes(15)),
        ADDRESS(30, Duration.ofMinutes(15)),
        USER(100, Duration.ofSeconds(10));

        private final int free;
        private final Duration longest;

        Limit(int free, Duration longest) {
            this.free = free;
            this.longest = longest;
        }

        /** Doubles with every failure beyond the free ones, from one second. */
        Duration blockAfter(int failures) {
            if (failures < free) {
                return Duration.ZERO;
            }
            Duration doubled = Duration.ofSeconds(1L << Math.min(failures - free, 20));
            return doubled.compareTo(longest) < 0 ? doubled : longest;
        }
    }

    private final LoginFailureStore store;
    private final Transactions transactions;
    private final Clock clock;

    Throttle(LoginFailureStore store, Transactions transactions, Clock clock) {
        this.store = store;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** @throws ProblemException 429 while this user or address has to wait */
    void check(String user, String source) {
        Instant now = clock.instant();
        store.blockedUntil(subjects(user, source), now).ifPresent(until -> {
            long seconds = Math.max(1, Duration.between(now, until).toSeconds() + 1);
            throw ProblemException.tooMany("too many wrong tries; the next one is looked at in " + seconds + " s");
        });
    }

    void failed(String user, String source) {
        Instant now = clock.instant();
        transactions.run(() -> {
            for (Limit limit : Limit.values()) {
                String subject = subject(limit, user, source);
                Duration block = limit.blockAfter(store.fail(subject, now, MEMORY));
                if (block.isPositive()) {
                    store.block(subject, now.plus(block));
                }
            }
        });
    }

    /** The right password clears what concerns this user; the address stays under watch for the others. */
    void succeeded(String user, String source) {
        store.forget(List.of(subject(Limit.USER_AT_ADDRESS, user, source), subject(Limit.USER, user, source)));
    }

    void tidy() {
        store.forgetBefore(clock.instant().minus(MEMORY));
    }

    private static List<String> subjects(String user, String source) {
        return Arrays.stream(Limit.values())
                .map(limit -> subject(limit, user, source))
                .toList();
    }

    private static String subject(Limit limit, String user, String source) {
        String lower = user.toLowerCase(Locale.ROOT);
        String name = lower.substring(0, Math.min(lower.length(), 64)).replace('\0', ' ');
        return switch (limit) {
            case USER_AT_ADDRESS -> "user:" + name + " address:" + source;
            case ADDRESS -> "address:" + source;
            case USER -> "user:" + name;
        };
    }
}
