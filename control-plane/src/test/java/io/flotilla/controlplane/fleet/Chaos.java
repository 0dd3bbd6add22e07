package io.flotilla.controlplane.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** A bad wire: loses, doubles and swaps messages, by seed. The handshake is left alone. */
final class Chaos {

    private final Random random;
    private final List<String> held = new ArrayList<>();
    private volatile boolean on = true;

    Chaos(long seed) {
        random = new Random(seed);
    }

    void calm() {
        on = false;
    }

    synchronized void pass(String message, Consumer<String> to) {
        if (!on) {
            held.clear();
            to.accept(message);
            return;
        }
        int fate = random.nextInt(10);
        if (fate < 2) {
            return;
        }
        if (fate < 4) {
            held.add(message);
            return;
        }
        to.accept(message);
        if (fate == 4) {
            to.accept(message);
        }
        held.forEach(to);
        held.clear();
    }
}
