package io.flotilla.protocol;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** Signal names and numbers of signal(7), as x86-64, arm64 and riscv64 number them. */
public final class Signals {

    public static final int KILL = 9;
    public static final int TERM = 15;
    private static final int LAST = 64;
    private static final int RTMIN = 34;

    private static final Map<String, Integer> NUMBERS = Map.ofEntries(
            Map.entry("HUP", 1),
            Map.entry("INT", 2),
            Map.entry("QUIT", 3),
            Map.entry("ILL", 4),
            Map.entry("TRAP", 5),
            Map.entry("ABRT", 6),
            Map.entry("BUS", 7),
            Map.entry("FPE", 8),
            Map.entry("KILL", KILL),
            Map.entry("USR1", 10),
            Map.entry("SEGV", 11),
            Map.entry("USR2", 12),
            Map.entry("PIPE", 13),
            Map.entry("ALRM", 14),
            Map.entry("TERM", TERM),
            Map.entry("STKFLT", 16),
            Map.entry("CHLD", 17),
            Map.entry("CONT", 18),
            Map.entry("STOP", 19),
            Map.entry("TSTP", 20),
            Map.entry("TTIN", 21),
            Map.entry("TTOU", 22),
            Map.entry("URG", 23),
            Map.entry("XCPU", 24),
            Map.entry("XFSZ", 25),
            Map.entry("VTALRM", 26),
            Map.entry("PROF", 27),
            Map.entry("WINCH", 28),
            Map.entry("IO", 29),
            Map.entry("PWR", 30),
            Map.entry("SYS", 31));

    private Signals() {}

    /** {@code SIGTERM}, {@code term}, {@code 15}, {@code SIGRTMIN+3}; empty if it is no signal. */
    public static OptionalInt number(String signal) {
        String name = signal.strip().toUpperCase(Locale.ROOT);
        name = name.startsWith("SIG") ? name.substring("SIG".length()) : name;
        Integer known = NUMBERS.get(name);
        if (known != null) {
            return OptionalInt.of(known);
        }
        if (name.equals("RTMIN")) {
            return OptionalInt.of(RTMIN);
        }
        try {
            int number = name.startsWith("RTMIN")
                    ? RTMIN + Integer.parseInt(name.substring("RTMIN".length()))
                    : Integer.parseInt(name);
            return number >= 1 && number <= LAST ? OptionalInt.of(number) : OptionalInt.empty();
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }
}
