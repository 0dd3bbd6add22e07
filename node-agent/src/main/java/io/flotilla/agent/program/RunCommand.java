package io.flotilla.agent.program;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.kernel.NativeDigest;
import io.flotilla.agent.kernel.ServiceManager;
import io.flotilla.agent.ledger.Ledger;
import io.flotilla.agent.link.Link;
import io.flotilla.agent.link.Membership;
import io.flotilla.agent.link.NodeKey;
import io.flotilla.agent.link.Server;
import io.flotilla.agent.link.Trust;
import io.flotilla.agent.observe.HostFacts;
import io.flotilla.agent.report.Journal;
import io.flotilla.protocol.EndOnError;
import io.flotilla.protocol.registry.RegistryClient;
import io.flotilla.protocol.registry.Timeouts;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flotilla-agent run}: the agent itself, in the foreground. */
@Command(name = "run", description = "Run the node agent in the foreground. Its end leaves containers running.")
final class RunCommand implements Callable<Integer> {

    private static final long REFRESH_SECONDS = 10;

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--url", paramLabel = "URL", description = "the control plane's address, if it has changed")
    private @Nullable String url;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    RunCommand() {}

    RunCommand(DataOption data) {
        this.data = data;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        EndOnError.install();
        AgentPaths paths = data.open();
        Membership membership = Membership.read(paths.agent())
                .orElseThrow(() -> new IOException("this host has not joined a control plane: no membership in "
                        + paths.agent() + "; see `flotilla-agent join --help`"));
        if (url != null) {
            membership = membership.at(Server.parse(url));
        }
        Optional<InstanceLock> lock = InstanceLock.take(paths.agent());
        if (lock.isEmpty()) {
            throw new IOException("another agent works on " + paths.data());
        }
        try (InstanceLock _ = lock.get();
                Journal journal = Journal.open(paths.events())) {
            run(paths, membership, journal);
        } finally {
            closed.countDown();
        }
        return 0;
    }

    private void run(AgentPaths paths, Membership membership, Journal journal)
            throws IOException, InterruptedException {
        AtomicReference<@Nullable Agent> agent = new AtomicReference<>();
        Registries registries = new Registries(membership.server());
        Trust trust = new Trust(membership.server(), membership.fingerprint());
        RegistryClient client = new RegistryClient(Timeouts.USUAL, trust.context(), NativeDigest::of);
        Ledger ledger = Ledger.open(paths.ledger());
        try (Parts parts = Parts.open(paths, ledger, client, (container, exit) -> changed(agent.get()))) {
            ContainerEngine engine =
                    new ContainerEngine(paths, parts.containers(), parts.images(), journal, registries, pulling -> {
                        Agent ready = agent.get();
                        if (ready != null) {
                            ready.pulling(pulling);
                        }
                    });
            try (Agent made = new Agent(
                    paths,
                    ledger,
                    journal,
                    engine,
                    registries,
                    new HostFacts(paths.data(), Version.number()),
                    RunCommand::say)) {
                Link link = new Link(
                        membership, trust, NodeKey.open(paths.key()), Version.number(), made, engine, RunCommand::say);
                agent.set(made);
                made.start();
                Thread.ofVirtual().name("network").start(() -> refresh(parts));
                Runtime.getRuntime().addShutdownHook(new Thread(this::end, "end"));
                Thread session = Thread.ofPlatform().name("link").daemon().start(link::run);
                say("node " + membership.name() + " of " + membership.server() + " runs with "
                        + parts.containers().list().size() + " containers found");
                tellServiceManager("READY=1");
                ended.await();
                tellServiceManager("STOPPING=1");
                link.end();
                session.join(1000);
            }
        }
    }

    private static void changed(@Nullable Agent agent) {
        if (agent != null) {
            agent.containerChanged();
        }
    }

    /** SIGTERM: lets {@link #run} close everything in order, then the JVM go. */
    private void end() {
        ended.countDown();
        try {
            boolean inTime = closed.await(5, TimeUnit.SECONDS);
            if (!inTime) {
                say("did not close in time; containers are not concerned");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void refresh(Parts parts) {
        try {
            while (true) {
                TimeUnit.SECONDS.sleep(REFRESH_SECONDS);
                try {
                    parts.network().refresh();
                } catch (IOException | RuntimeException e) {
                    say("cannot look after the network: " + e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void tellServiceManager(String state) {
        String socket = System.getenv("NOTIFY_SOCKET");
        if (socket != null && !socket.isEmpty()) {
            try {
                ServiceManager.notify(socket, state);
            } catch (IOException e) {
                say("cannot tell the service manager: " + e.getMessage());
            }
        }
    }

    static void say(String sentence) {
        System.err.println("flotilla-agent: " + sentence);
    }
}
