package io.flotilla.controlplane.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.database.TestDatabase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LoginsTest {

    private static final String SOURCE = "127.0.0.1";
    private static final Duration MOST_OF_A_DAY = Logins.IDLE.minusHours(1);

    @RegisterExtension
    static final TestDatabase database = new TestDatabase();

    /** Stands still until it is set forward. */
    private static final class HandClock extends Clock {
        private Instant now = Instant.parse("2026-11-24T08:00:00Z");

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private final HandClock clock = new HandClock();
    private final UserStore users = new UserStore(database.jdbc());
    private final Logins logins = new Logins(
            users,
            new SessionStore(database.jdbc()),
            new Passwords(),
            new Throttle(new LoginFailureStore(database.jdbc()), database.transactions(), clock),
            database.transactions(),
            database.audit(),
            database.ids(),
            clock);

    private String session(String name) {
        UUID user = database.ids().next();
        users.insert(user, name, name, Role.AUDITOR, "no password matches this", clock.instant());
        return logins.open(user, new Browser(SOURCE, "test"));
    }

    @Test
    void aRequestKeepsASessionFromGoingIdle() {
        String cookie = session("busy");
        clock.pass(MOST_OF_A_DAY);
        assertThat(logins.actor(cookie, SOURCE)).isPresent();
        clock.pass(MOST_OF_A_DAY);
        assertThat(logins.actor(cookie, SOURCE)).isPresent();
    }

    @Test
    void aPageThatIsMerelyOpenDoesNot() {
        String cookie = session("away");
        clock.pass(MOST_OF_A_DAY);
        assertThat(logins.still(cookie, SOURCE)).isPresent();
        clock.pass(MOST_OF_A_DAY);
        assertThat(logins.still(cookie, SOURCE)).isEmpty();
        assertThat(logins.actor(cookie, SOURCE)).isEmpty();
    }
}
