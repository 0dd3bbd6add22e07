package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.OnDatabaseReady;
import io.flotilla.controlplane.database.PrivateFile;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Service;

/**
 * Making the first administrator. Whoever can read the link from the data directory may, once; the token stands in the
 * link's fragment, which browsers do not send to servers or in referrers.
 */
@Service
@Order(2)
public class Setup implements OnDatabaseReady {

    private final SetupStore store;
    private final Users users;
    private final UserStore userStore;
    private final Teams teams;
    private final Logins logins;
    private final Throttle throttle;
    private final Transactions transactions;
    private final AuditLog audit;
    private final Settings settings;
    private final Clock clock;

    Setup(
            SetupStore store,
            Users users,
            UserStore userStore,
            Teams teams,
            Logins logins,
            Throttle throttle,
            Transactions transactions,
            AuditLog audit,
            Settings settings,
            Clock clock) {
        this.store = store;
        this.users = users;
        this.userStore = userStore;
        this.teams = teams;
        this.logins = logins;
        this.throttle = throttle;
        this.transactions = transactions;
        this.audit = audit;
        this.settings = settings;
        this.clock = clock;
    }

    /** Keeps the token of an earlier start, so that a link that was printed stays good until it is used. */
    @Override
    public void databaseReady() {
        try {
            if (store.completed()) {
                Files.deleteIfExists(tokenFile());
                Files.deleteIfExists(linkFile());
                return;
            }
            if (!Files.exists(tokenFile())) {
                PrivateFile.write(tokenFile(), Tokens256.random() + "\n");
            }
            String token = Files.readString(tokenFile()).strip();
            store.offer(Tokens256.hash(token), clock.instant());
            PrivateFile.write(linkFile(), settings.localUrl() + "/setup#token=" + token + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("keep the setup link in " + settings.privateDirectory(), e);
        }
    }

    /** Whether the first administrator exists. */
    public boolean completed() {
        return store.completed();
    }

    /**
     * Makes the first administrator, a member of team {@code default}, and signs them in; returns the cookie's value.
     *
     * @throws ProblemException 401 for a wrong token, 409 if the setup is complete, or naming a field
     */
    public String complete(String token, UserChange administrator, Browser browser) {
        throttle.check("setup", browser.source());
        Actor actor = Actor.anonymous(browser.source());
        try {
            User made = transactions.call(() -> {
                byte[] expected = store.lockToken()
                        .orElseThrow(() -> ProblemException.conflict(null, "the setup is complete; sign in instead"));
                if (!MessageDigest.isEqual(expected, Tokens256.hash(token))) {
                    throw ProblemException.unauthenticated(
                            "the setup link is not valid; \"flotilla setup-url\" prints the right one");
                }
                User admin = users.make(administrator, Role.ADMIN);
                teams.join(Teams.DEFAULT, admin.id());
                store.complete(clock.instant());
                User full = userStore.find(admin.id()).orElseThrow();
                audit.record(actor, "setup.complete", Target.of("user", full.id(), full.name()), null, full);
                return full;
            });
            Files.deleteIfExists(tokenFile());
            Files.deleteIfExists(linkFile());
            return logins.open(made.id(), browser);
        } catch (ProblemException e) {
            if (e.problem() == io.flotilla.controlplane.problem.Problem.UNAUTHENTICATED) {
                throttle.failed("setup", browser.source());
            }
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("remove the used setup link", e);
        }
    }

    private Path tokenFile() {
        return settings.privateDirectory().resolve("setup.token");
    }

    private Path linkFile() {
        return settings.privateDirectory().resolve("setup-url");
    }
}
