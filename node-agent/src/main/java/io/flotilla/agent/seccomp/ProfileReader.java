package io.flotilla.agent.seccomp;

import io.flotilla.agent.oci.SeccompSpec;
import io.flotilla.agent.seccomp.Profile.Condition;
import io.flotilla.agent.seccomp.Profile.Rule;
import io.flotilla.agent.seccomp.Profile.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads a profile in our own form, which the head of {@code default.profile} explains. */
final class ProfileReader {

    private static final Set<String> CONDITIONS = Set.of("where", "with", "unless", "on", "since");

    private final Deque<String> words;
    private final List<List<SeccompSpec.Argument>> alternatives = new ArrayList<>();
    private final Set<String> with = new TreeSet<>();
    private final Set<String> without = new TreeSet<>();
    private final Set<String> architectures = new TreeSet<>();
    private @Nullable Version since;

    private ProfileReader(String statement) {
        words = new ArrayDeque<>(List.of(statement.strip().split("\\s+", -1)));
    }

    static Profile resource(String name) {
        return read(text(name));
    }

    static String text(String resource) {
        try (InputStream in = ProfileReader.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("resource " + resource + " is missing from the agent's jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Profile read(String text) {
        String defaultErrno = null;
        List<Rule> rules = new ArrayList<>();
        for (String statement : statements(text)) {
            ProfileReader reader = new ProfileReader(statement);
            try {
                if (statement.startsWith("default ")) {
                    defaultErrno = reader.defaultErrno();
                } else {
                    rules.add(reader.rule());
                }
            } catch (RuntimeException e) {
                throw new IllegalArgumentException("profile rule \"" + statement + "\": " + e.getMessage(), e);
            }
        }
        if (defaultErrno == null) {
            throw new IllegalArgumentException("the profile has no default");
        }
        return new Profile(defaultErrno, rules);
    }

    private static List<String> statements(String text) {
        List<String> statements = new ArrayList<>();
        for (String line :
                text.lines().filter(l -> !l.startsWith("#") && !l.isBlank()).toList()) {
            if (Character.isWhitespace(line.charAt(0)) && !statements.isEmpty()) {
                statements.add(statements.removeLast() + " " + line.strip());
            } else {
                statements.add(line);
            }
        }
        return statements;
    }

    private String defaultErrno() {
        require("default");
        require("errno");
        String name = words.pop();
        Errnos.number(name);
        return name;
    }

    private Rule rule() {
        String verb = words.pop();
        String errno = null;
        if (verb.equals("errno")) {
            errno = words.pop();
            Errnos.number(errno);
        } else if (!verb.equals("allow")) {
            throw new IllegalArgumentException("\"" + verb + "\" is neither allow nor errno");
        }
        List<String> calls = list();
        if (calls.isEmpty()) {
            throw new IllegalArgumentException("names no call");
        }
        while (!words.isEmpty()) {
            condition(words.pop());
        }
        return new Rule(calls, errno, List.copyOf(alternatives), new Condition(with, without, architectures, since));
    }

    /** The words up to the next condition. */
    private List<String> list() {
        List<String> list = new ArrayList<>();
        while (!words.isEmpty() && !CONDITIONS.contains(words.peek())) {
            list.add(words.pop());
        }
        return list;
    }

    private void condition(String word) {
        switch (word) {
            case "where" -> where();
            case "with" -> with.addAll(list());
            case "unless" -> without.addAll(list());
            case "on" -> architectures.addAll(list());
            case "since" -> {
                String[] version = words.pop().split("\\.", -1);
                since = new Version(Integer.parseInt(version[0]), Integer.parseInt(version[1]));
            }
            default -> throw new IllegalArgumentException("\"" + word + "\" is no condition");
        }
    }

    private void where() {
        String argument = words.pop();
        int index = Integer.parseInt(argument.substring("arg".length()));
        String operator = words.pop();
        switch (operator) {
            case "is" -> {
                for (String value : list()) {
                    alternatives.add(List.of(new SeccompSpec.Argument(index, Long.decode(value), 0, "SCMP_CMP_EQ")));
                }
            }
            case "below" ->
                alternatives.add(List.of(new SeccompSpec.Argument(index, Long.decode(words.pop()), 0, "SCMP_CMP_LT")));
            case "masked" -> {
                long mask = Long.decode(words.pop());
                require("is");
                alternatives.add(
                        List.of(new SeccompSpec.Argument(index, mask, Long.decode(words.pop()), "SCMP_CMP_MASKED_EQ")));
            }
            default -> throw new IllegalArgumentException("\"" + operator + "\" is none of is, below, masked");
        }
    }

    private void require(String word) {
        String found = words.pop();
        if (!found.equals(word)) {
            throw new IllegalArgumentException("\"" + found + "\" stands where \"" + word + "\" belongs");
        }
    }
}
