package io.flotilla.agent.ocicli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command's options as the OCI runtimes take them: one or two dashes, the value behind {@code =} or as the next word, options
 * also behind operands. Written by hand, since a parser that learns its options by reflection takes longer than most commands.
 */
final class Options {

    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private final List<String> operands = new ArrayList<>();

    private Options() {}

    /**
     * @param known names with their short forms, {@code bundle,b=}; with {@code =} at the end an option takes a value
     * @throws Refused naming the option
     */
    static Options parse(List<String> arguments, String... known) throws Refused {
        return parse(arguments, true, known);
    }

    /** Everything from the first operand on is another command's. */
    static Options parseUpToOperand(List<String> arguments, String... known) throws Refused {
        return parse(arguments, false, known);
    }

    private static Options parse(List<String> arguments, boolean behindOperands, String... known) throws Refused {
        Options options = new Options();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (word.equals("--")) {
                options.operands.addAll(arguments.subList(i + 1, arguments.size()));
                break;
            }
            if (!word.startsWith("-") || word.equals("-")) {
                if (!behindOperands) {
                    options.operands.addAll(arguments.subList(i, arguments.size()));
                    break;
                }
                options.operands.add(word);
                continue;
            }
            String name = word.substring(word.startsWith("--") ? 2 : 1);
            int equals = name.indexOf('=');
            String given = equals < 0 ? null : name.substring(equals + 1);
            String option = find(equals < 0 ? name : name.substring(0, equals), known);
            boolean valued = option.endsWith("=");
            if (valued && given == null) {
                i++;
                if (i == arguments.size()) {
                    throw new Refused("flag needs an argument: -" + name);
                }
                given = arguments.get(i);
            }
            options.add(valued ? option.substring(0, option.length() - 1) : option, given == null ? "true" : given);
        }
        return options;
    }

    /** The option's long name, with {@code =} if it takes a value. */
    private static String find(String name, String... known) throws Refused {
        for (String option : known) {
            boolean valued = option.endsWith("=");
            String names = valued ? option.substring(0, option.length() - 1) : option;
            for (String one : names.split(",", -1)) {
                if (one.equals(name)) {
                    return names.split(",", -1)[0] + (valued ? "=" : "");
                }
            }
        }
        throw new Refused("flag provided but not defined: -" + name);
    }

    private void add(String name, String value) {
        values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }

    boolean has(String name) {
        String value = value(name);
        return value != null && !value.equals("false");
    }

    /** The last value given; null without one. */
    @Nullable
    String value(String name) {
        List<String> all = values.get(name);
        return all == null ? null : all.getLast();
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    List<String> operands() {
        return operands;
    }

    /** @throws Refused naming the option, unless the value is a whole number from 0 on */
    int count(String name) throws Refused {
        String value = value(name);
        try {
            int count = value == null ? 0 : Integer.parseInt(value);
            if (count >= 0) {
                return count;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new Refused("--" + name + " \"" + value + "\" is not a number from 0 on");
    }

    /** The only operand. */
    String id(String command) throws Refused {
        if (operands.size() != 1) {
            throw new Refused("\"oci " + command + "\" requires exactly 1 argument(s), a container's id; there are "
                    + operands.size());
        }
        return operands.getFirst();
    }
}
