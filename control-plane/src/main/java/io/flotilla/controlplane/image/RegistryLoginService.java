package io.flotilla.controlplane.image;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.audit.AuditLog;
import io.flotilla.controlplane.audit.Target;
import io.flotilla.controlplane.database.Transactions;
import io.flotilla.controlplane.dispatch.RegistryLogins;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.Login;
import io.flotilla.protocol.registry.Mirror;
import io.flotilla.protocol.registry.RegistryAccess;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Service;

/** How registries are reached, for nodes that pull and for the control plane itself. */
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

    /** Sets or replaces all that is set for a registry. */
    public RegistryLogin put(Actor actor, RegistrySetting setting) {
        String host = canonical(setting.registry());
        return transactions.call(() -> {
            Optional<RegistryLogin> before = store.find(host);
            RegistryLogin after = new RegistryLogin(
                    host,
                    setting.username(),
                    setting.insecure(),
                    setting.authorities(),
                    setting.mirrors(),
                    clock.instant().truncatedTo(ChronoUnit.MILLIS));
            store.put(after, secrets.seal(setting.password(), host));
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
    public RegistryAccess access(ImageName image) {
        Optional<RegistryLogin> known = store.find(image.registry());
        return new RegistryAccess(
                null,
                known.map(RegistryLogin::insecure).orElse(false),
                known.map(this::login).orElseGet(Login.Anonymous::new),
                known.map(RegistryLogin::authorities).orElse(null),
                known.map(RegistryLogin::mirrors).orElse(List.of()).stream()
                        .map(this::mirror)
                        .toList());
    }

    private Mirror mirror(String location) {
        Mirror bare = Mirror.of(location);
        return store.find(bare.host())
                .map(own -> new Mirror(location, own.insecure(), own.authorities(), login(own)))
                .orElse(bare);
    }

    private Login login(RegistryLogin known) {
        return known.username().isEmpty()
                ? new Login.Anonymous()
                : new Login.Basic(
                        known.username(),
                        secrets.open(store.secret(known.registry()).orElseThrow(), known.registry()));
    }
}
