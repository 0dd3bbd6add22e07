package io.flotilla.controlplane.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;

/**
 * A subscriber that holds a lock of its own while it asks for more, and needs it for what it gets, as the one does that
 * writes to a WebSocket: two threads must not wait for each other, or the whole control plane stands still.
 */
class HandOverTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final class Guarded<T> extends BaseSubscriber<T> {

        private final Object own = new Object();
        private final CountDownLatch handed = new CountDownLatch(1);
        private final CountDownLatch got = new CountDownLatch(1);

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(1);
        }

        @Override
        protected void hookOnNext(T value) {
            take();
        }

        @Override
        protected void hookFinally(SignalType type) {
            take();
        }

        private void take() {
            handed.countDown();
            synchronized (own) {
                got.countDown();
            }
        }

        /** Asks for more under its own lock, at the moment when something is being handed to it. */
        void askWhileHanded(Runnable hand) throws InterruptedException {
            CountDownLatch holds = new CountDownLatch(1);
            Thread asks = Thread.ofPlatform().daemon().start(() -> {
                synchronized (own) {
                    holds.countDown();
                    awaitQuietly(handed);
                    request(1);
                }
            });
            holds.await();
            Thread hands = Thread.ofPlatform().daemon().start(hand);
            assertThat(asks.join(PATIENCE)).as("the one that asks goes on").isTrue();
            assertThat(hands.join(PATIENCE))
                    .as("the one that hands over goes on")
                    .isTrue();
            assertThat(got.getCount()).isZero();
        }

        private static void awaitQuietly(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static <T> Guarded<T> subscribe(Flux<T> flux) {
        Guarded<T> guarded = new Guarded<>();
        flux.subscribe(guarded);
        return guarded;
    }

    @Test
    void endOfAStreamMeetsAConsumerThatAsksForMore() throws InterruptedException {
        AgentStream stream = new AgentStream(1, new Outbox(), () -> {});
        subscribe(stream.frames()).askWhileHanded(() -> stream.ended(null));
    }

    @Test
    void messageToAnAgentMeetsASocketThatAsksForMore() throws InterruptedException {
        Outbox outbox = new Outbox();
        subscribe(outbox.flux()).askWhileHanded(() -> outbox.message("{}"));
    }
}
