package io.flotilla.agent.link;

import io.flotilla.agent.websocket.WebSocket;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.ControlMessage;
import io.flotilla.protocol.Handshake;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Keeps a session with the control plane open, for ever trying again. */
public final class Link {

    /** The longest silence of a peer that is asked for a sign of life every few seconds. */
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private static final Duration LONG_SESSION = Duration.ofSeconds(10);

    private final Membership membership;
    private final Trust trust;
    private final NodeKey key;
    private final String agentVersion;
    private final LinkHandler handler;
    private final StreamServer server;
    private final Consumer<String> log;
    private final SecureRandom random = new SecureRandom();
    private final CommandLog commands = new CommandLog();
    private volatile boolean closed;
    private volatile @Nullable Session current;
    private volatile @Nullable Thread runner;

    /**
     * @param log is told, in sentences, when a session begins or fails
     */
    public Link(
            Membership membership,
            Trust trust,
            NodeKey key,
            String agentVersion,
            LinkHandler handler,
            StreamServer server,
            Consumer<String> log) {
        this.membership = membership;
        this.trust = trust;
        this.key = key;
        this.agentVersion = agentVersion;
        this.handler = handler;
        this.server = server;
        this.log = log;
    }

    /** Connects and reconnects until {@link #end}. */
    public void run() {
        runner = Thread.currentThread();
        BackOff backOff = new BackOff(random);
        String lastFailure = "";
        while (!closed) {
            long begin = System.nanoTime();
            boolean lasting = false;
            try {
                session();
            } catch (IOException e) {
                lasting = e instanceof LinkException failure && failure.lasting();
                String failure = String.valueOf(e.getMessage());
                if (!closed && !failure.equals(lastFailure)) {
                    log.accept("no session with " + membership.server() + ": " + failure);
                }
                lastFailure = failure;
            }
            if (System.nanoTime() - begin > LONG_SESSION.toNanos()) {
                backOff.reset();
                lastFailure = "";
            }
            pause(backOff.next(lasting));
        }
    }

    private void session() throws IOException {
        trust.renew(random);
        WebSocket.Settings settings = new WebSocket.Settings(
                membership.server().at(Handshake.SESSION_PATH),
                Handshake.SUBPROTOCOL,
                Map.of(),
                trust.context(),
                Codec.MAX_MESSAGE_BYTES,
                SILENCE);
        try (WebSocket socket = connect(settings)) {
            ControlMessage.Welcome welcome = Opening.perform(socket, membership, key, agentVersion, random);
            log.accept("session with " + membership.server() + " open");
            Session session = new Session(socket, handler, server, commands);
            current = session;
            session.run(welcome);
        } finally {
            current = null;
        }
    }

    private WebSocket connect(WebSocket.Settings settings) throws IOException {
        try {
            return WebSocket.connect(settings, random);
        } catch (SSLException e) {
            throw Request.failed(membership.server(), e);
        }
    }

    private void pause(Duration pause) {
        if (!closed) {
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                // Only end() interrupts; the loop's condition says the rest.
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the session and {@link #run}. */
    public void end() {
        closed = true;
        Session session = current;
        if (session != null) {
            session.cut();
        }
        Thread thread = runner;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
