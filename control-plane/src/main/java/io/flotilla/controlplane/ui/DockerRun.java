package io.flotilla.controlplane.ui;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code docker run} line into the launch form. Option names and forms follow the reference of Docker's command
 * line. Whatever has no counterpart is named, never dropped in silence.
 *
 * @param form what could be carried over
 * @param left one sentence for each word that could not
 */
record DockerRun(LaunchForm form, List<String> left) {

    private static final Map<Character, String> SHORT = Map.ofEntries(
            Map.entry('d', "detach"),
            Map.entry('i', "interactive"),
            Map.entry('t', "tty"),
            Map.entry('e', "env"),
            Map.entry('p', "publish"),
            Map.entry('m', "memory"),
            Map.entry('u', "user"),
            Map.entry('w', "workdir"),
            Map.entry('h', "hostname"),
            Map.entry('c', "cpu-shares"),
            Map.entry('v', "volume"),
            Map.entry('l', "label"),
            Map.entry('a', "attach"),
            Map.entry('P', "publish-all"),
            Map.entry('q', "quiet"));
    /** Options without a value. All others take one. */
    private static final Set<String> FLAGS = Set.of(
            "detach",
            "interactive",
            "tty",
            "rm",
            "read-only",
            "init",
            "privileged",
            "publish-all",
            "quiet",
            "no-healthcheck",
            "oom-kill-disable",
            "sig-proxy",
            "disable-content-trust");

    private static final Pattern PORT =
            Pattern.compile("(?:(?:[0-9]+(?:\\.[0-9]+){3}|\\[[0-9a-fA-F:]+]):)?(?:([0-9]*):)?([0-9]+)(?:/(tcp|udp))?");
    private static final Pattern SIZE = Pattern.compile("([0-9]+)([bkmgBKMG]?)[bB]?");
    private static final Pattern SHELL = Pattern.compile("`|\\$[({A-Za-z_]");

    /** @param team that the form belongs to */
    static DockerRun read(String line, String team) {
        Reading reading = new Reading(LaunchForm.empty().with("team", team));
        return reading.read(CommandLine.words(line.replaceAll("\\\\\\r?\\n", " ")));
    }

    /** One pass over the words. */
    private static final class Reading {

        private LaunchForm form;
        private final List<String> left = new ArrayList<>();
        private boolean detached;
        private boolean restarts;
        private boolean restartGiven;

        Reading(LaunchForm form) {
            this.form = form;
        }

        DockerRun read(List<String> line) {
            Deque<String> words = new ArrayDeque<>(line);
            beginning(words);
            while (!words.isEmpty()
                    && words.getFirst().startsWith("-")
                    && words.getFirst().length() > 1) {
                String word = words.removeFirst();
                if (word.equals("--")) {
                    break;
                }
                if (word.startsWith("--")) {
                    longOption(word, words);
                } else {
                    shortOptions(word, words);
                }
            }
            if (words.isEmpty()) {
                left.add("The line names no image.");
            } else {
                form = form.with("image", plain("the image", words.removeFirst()))
                        .with("args", CommandLine.line(List.copyOf(words)));
            }
            boolean service = detached || restarts;
            form = form.with("kind", service ? "service" : "job");
            if (!restartGiven) {
                form = form.with("restart", service ? "always" : "never");
            }
            return new DockerRun(form, List.copyOf(left));
        }

        private void beginning(Deque<String> words) {
            for (String word : List.of("$", "#", "sudo")) {
                if (word.equals(words.peekFirst())) {
                    words.removeFirst();
                }
            }
            if ("docker".equals(words.peekFirst()) || "podman".equals(words.peekFirst())) {
                words.removeFirst();
            }
            if ("container".equals(words.peekFirst())) {
                words.removeFirst();
            }
            if ("run".equals(words.peekFirst())) {
                words.removeFirst();
            } else {
                left.add("The line does not begin with docker run.");
            }
        }

        private void longOption(String word, Deque<String> words) {
            int equals = word.indexOf('=');
            String name = word.substring(2, equals < 0 ? word.length() : equals);
            if (FLAGS.contains(name)) {
                if (equals < 0 || word.endsWith("=true")) {
                    flag("--" + name, name);
                }
            } else if (equals >= 0) {
                option("--" + name, name, word.substring(equals + 1));
            } else {
                option("--" + name, name, words.pollFirst());
            }
        }

        /** As in {@code -it}, {@code -dp 80:80} and {@code -p80:80}. */
        private void shortOptions(String word, Deque<String> words) {
            for (int i = 1; i < word.length(); i++) {
                char letter = word.charAt(i);
                String name = SHORT.get(letter);
                if (name == null) {
                    left.add("-" + letter + " is not an option that Flotilla knows.");
                } else if (FLAGS.contains(name)) {
                    flag("-" + letter, name);
                } else {
                    String rest = word.substring(i + 1);
                    option("-" + letter, name, rest.isEmpty() ? words.pollFirst() : rest.replaceFirst("^=", ""));
                    return;
                }
            }
        }

        private void flag(String shown, String name) {
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

        private void option(String shown, String name, @Nullable String given) {
            if (given == null) {
                left.add(shown + " has no value.");
                return;
            }
            String value = plain(shown, given);
            switch (name) {
                case "name" -> form = form.with("name", value);
                case "env" -> env(shown, value);
                case "publish" -> port(shown, value);
                case "memory" -> memory(shown, value);
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
            Matcher size = SIZE.matcher(value);
            if (!size.matches()) {
                left.add(shown + " " + value + " is not a size, as in 512m.");
                return;
            }
            int shift = switch (size.group(2).toLowerCase(Locale.ROOT)) {
                case "k" -> 10;
                case "m" -> 20;
                case "g" -> 30;
                default -> 0;
            };
            BigDecimal mebibytes = new BigDecimal(size.group(1))
                    .multiply(BigDecimal.valueOf(1L << shift))
                    .divide(BigDecimal.valueOf(1L << 20), 0, RoundingMode.CEILING);
            form = form.with("memory", mebibytes.toPlainString()).with("memoryUnit", "Mi");
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
}
