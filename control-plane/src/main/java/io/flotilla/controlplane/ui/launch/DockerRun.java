package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.ui.words.CommandLine;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

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

    /** @param team that the form belongs to */
    static DockerRun read(String line, String team) {
        Reading reading = new Reading(LaunchForm.empty().with("team", team));
        return reading.read(CommandLine.words(line.replaceAll("\\\\\\r?\\n", " ")));
    }

    /** One pass over the words. */
    private static final class Reading {

        private final RunOptions options;

        Reading(LaunchForm form) {
            this.options = new RunOptions(form);
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
                options.leave("The line names no image.");
            } else {
                options.image("the image", words.removeFirst());
                options.put("args", CommandLine.line(List.copyOf(words)));
            }
            return new DockerRun(options.form(), left());
        }

        /** The form is looked through before it is launched, so what docker would refuse is only named, too. */
        private List<String> left() {
            Stream<String> wrong = options.wrong().stream().map(each -> each.field() + ": " + each.detail() + ".");
            return Stream.concat(options.left().stream(), wrong).toList();
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
                options.leave("The line does not begin with docker run.");
            }
        }

        private void longOption(String word, Deque<String> words) {
            int equals = word.indexOf('=');
            String name = word.substring(2, equals < 0 ? word.length() : equals);
            if (FLAGS.contains(name)) {
                if (equals < 0 || word.endsWith("=true")) {
                    options.flag("--" + name, name);
                }
            } else if (equals >= 0) {
                options.option("--" + name, name, word.substring(equals + 1));
            } else {
                options.option("--" + name, name, words.pollFirst());
            }
        }

        /** As in {@code -it}, {@code -dp 80:80} and {@code -p80:80}. */
        private void shortOptions(String word, Deque<String> words) {
            for (int i = 1; i < word.length(); i++) {
                char letter = word.charAt(i);
                String name = SHORT.get(letter);
                if (name == null) {
                    options.leave("-" + letter + " is not an option that Flotilla knows.");
                } else if (FLAGS.contains(name)) {
                    options.flag("-" + letter, name);
                } else {
                    String rest = word.substring(i + 1);
                    options.option(
                            "-" + letter, name, rest.isEmpty() ? words.pollFirst() : rest.replaceFirst("^=", ""));
                    return;
                }
            }
        }
    }
}
