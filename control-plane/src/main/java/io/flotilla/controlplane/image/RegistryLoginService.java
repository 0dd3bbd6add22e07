package io.flotilla.controlplane.image;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.dispatch.RegistryLogins;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.RegistryAccess;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Service;

/** Logins at registries, for nodes that pull and for the control plane itself. */
@Service
public class RegistryLoginService implements RegistryLogins {

    private static final String DEFAULT_REGISTRY = ImageName.parse("x").registry();

    private final RegistryLoginStore store;
    private final Secrets secrets;
    private final Transactions transactions;
    private final AuditLog audit;
    private final Clock clock;

    RegistryLoginService(
            RegistryLoginStore store, Secrets secrets, Transactions transactions, AuditLog audit, Clock clock) {
        this.store = store;
        this.secrets = secrets;
        this.transactions = transactions;
        this.audit = audit;
        this.clock = clock;
    }

    public List<RegistryLogin> list() {
        return store.all();
    }

    /**
     * Sets or replaces the login at a registry. With both user name and password empty it is asked without a login, and
     * members may name it nevertheless.
     */
    public RegistryLogin put(Actor actor, String registry, String username, String password, boolean insecure) {
        String host = canonical(registry);
        boolean anonymous = username.isEmpty() && password.isEmpty();
        if (!anonymous && (username.isBlank() || username.length() > 255 || username.indexOf(':') >= 0)) {
            throw ProblemException.invalid("username", "must be 1 to 255 characters without a colon");
        }
        if (!anonymous && (password.isEmpty() || password.length() > 8192)) {
            throw ProblemException.invalid("password", "must be 1 to 8192 characters");
        }
        return transactions.call(() -> {
            Optional<RegistryLogin> before = store.find(host);
            RegistryLogin after =
                    new RegistryLogin(host, username, insecure, clock.instant().truncatedTo(ChronoUnit.MILLIS));
            store.put(after, secrets.seal(password, host), after.changed());
            audit.record(actor, "registry.login", target(host), before.orElse(null), after);
            return after;
        });
    }

    public void delete(Actor actor, String registry) {
        String host = canonical(registry);
        transactions.run(() -> {
            RegistryLogin before =
                    store.find(host).orElseThrow(() -> ProblemException.notFound("registry login", registry));
            store.delete(host);
            audit.record(actor, "registry.logout", target(host), before, null);
        });
    }

    private static Target target(String host) {
        return new Target("registry", host, host, null);
    }

    /** The host as image names write it. */
    private static String canonical(String registry) {
        try {
            return ImageName.parse(registry.equals("docker.io") ? "docker.io/x/y" : registry + "/x")
                    .registry();
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("registry", "\"" + registry + "\" is no host name with optional port");
        }
    }

    /**
     * Whoever names an image makes the control plane contact the host in its name, from within the operator's network.
     * So members may name the default registry and those that an administrator has put on the list of logins.
     *
     * @throws ProblemException 403 naming the registry
     */
    void requireMayAsk(Actor actor, ImageName image) {
        String registry = image.registry();
        boolean may = actor.is(Role.ADMIN, Role.OPERATOR)
                || registry.equals(DEFAULT_REGISTRY)
                || store.find(registry).isPresent();
        if (!may) {
            throw ProblemException.forbidden("using the registry \"" + registry
                    + "\", which no administrator has put on the list of registry logins,");
        }
    }

    @Override
    public Optional<Login> login(ImageName image) {
        return store.find(image.registry())
                .filter(login -> !login.username().isEmpty())
                .flatMap(login -> store.secret(login.registry())
                        .map(secret -> new Login(login.username(), secrets.open(secret, login.registry()))));
    }

    /** How the control plane itself asks the image's registry. */
    RegistryAccess access(ImageName image) {
        boolean insecure =
                store.find(image.registry()).map(RegistryLogin::insecure).orElse(false);
        io.flotilla.protocol.registry.Login login = login(image)
                .<io.flotilla.protocol.registry.Login>map(
                        l -> new io.flotilla.protocol.registry.Login.Basic(l.user(), l.password()))
                .orElseGet(io.flotilla.protocol.registry.Login.Anonymous::new);
        return new RegistryAccess(null, insecure, login);
    }
}
