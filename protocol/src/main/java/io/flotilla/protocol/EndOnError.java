package io.flotilla.protocol;

import java.util.function.IntConsumer;

/**
 * Ends the process when a thread of it dies of an {@link Error}: of want of memory, of a jar that was replaced while it
 * ran. What is left would go on half dead, as no supervisor sees; a new process is there within a second, and
 * containers are not concerned. Other exceptions that nobody caught end their thread only and are printed; so does a
 * {@link StackOverflowError}, which somebody's input may bring about.
 */
public final class EndOnError implements Thread.UncaughtExceptionHandler {

    /** EX_SOFTWARE of sysexits.h. */
    public static final int EXIT_CODE = 70;

    private final IntConsumer end;

    EndOnError(IntConsumer end) {
        this.end = end;
    }

    /** Holds for every thread of this process that has no handler of its own. */
    public static void install() {
        // No shutdown hooks: what they need may be what is broken, and a crash has to be survived anyway.
        Thread.setDefaultUncaughtExceptionHandler(
                new EndOnError(code -> Runtime.getRuntime().halt(code)));
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        try {
            System.err.println("Exception in thread \"" + thread.getName() + "\"");
            failure.printStackTrace();
        } finally {
            if (failure instanceof Error && !(failure instanceof StackOverflowError)) {
                end.accept(EXIT_CODE);
            }
        }
    }
}
