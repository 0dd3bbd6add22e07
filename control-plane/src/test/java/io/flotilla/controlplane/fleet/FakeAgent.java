package io.flotilla.controlplane.fleet;

import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.AllocEvent;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.AppliedState;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.Enrolment;
import io.flotilla.protocol.Frame;
import io.flotilla.protocol.Handshake;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.NodeFacts;
import io.flotilla.protocol.NodeImages;
import io.flotilla.protocol.NodeSample;
import io.flotilla.protocol.NodeSpec;
import io.flotilla.protocol.NodeSpec.Order;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An agent with an engine of the mind: it keeps its ledger, its containers and its unacknowledged events across
 * connections as a real one does on disk, and obeys at once. Everything it does is on one thread.
 */
public final class FakeAgent implements AutoCloseable {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BATCH = 50;

    /** What it says of every container: one setting as asked, one not. */
    public static final AppliedState APPLIED = new AppliedState(
            Instant.parse("2026-11-24T10:00:00Z"),
            4711,
            List.of(
                    new AppliedState.Setting("linux.namespaces.user", "its own", "its own", false),
                    new AppliedState.Setting("linux.resources.memory.limit", "67108864", "no limit", true)));

    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService actions =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());
    private final KeyPair keys;
    private final UUID nodeId;
    private final String name;
    private final URI session;
    private final NodeFacts facts;
    private final Map<UUID, AllocStatus> containers = new LinkedHashMap<>();
    private final Map<UUID, Integer> restarts = new LinkedHashMap<>();
    private final TreeMap<Long, AllocEvent> unsent = new TreeMap<>();
    private final AtomicLong starts = new AtomicLong();
    private final AtomicLong closedStreams = new AtomicLong();
    private NodeSpec ledger = new NodeSpec(0, 0, List.of());
    private long seq;
    private volatile boolean wanted;
    private volatile boolean open;
    private volatile @Nullable WebSocket socket;
    private volatile @Nullable Chaos up;
    private volatile @Nullable Chaos down;
    private volatile @Nullable String registryToken;
    private final Map<Long, ControlMessage.Login> logins = new ConcurrentHashMap<>();

    /** What it tells of its images, whatever is asked. */
    public static final NodeImages IMAGES = new NodeImages(
            List.of(new NodeImages.Image(
                    Digest.sha256(new byte[0]),
                    List.of(ImageName.parse("debian:12")),
                    5_000_000,
                    Instant.parse("2026-01-01T00:00:00Z"),
                    Instant.parse("2026-01-02T00:00:00Z"),
                    true)),
            5_000_000,
            null,
            List.of(),
            0);

    private final List<NodeImages.Request> imageRequests = new CopyOnWriteArrayList<>();
    private int credit;
    private int flooding = -1;
    private Frame.Type floodedWith = Frame.Type.LOG;
    private final AtomicLong flooded = new AtomicLong();
    private int repeating = -1;
    private CompletableFuture<?> sending = CompletableFuture.completedFuture(null);

    private FakeAgent(KeyPair keys, Enrolment.Answer answer, String base, NodeFacts facts) {
        this.keys = keys;
        this.nodeId = answer.nodeId();
        this.name = answer.name();
        this.facts = facts;
        session = URI.create(base.replaceFirst("^http", "ws") + Handshake.SESSION_PATH);
        Thread.ofVirtual().start(this::beat);
    }

    /** Enrols with a token of its own and connects. */
    public static FakeAgent join(Rest rest, String base, String hostName, long cpuMillis, long memoryBytes) {
        Rest.Answer issued = rest.post("/api/v1/join-tokens", Map.of("ttlMinutes", 5));
        KeyPair keys = newKeys();
        NodeFacts facts = new NodeFacts(
                hostName,
                "Debian",
                "6.18",
                "amd64",
                NodeFacts.CgroupMode.V2,
                cpuMillis,
                memoryBytes,
                "boot",
                "fake",
                List.of("127.0.0.1"),
                List.of());
        Enrolment.Request request = new Enrolment.Request(
                issued.body().path("token").asString(),
                Handshake.rawPublicKey(keys.getPublic()),
                Bytes.random(RANDOM, 32),
                facts);
        Rest.Answer enrolled = rest.post(Handshake.ENROLL_PATH, request);
        if (enrolled.status() != 200) {
            throw new AssertionError("enrolment: " + enrolled);
        }
        Enrolment.Answer answer = Codec.decode(enrolled.body().toString(), Enrolment.Answer.class);
        return new FakeAgent(keys, answer, base, facts).connect();
    }

    private static KeyPair newKeys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public UUID nodeId() {
        return nodeId;
    }

    public String name() {
        return name;
    }

    /** How often a container was started. */
    public long starts() {
        return starts.get();
    }

    /** How many streams the control plane has ended. */
    public long closedStreams() {
        return closedStreams.get();
    }

    /** How many bytes of a flood the control plane has taken credit for. */
    public long flooded() {
        return flooded.get();
    }

    /** For {@code /v2/}. */
    public @Nullable String registryToken() {
        return registryToken;
    }

    /** Asks how an image's registry is reached, as before a pull for the allocation. */
    public void wantLogin(long request, UUID allocation, ImageName image) {
        send(new AgentMessage.LoginWanted(request, allocation, image));
    }

    /** The answer, once it has come. */
    public Optional<ControlMessage.Login> login(long request) {
        return Optional.ofNullable(logins.get(request));
    }

    /** What was asked of its images, in order. */
    public List<NodeImages.Request> imageRequests() {
        return List.copyOf(imageRequests);
    }

    /** Dials until it is told to be silent. */
    public FakeAgent connect() {
        wanted = true;
        actions.execute(this::dial);
        return this;
    }

    /** As kill -9 of the agent, or a pulled cable: no word more; what runs goes on. */
    public void silence() {
        wanted = false;
        open = false;
        WebSocket now = socket;
        if (now != null) {
            now.abort();
        }
    }

    /** From the next message on. */
    public void disturb(long seed) {
        up = new Chaos(seed);
        down = new Chaos(seed + 1);
    }

    public void calm() {
        Chaos one = up;
        Chaos other = down;
        if (one != null && other != null) {
            one.calm();
            other.calm();
        }
    }

    /** Allocations that run here in truth, whether anybody hears of it or not. */
    public List<UUID> running() {
        return call(() -> containers.entrySet().stream()
                .filter(each -> each.getValue() == AllocStatus.RUNNING)
                .map(Map.Entry::getKey)
                .toList());
    }

    /** Everything that there is, also what has ended and was not removed. */
    public List<UUID> present() {
        return call(() -> List.copyOf(containers.keySet()));
    }

    /** A container ends by itself and is not started again. */
    public void end(UUID allocation, int code) {
        call(() -> {
            AllocStatus status = code == 0 ? AllocStatus.COMPLETED : AllocStatus.FAILED;
            containers.put(allocation, status);
            event(allocation, status, code, false);
            return true;
        });
    }

    private <T> T call(java.util.concurrent.Callable<T> work) {
        try {
            return actions.submit(work).get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        silence();
        actions.shutdown();
    }

    private void beat() {
        while (!actions.isShutdown()) {
            try {
                TimeUnit.MILLISECONDS.sleep(500);
            } catch (InterruptedException e) {
                return;
            }
            if (open) {
                send(new AgentMessage.Sample(new NodeSample(Instant.now(), 100, 1 << 20, 1, 2, List.of()), List.of()));
                actions.execute(this::sendEvents);
            } else if (wanted && !actions.isShutdown()) {
                actions.execute(this::dial);
            }
        }
    }

    private void dial() {
        if (!wanted || open || (socket != null && !closed())) {
            return;
        }
        try {
            Handshaking listener = new Handshaking();
            WebSocket made = http.newWebSocketBuilder()
                    .subprotocols(Handshake.SUBPROTOCOL)
                    .buildAsync(session, listener)
                    .get(5, TimeUnit.SECONDS);
            sending = CompletableFuture.completedFuture(null);
            socket = made;
            raw(Codec.encode(new AgentMessage.Hello(nodeId, List.of(1), listener.nonce, "fake")));
        } catch (Exception e) {
            socket = null;
        }
    }

    private boolean closed() {
        WebSocket now = socket;
        return now == null || now.isInputClosed() || now.isOutputClosed();
    }

    private void send(AgentMessage message) {
        String json = Codec.encode(message);
        Chaos chaos = up;
        if (chaos == null) {
            raw(json);
        } else {
            chaos.pass(json, this::raw);
        }
    }

    private synchronized void raw(String json) {
        WebSocket now = socket;
        if (now != null) {
            sending = sending.thenCompose(ignored -> now.sendText(json, true)).exceptionally(e -> now);
        }
    }

    private synchronized void raw(byte[] frame) {
        WebSocket now = socket;
        if (now != null) {
            sending = sending.thenCompose(ignored -> now.sendBinary(ByteBuffer.wrap(frame), true))
                    .exceptionally(e -> now);
        }
    }

    /** One connection's listener. */
    private final class Handshaking implements WebSocket.Listener {

        private final Bytes nonce = Bytes.random(RANDOM, 32);
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                String json = text.toString();
                text.setLength(0);
                actions.execute(() -> sorted(json));
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        private void sorted(String json) {
            ControlMessage message = Codec.controlMessage(json);
            Chaos chaos = down;
            boolean handshake =
                    message instanceof ControlMessage.Challenge || message instanceof ControlMessage.Welcome;
            if (chaos == null || handshake) {
                received(message);
            } else {
                chaos.pass(json, passed -> received(Codec.controlMessage(passed)));
            }
        }

        private void received(ControlMessage message) {
            if (message instanceof ControlMessage.Challenge challenge) {
                byte[] statement = Handshake.controlPlaneStatement(
                        nonce, challenge.nonce(), nodeId, challenge.controlPlaneId(), challenge.version());
                if (!Handshake.verify(challenge.publicKey(), statement, challenge.signature())) {
                    throw new AssertionError("the control plane's signature is wrong");
                }
                byte[] mine = Handshake.nodeStatement(
                        nonce, challenge.nonce(), nodeId, challenge.controlPlaneId(), challenge.version());
                raw(Codec.encode(new AgentMessage.Proof(Handshake.sign(keys.getPrivate(), mine))));
            } else {
                FakeAgent.this.received(message);
            }
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            byte[] piece = new byte[data.remaining()];
            data.get(piece);
            binary.writeBytes(piece);
            if (last) {
                Frame frame = Frame.decode(ByteBuffer.wrap(binary.toByteArray()));
                binary.reset();
                actions.execute(() -> repeat(frame));
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            open = false;
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            open = false;
        }
    }

    private void received(ControlMessage message) {
        switch (message) {
            case ControlMessage.Challenge challenge -> {}
            case ControlMessage.Welcome welcome -> {
                registryToken = welcome.registryToken();
                raw(Codec.encode(new AgentMessage.Joined(facts, ledger.incarnation(), ledger.generation(), List.of())));
                open = true;
                sendEvents();
            }
            case ControlMessage.Rejected rejected ->
                wanted = rejected.reason() == ControlMessage.Rejected.Reason.UNAVAILABLE;
            case ControlMessage.ApplyNodeSpec apply -> apply(apply.spec());
            case ControlMessage.EventsStored stored ->
                unsent.headMap(stored.seq(), true).clear();
            case ControlMessage.Open opening -> open(opening);
            case ControlMessage.Credit granted -> {
                credit += granted.bytes();
                flood();
            }
            case ControlMessage.Closed closed -> {
                flooding = -1;
                closedStreams.incrementAndGet();
            }
            case ControlMessage.Login login -> logins.put(login.requestId(), login);
            case ControlMessage.AuditHead head -> {}
            case ControlMessage.Ping ping -> send(new AgentMessage.Pong(ping.id()));
        }
    }

    private void apply(NodeSpec spec) {
        boolean same = spec.incarnation() == ledger.incarnation() && spec.generation() == ledger.generation();
        String refused = null;
        if (same ? !spec.equals(ledger) : !spec.isNewerThan(ledger)) {
            refused = same ? "the same generation with other content" : "older than what I hold";
        } else {
            ledger = spec;
        }
        send(new AgentMessage.SpecAnswer(spec.incarnation(), spec.generation(), refused));
        if (refused == null) {
            obey();
        }
    }

    private void obey() {
        for (Order order : ledger.orders()) {
            UUID id = order.allocationId();
            AllocStatus status = containers.get(id);
            switch (order) {
                case Order.Run run -> {
                    if (status == null
                            || (status == AllocStatus.RUNNING && restarts.getOrDefault(id, 0) < run.restarts())) {
                        restarts.put(id, run.restarts());
                        containers.put(id, AllocStatus.RUNNING);
                        starts.incrementAndGet();
                        event(id, AllocStatus.STARTING, null, false);
                        event(id, AllocStatus.RUNNING, null, false);
                    }
                }
                case Order.Stop stop -> {
                    if (status == AllocStatus.RUNNING || status == null) {
                        containers.put(id, AllocStatus.STOPPED);
                        event(id, AllocStatus.STOPPED, status == null ? null : 143, false);
                    }
                }
                case Order.Remove remove -> {
                    boolean wasRunning = status == AllocStatus.RUNNING;
                    containers.remove(id);
                    boolean told = unsent.values().stream()
                            .anyMatch(e -> e.allocationId().equals(id) && e.removed());
                    if (!told) {
                        event(
                                id,
                                status == null || wasRunning ? AllocStatus.STOPPED : status,
                                wasRunning ? 143 : null,
                                true);
                    }
                }
            }
        }
    }

    private void event(UUID allocation, AllocStatus status, @Nullable Integer code, boolean removed) {
        long number = ++seq;
        int attempt = 1 + restarts.getOrDefault(allocation, 0);
        unsent.put(
                number,
                new AllocEvent(
                        number,
                        allocation,
                        attempt,
                        Instant.now(),
                        status,
                        code,
                        false,
                        false,
                        null,
                        null,
                        List.of(),
                        null,
                        removed));
        sendEvents();
    }

    private void sendEvents() {
        if (open && !unsent.isEmpty()) {
            send(new AgentMessage.Events(new ArrayList<>(unsent.values()).subList(0, Math.min(BATCH, unsent.size()))));
        }
    }

    /** Logs flood as fast as credit allows; exec says its command and ends, unless it shall stay, repeat or flood. */
    private void open(ControlMessage.Open opening) {
        switch (opening.target()) {
            case ControlMessage.Target.Logs logs -> {
                send(new AgentMessage.Opened(opening.stream(), null, null));
                credit = Frame.WINDOW;
                flooding = opening.stream();
                floodedWith = Frame.Type.LOG;
                flood();
            }
            case ControlMessage.Target.Exec exec -> {
                if (exec.exec().argv().contains("missing")) {
                    send(new AgentMessage.Opened(opening.stream(), "missing: command not found", 127));
                    return;
                }
                send(new AgentMessage.Opened(opening.stream(), null, null));
                if (exec.exec().argv().contains("stay")) {
                    return;
                }
                if (exec.exec().argv().contains("repeat")) {
                    repeating = opening.stream();
                    return;
                }
                if (exec.exec().argv().contains("flood")) {
                    credit = Frame.WINDOW;
                    flooding = opening.stream();
                    floodedWith = Frame.Type.STDOUT;
                    flood();
                    return;
                }
                raw(Frame.text(
                                Frame.Type.STDOUT,
                                opening.stream(),
                                String.join(" ", exec.exec().argv()))
                        .encode());
                raw(Frame.exit(opening.stream(), 3).encode());
                send(new AgentMessage.Closed(opening.stream(), null));
            }
            case ControlMessage.Target.Images asked -> {
                imageRequests.add(asked.request());
                send(new AgentMessage.Opened(opening.stream(), null, null));
                // In two pieces, as a long answer comes.
                String answer = Codec.encode(IMAGES);
                raw(Frame.text(Frame.Type.STDOUT, opening.stream(), answer.substring(0, 20))
                        .encode());
                raw(Frame.text(Frame.Type.STDOUT, opening.stream(), answer.substring(20))
                        .encode());
                send(new AgentMessage.Closed(opening.stream(), null));
            }
            case ControlMessage.Target.Attach attach ->
                send(new AgentMessage.Opened(opening.stream(), "nothing to attach to", null));
            case ControlMessage.Target.Applied applied -> {
                if (containers.get(applied.allocationId()) != AllocStatus.RUNNING) {
                    send(new AgentMessage.Opened(opening.stream(), "it does not run now", null));
                    return;
                }
                send(new AgentMessage.Opened(opening.stream(), null, null));
                raw(Frame.text(Frame.Type.STDOUT, opening.stream(), Codec.encode(APPLIED))
                        .encode());
                send(new AgentMessage.Closed(opening.stream(), null));
            }
        }
    }

    /** What is typed into "repeat" comes back; "exit" ends it. */
    private void repeat(Frame frame) {
        if (frame.type() != Frame.Type.STDIN || frame.stream() != repeating) {
            return;
        }
        raw(new Frame(Frame.Type.STDOUT, repeating, frame.payload()).encode());
        if (new String(frame.payload(), StandardCharsets.UTF_8).equals("exit")) {
            raw(Frame.exit(repeating, 0).encode());
            send(new AgentMessage.Closed(repeating, null));
            repeating = -1;
        }
    }

    private void flood() {
        byte[] line = "{\"text\":\"%01000d\"}%n".formatted(0).getBytes(StandardCharsets.UTF_8);
        while (flooding >= 0 && credit >= line.length) {
            credit -= line.length;
            flooded.addAndGet(line.length);
            raw(new Frame(floodedWith, flooding, line).encode());
        }
    }
}
