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

    private record Subscription(String topic, Consumer<String> receiver) {}

    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

    /**
     * Receives the payloads of a topic, on the listener's thread: hand longer work on. An empty payload means that hints
     * may have been missed (after every new connection): look at everything.
     *
     * @param topic a word such as {@code workload}
     */
    public void subscribe(String topic, Consumer<String> receiver) {
        subscriptions.add(new Subscription(topic, receiver));
    }

    /** Listens until the connection breaks or the thread is interrupted. */
    void listen(Connection connection, Runnable listening) throws SQLException, InterruptedException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN " + CHANNEL);
            subscriptions.forEach(subscription -> deliver(subscription, ""));
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

    private void dispatch(String message) {
        int colon = message.indexOf(':');
        String topic = colon < 0 ? message : message.substring(0, colon);
        String payload = colon < 0 ? "" : message.substring(colon + 1);
        for (Subscription subscription : subscriptions) {
            if (subscription.topic().equals(topic)) {
                deliver(subscription, payload);
            }
        }
    }

    private static void deliver(Subscription subscription, String payload) {
        try {
            subscription.receiver().accept(payload);
        } catch (RuntimeException e) {
            // One receiver's bug must not cut the others off.
            LOG.error("receiver of hints on {} failed", subscription.topic(), e);
        }
    }
}
