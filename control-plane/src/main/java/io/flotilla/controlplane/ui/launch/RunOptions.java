package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.problem.FieldError;
import io.flotilla.controlplane.ui.words.CommandLine;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Carries the options of {@code docker run}, by their long names, over into the launch form, one after the other. What has
 * no counterpart is named, under the name by which its writer knows it.
 */
final class RunOptions {

    private static final Pattern PORT =
            Pattern.compile("(?:(?:[0-9]+(?:\\.[0-9]+){3}|\\[[0-9a-fA-F:]+]):)?(?:([0-9]*):)?([0-9]+)(?:/(tcp|udp))?");
    /** As docker reads it: a number with or without a fraction, a unit of 1024s, and what people write behind it. */
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?) ?(?:([kmgtKMGT])[iI]?)?[bB]?");

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,15}(?:\\.[0-9]{1,9})?");
    private static final BigDecimal MEBIBYTE = BigDecimal.valueOf(1L << 20);
    private static final Pattern SHELL = Pattern.compile("`|\\$[({A-Za-z_]");

    private LaunchForm form;
    private final List<String> left = new ArrayList<>();
    private final List<FieldError> wrong = new ArrayList<>();
    private @Nullable BigDecimal memory;
    private @Nullable BigDecimal memoryAndSwap;
    private boolean detached;
    private boolean restarts;
    private boolean restartGiven;

    RunOptions(LaunchForm form) {
        this.form = form;
    }

    /** What has been carried over: a service if it was to run in the background or be restarted, else a job. */
    LaunchForm form() {
        boolean service = detached || restarts;
        LaunchForm whole = form.with("kind", service ? "service" : "job").with("swap", swap());
        return restartGiven ? whole : whole.with("restart", service ? "always" : "never");
    }

    List<String> left() {
        return List.copyOf(left);
    }

    /** What docker would refuse, by the names under which it was written. */
    List<FieldError> wrong() {
        return List.copyOf(wrong);
    }

    void wrong(String shown, String detail) {
        wrong.add(new FieldError(shown, detail));
    }

    /** The image's command is not to be run, and nothing else in its place. */
    void noArgs() {
        form = form.with("noArgs", true);
    }

    /** Only nodes with this label. */
    void label(String name, String value) {
        form = form.with("labels", (form.labels() + " " + name + "=" + value).strip());
    }

    /** Notes something that is not carried over, as a sentence. */
    void leave(String sentence) {
        left.add(sentence);
    }

    void image(String shown, String name) {
        form = form.with("image", plain(shown, name));
    }

    /** Fills a field of the form that no option of docker run stands for. */
    void put(String field, String value) {
        form = form.with(field, value);
    }

    void flag(String shown, String name) {
        switch (name) {
            case "detach" -> detached = true;
            case "interactive" -> form = form.with("stdin", true);
            case "tty" -> form = form.with("tty", true);
            case "read-only" -> form = form.with("readOnly", true);
            case "rm" -> left.add("--rm: a job that has ended stays in the list until it is deleted.");
            case "quiet", "sig-proxy" -> left.add(shown + " means nothing here.");
            default -> left.add(shown + " is not supported.");
        }
    }

    void option(String shown, String name, @Nullable String given) {
        if (given == null) {
            left.add(shown + " has no value.");
            return;
        }
        set(shown, name, plain(shown, given));
    }

    /** As {@link #option}, for a value that no shell has seen. */
    void set(String shown, String name, String value) {
        switch (name) {
            case "name" -> form = form.with("name", value);
            case "env" -> env(shown, value);
            case "publish" -> port(shown, value);
            case "memory" -> memory(shown, value);
            case "memory-reservation" -> reservation(shown, value);
            case "memory-swap" -> memoryAndSwap(shown, value);
            case "cpu-shares" -> form = form.with("cpuShares", value);
            case "cpus" -> form = form.with("cpu", value);
            case "user" -> form = form.with("user", value);
            case "workdir" -> form = form.with("workingDir", value);
            case "hostname" -> form = form.with("hostName", value);
            case "entrypoint" -> form = form.with("command", CommandLine.line(List.of(value)));
            case "restart" -> restart(shown, value);
            case "network", "net" -> network(shown, value);
            case "userns" -> userns(shown, value);
            case "pids-limit" -> form = form.with("pids", value);
            case "stop-signal" -> form = form.with("stopSignal", value);
            case "stop-timeout" -> form = form.with("stopSeconds", value);
            case "cap-add" -> form = form.with("capAdd", (form.capAdd() + " " + value).strip());
            case "cap-drop" -> form = form.with("capDrop", (form.capDrop() + " " + value).strip());
            default -> left.add(shown + " " + value + " is not supported.");
        }
    }

    /** A shell would have put something else in the place of {@code $NAME}. */
    private String plain(String shown, String value) {
        if (SHELL.matcher(value).find()) {
            left.add(shown + ": \"" + value
                    + "\" holds something that a shell would replace; it is taken as it stands.");
        }
        return value;
    }

    private void env(String shown, String value) {
        int equals = value.indexOf('=');
        if (equals <= 0) {
            left.add(shown + " " + value + " takes its value from a shell; give one, as in " + value + "=value.");
        } else {
            form = form.withEnv(value.substring(0, equals), value.substring(equals + 1));
        }
    }

    private void port(String shown, String value) {
        Matcher port = PORT.matcher(value);
        if (!port.matches()) {
            left.add(shown + " " + value + " is not supported: one port at a time, as in 8080:80/tcp.");
            return;
        }
        String host = port.group(1) == null ? "" : port.group(1);
        form = form.withPort(port.group(2), host, port.group(3) == null ? "tcp" : port.group(3));
        if (value.startsWith("[") || value.chars().filter(c -> c == ':').count() > 1) {
            left.add(shown + " " + value + ": the port is published on every address of the node, not on one.");
        }
    }

    private void memory(String shown, String value) {
        memory = bytes(shown, value);
        if (memory != null) {
            boolean mebibytes = memory.remainder(MEBIBYTE).signum() == 0;
            form = form.with("memory", (mebibytes ? memory.divide(MEBIBYTE) : memory).toPlainString())
                    .with("memoryUnit", mebibytes ? "Mi" : "");
        }
    }

    private void reservation(String shown, String value) {
        BigDecimal bytes = bytes(shown, value);
        if (bytes != null) {
            form = form.with("memoryReservation", amount(bytes));
        }
    }

    /** Both together; how much of it is swap is known when the memory is. */
    private void memoryAndSwap(String shown, String value) {
        if (value.equals("-1")) {
            leave(shown + " " + value + ": swap without a limit is not supported.");
        } else if (!value.equals("0")) {
            memoryAndSwap = bytes(shown, value);
        }
    }

    private String swap() {
        if (memoryAndSwap == null || memory == null) {
            return "";
        }
        BigDecimal swap = memoryAndSwap.subtract(memory);
        return swap.signum() > 0 ? amount(swap) : "";
    }

    private static String amount(BigDecimal bytes) {
        return bytes.remainder(MEBIBYTE).signum() == 0
                ? bytes.divide(MEBIBYTE).toPlainString() + "Mi"
                : bytes.toPlainString();
    }

    private @Nullable BigDecimal bytes(String shown, String value) {
        BigDecimal bytes = bytes(value);
        if (bytes == null) {
            wrong(shown, "\"" + value + "\" is not a size, as in 512m");
        }
        return bytes;
    }

    /** Null if it is no size. A fraction of a byte is dropped. */
    private static @Nullable BigDecimal bytes(String value) {
        Matcher size = SIZE.matcher(value);
        if (!size.matches()) {
            return null;
        }
        String unit = size.group(2) == null ? " " : size.group(2).toLowerCase(Locale.ROOT);
        return new BigDecimal(size.group(1))
                .multiply(BigDecimal.valueOf(1L << (10 * " kmgt".indexOf(unit))))
                .setScale(0, RoundingMode.DOWN);
    }

    /** Whether two values say the same, however they write it: 1g and 1024m, 0.5 and 0.50. */
    static boolean sameAmount(String one, String other) {
        BigDecimal first = number(one);
        BigDecimal second = number(other);
        return one.equals(other) || (first != null && second != null && first.compareTo(second) == 0);
    }

    private static @Nullable BigDecimal number(String value) {
        return NUMBER.matcher(value).matches() ? new BigDecimal(value) : bytes(value);
    }

    private void restart(String shown, String value) {
        switch (value) {
            case "no" -> form = form.with("restart", "never");
            case "always", "unless-stopped" -> form = form.with("restart", "always");
            case "on-failure" -> form = form.with("restart", "on-failure");
            default -> {
                if (!value.startsWith("on-failure:")) {
                    left.add(shown + " " + value + " is not supported.");
                    return;
                }
                form = form.with("restart", "on-failure");
                left.add(shown + " " + value + ": restarts are not counted to an end; the pauses grow instead.");
            }
        }
        restartGiven = true;
        restarts = !value.equals("no");
    }

    private void network(String shown, String value) {
        switch (value) {
            case "bridge", "default" -> form = form.with("network", "bridge");
            case "host", "none" -> form = form.with("network", value);
            default -> left.add(shown + " " + value + " is not supported: only bridge, host and none.");
        }
    }

    private void userns(String shown, String value) {
        if (value.equals("host")) {
            form = form.with("userns", false);
        } else {
            left.add(shown + " " + value + " is not supported: only host.");
        }
    }
}
