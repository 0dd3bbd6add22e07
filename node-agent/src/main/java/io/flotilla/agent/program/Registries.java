package io.flotilla.agent.program;

import io.flotilla.agent.link.Server;
import io.flotilla.agent.link.Session;
import io.flotilla.agent.reconcile.FailedStepException;
import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.Login;
import io.flotilla.protocol.registry.RegistryAccess;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Knows how each registry is reached: the control plane by the session's token, others by a login it is asked for. */
final class Registries implements Pulls.Ways {

    private static final long ANSWER_SECONDS = 5;

    private final Server server;
    private final AtomicLong requests = new AtomicLong();
    private final Map<Long, CompletableFuture<ControlMessage.Login>> waiting = new ConcurrentHashMap<>();
    private volatile @Nullable Session session;
    private volatile String token = "";

    Registries(Server server) {
        this.server = server;
    }

    void opened(Session opened, String registryToken) {
        token = registryToken;
        session = opened;
    }

    void closed() {
        session = null;
    }

    void answered(ControlMessage.Login login) {
        CompletableFuture<ControlMessage.Login> asked = waiting.remove(login.requestId());
        if (asked != null) {
            asked.complete(login);
        }
    }

    @Override
    public Pulls.Way to(UUID allocationId, ImageName image) throws FailedStepException, InterruptedException {
        Session open = session;
        if (image.isLocal()) {
            if (open == null) {
                throw new FailedStepException(
                        "image " + image + " lives at the control plane, which cannot be reached", null, false, null);
            }
            return new Pulls.Way(new RegistryAccess(server.uri(), false, new Login.Bearer(token)), true);
        }
        Optional<RegistryAccess> access = open == null ? Optional.empty() : ask(open, allocationId, image);
        return new Pulls.Way(access.orElseGet(RegistryAccess::anonymous), access.isPresent());
    }

    /** What the control plane answers; empty if it does not. */
    private Optional<RegistryAccess> ask(Session open, UUID allocationId, ImageName image) throws InterruptedException {
        long request = requests.incrementAndGet();
        CompletableFuture<ControlMessage.Login> answer = new CompletableFuture<>();
        waiting.put(request, answer);
        try {
            open.send(new AgentMessage.LoginWanted(request, allocationId, image));
            ControlMessage.Login login = answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
            return Optional.of(access(login));
        } catch (TimeoutException | ExecutionException e) {
            return Optional.empty();
        } finally {
            waiting.remove(request);
        }
    }

    private static RegistryAccess access(ControlMessage.Login login) {
        if (login.access() != null) {
            return login.access();
        }
        return login.user() == null || login.password() == null
                ? RegistryAccess.anonymous()
                : RegistryAccess.of(new Login.Basic(login.user(), login.password()));
    }
}
