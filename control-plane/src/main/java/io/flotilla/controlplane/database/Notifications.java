package io.flotilla.controlplane.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hints between the replicas of the control plane by LISTEN and NOTIFY, on a connection of its own: a hint carries ids
 * only and may be lost, so whoever needs certainty also polls.
 */
public final class Notifications {

    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);
    private static final String CHANNEL = "flotilla";
    private static final int WAIT_MILLIS = 1000;

    private record Subscription(String topic, Receiver receiver) {}

    /** Gets hints with the number that they are stored under; 0 with an empty payload. */
    public interface Receiver {
        void hint(long seq, String payload);
    }

    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

    /**
     * Receives the payloads of a topic, on the listener's thread: hand longer work on. An empty payload means that hints
     * may have been missed (after every new connection): look at everything.
     *
     * @param topic a word such as {@code workload}
     */
    public void subscribe(String topic, Consumer<String> receiver) {
        subscribeNumbered(topic, (seq, payload) -> receiver.accept(payload));
    }

    /** As {@link #subscribe}, for whoever also needs to know which hint of all it is. */
    public void subscribeNumbered(String topic, Receiver receiver) {
        subscriptions.add(new Subscription(topic, receiver));
    }

    /** Listens until the connection breaks or the thread is interrupted. */
    void listen(Connection connection, Runnable listening) throws SQLException, InterruptedException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN " + CHANNEL);
            subscriptions.forEach(subscription -> deliver(subscription, 0, ""));
            listening.run();
            PGConnection postgres = connection.unwrap(PGConnection.class);
            while (!Thread.currentThread().isInterrupted()) {
                PGNotification[] received = postgres.getNotifications(WAIT_MILLIS);
                if (received == null || received.length == 0) {
                    // Quiet for a second: ask whether the server is still there.
                    statement.execute("SELECT 1");
                    continue;
                }
                for (PGNotification one : received) {
                    dispatch(one.getParameter());
                }
            }
            throw new InterruptedException();
        }
    }

    /** {@code topic:seq:payload}; a message of another form is nobody's. */
    private void dispatch(String message) {
        String[] parts = message.split(":", 3);
        if (parts.length < 3 || !parts[1].matches("[0-9]{1,18}")) {
            LOG.debug("a notification that is no hint: {}", message);
            return;
        }
        for (Subscription subscription : subscriptions) {
            if (subscription.topic().equals(parts[0])) {
                deliver(subscription, Long.parseLong(parts[1]), parts[2]);
            }
        }
    }

    private static void deliver(Subscription subscription, long seq, String payload) {
        try {
            subscription.receiver().hint(seq, payload);
        } catch (RuntimeException e) {
            // One receiver's bug must not cut the others off.
            LOG.error("receiver of hints on {} failed", subscription.topic(), e);
        }
    }
}
