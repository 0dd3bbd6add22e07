package io.flotilla.agent.program;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.ledger.DurableFile;
import io.flotilla.agent.ledger.Ledger;
import io.flotilla.agent.link.LinkHandler;
import io.flotilla.agent.link.Session;
import io.flotilla.agent.observe.HostFacts;
import io.flotilla.agent.observe.HostLoad;
import io.flotilla.agent.reconcile.Reconciler;
import io.flotilla.agent.report.EventSender;
import io.flotilla.agent.report.Journal;
import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.NodeSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The agent's side of its sessions, and what it does between messages. */
final class Agent implements LinkHandler, AutoCloseable {

    private final AgentPaths paths;
    private final Ledger ledger;
    private final Journal journal;
    private final Engine engine;
    private final Registries registries;
    private final HostFacts facts;
    private final HostLoad load;
    private final Reconciler reconciler;
    private final EventSender events;
    private final Consumer<String> log;

    /** What waits for the disk is done here, in order, so that the session's reader never does. */
    private final ExecutorService disk =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("disk").factory());

    private volatile @Nullable Session session;
    private volatile long sampleMillis = 2000;
    private volatile ControlMessage.@Nullable AuditHead newestHead;

    Agent(
            AgentPaths paths,
            Ledger ledger,
            Journal journal,
            Engine engine,
            Registries registries,
            HostFacts facts,
            Consumer<String> log)
            throws IOException {
        this.paths = paths;
        this.ledger = ledger;
        this.journal = journal;
        this.engine = engine;
        this.registries = registries;
        this.facts = facts;
        this.load = new HostLoad(paths.data());
        this.log = log;
        this.events = new EventSender(journal, System::nanoTime);
        Instant begin = Instant.now();
        long nanos = System.nanoTime();
        this.reconciler = new Reconciler(
                engine,
                ledger,
                journal,
                HostFacts.bootId(),
                () -> begin.plusNanos(System.nanoTime() - nanos),
                events::send,
                log);
    }

    void start() {
        Thread.ofVirtual().name("reconcile").start(this::reconcile);
        Thread.ofVirtual().name("sample").start(this::sampleAlways);
    }

    /** A container has changed its state. */
    void containerChanged() {
        reconciler.wake();
    }

    private void reconcile() {
        try {
            reconciler.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public AgentMessage.Joined joined() {
        NodeSpec held = ledger.current();
        try {
            return new AgentMessage.Joined(
                    facts.read(), held.incarnation(), held.generation(), reconciler.quarantined());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read what this host is", e);
        }
    }

    @Override
    public void opened(Session opened, ControlMessage.Welcome welcome) {
        sampleMillis = Math.max(100, welcome.sampleMillis());
        registries.opened(opened, welcome.registryToken());
        session = opened;
        events.open(opened::send);
    }

    @Override
    public void closed(Session closed) {
        session = null;
        registries.closed();
        events.close();
    }

    @Override
    public void received(Session from, ControlMessage message) {
        switch (message) {
            case ControlMessage.ApplyNodeSpec apply -> disk.execute(() -> accept(from, apply.spec()));
            case ControlMessage.EventsStored stored -> disk.execute(() -> stored(stored.seq()));
            case ControlMessage.Login login -> registries.answered(login);
            case ControlMessage.AuditHead head -> keep(head);
            case ControlMessage.Challenge _,
                    ControlMessage.Welcome _,
                    ControlMessage.Rejected _,
                    ControlMessage.Open _,
                    ControlMessage.Credit _,
                    ControlMessage.Closed _,
                    ControlMessage.Ping _ ->
                throw new IllegalArgumentException("the link keeps this message to itself: " + message);
        }
    }

    private void accept(Session from, NodeSpec offered) {
        String refused;
        try {
            refused = ledger.accept(offered).orElse(null);
        } catch (IOException e) {
            refused = "the node cannot write it down: " + e.getMessage();
            log.accept(refused);
        }
        from.send(new AgentMessage.SpecAnswer(offered.incarnation(), offered.generation(), refused));
        reconciler.wake();
    }

    private void stored(long seq) {
        try {
            journal.stored(seq, Instant.now());
            events.stored(seq);
        } catch (IOException e) {
            log.accept("cannot note that events are stored: " + e.getMessage());
        }
    }

    /** Heads may come faster than a disk can sync; only the newest matters. */
    private void keep(ControlMessage.AuditHead head) {
        newestHead = head;
        disk.execute(() -> {
            ControlMessage.AuditHead newest = newestHead;
            if (newest != null && newest.equals(head)) {
                writeHead(newest);
            }
        });
    }

    private void writeHead(ControlMessage.AuditHead head) {
        try {
            DurableFile.write(paths.agent().resolve("audit-head"), Codec.encode(head));
        } catch (IOException e) {
            log.accept("cannot keep the audit log's head: " + e.getMessage());
        }
    }

    private void sampleAlways() {
        try {
            while (true) {
                Thread.sleep(sampleMillis);
                sample();
                events.send();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sample() {
        Optional.ofNullable(session).ifPresent(open -> {
            try {
                AgentMessage reading =
                        new AgentMessage.Sample(load.read(Instant.now(), engine.sample()), reconciler.quarantined());
                open.sendLatest("sample", reading);
            } catch (IOException | RuntimeException e) {
                log.accept("cannot take a reading: " + e);
            }
        });
    }

    /** Progress of a pull; the link sends only the newest of each allocation. */
    void pulling(AgentMessage.Pulling progress) {
        Session open = session;
        if (open != null) {
            open.sendLatest("pull " + progress.allocationId(), progress);
        }
    }

    @Override
    public void close() {
        reconciler.close();
        disk.shutdown();
    }
}
