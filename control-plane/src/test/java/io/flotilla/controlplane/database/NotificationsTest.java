package io.flotilla.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class NotificationsTest {

    @RegisterExtension
    static final TestDatabase database = new TestDatabase();

    @Test
    void deliversAfterTheCommitAndNeverWithoutIt() throws InterruptedException {
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        database.notifications().subscribe("thing", received::add);
        assertThatThrownBy(() -> database.transactions().run(() -> {
                    database.notificationStore().send("thing", "lost");
                    throw new IllegalStateException("rolled back");
                }))
                .hasMessage("rolled back");
        database.transactions().run(() -> database.notificationStore().send("other", "not mine"));
        database.transactions().run(() -> database.notificationStore().send("thing", "kept"));

        assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("kept");
        assertThat(received).isEmpty();
    }

    @Test
    void refusesTheDatabaseToThreadsThatMustNotBlock() {
        Mono<Integer> query = Mono.fromCallable(() ->
                        database.jdbc().sql("SELECT 1").query(Integer.class).single())
                .subscribeOn(Schedulers.parallel());

        assertThatThrownBy(query::block)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("non-blocking thread");
    }
}
