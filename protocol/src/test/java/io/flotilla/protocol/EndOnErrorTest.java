package io.flotilla.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndOnErrorTest {

    private final List<Integer> ends = new ArrayList<>();

    private List<Integer> endsAfter(Runnable work) throws InterruptedException {
        Thread thread = Thread.ofPlatform()
                .uncaughtExceptionHandler(new EndOnError(ends::add))
                .start(work);
        thread.join();
        return ends;
    }

    @Test
    void endsTheProcessWhenAThreadDiesOfAnError() throws InterruptedException {
        assertThat(endsAfter(() -> {
                    throw new NoClassDefFoundError("replaced while it ran");
                }))
                .containsExactly(EndOnError.EXIT_CODE);
    }

    @Test
    void goesOnAfterInputThatWasTooDeep() throws InterruptedException {
        assertThat(endsAfter(() -> {
                    throw new StackOverflowError();
                }))
                .isEmpty();
    }

    @Test
    void goesOnAfterAnyOtherException() throws InterruptedException {
        assertThat(endsAfter(() -> {
                    throw new IllegalStateException("one stream is broken");
                }))
                .isEmpty();
    }
}
