package io.flotilla.controlplane.ui.launch;

import java.util.function.Consumer;

/**
 * Replaces the variables of a Compose file, in every form that the Compose specification has (its section
 * "Interpolation"). There is no environment here to take values from, so each variable counts as unset; whoever pasted the
 * file is told of each.
 */
final class Interpolation {

    /** What a file asks for that cannot be done; the message is a sentence's end, as in "needs TAG: give one". */
    static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Refused(String detail) {
            super(detail, null, false, false);
        }
    }

    private static final int DEEPEST = 30;

    private final String text;
    private final Consumer<String> notes;
    /** Whether what is read will not be used, so that it may well lack a value that it requires. */
    private final boolean skipping;

    private final int depth;
    private int at;

    private Interpolation(String text, int at, int depth, boolean skipping, Consumer<String> notes) {
        this.text = text;
        this.at = at;
        this.depth = depth;
        this.skipping = skipping;
        this.notes = notes;
    }

    /**
     * @param notes is told, as a sentence, what became of each variable
     * @throws Refused if a required variable is unset, or what follows a dollar sign is no variable
     */
    static String replace(String text, Consumer<String> notes) {
        return new Interpolation(text, 0, 0, false, notes).until(false);
    }

    /** @param inBraces whether an unnested closing brace ends it */
    private String until(boolean inBraces) {
        StringBuilder replaced = new StringBuilder();
        int begin = at;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '}' && inBraces) {
                return replaced.toString();
            }
            at++;
            replaced.append(c == '$' ? variable() : String.valueOf(c));
        }
        if (inBraces) {
            throw new Refused("\"" + text.substring(begin) + "\" lacks the closing brace of its variable");
        }
        return replaced.toString();
    }

    /** What stands behind a dollar sign. */
    private String variable() {
        if (at < text.length() && text.charAt(at) == '$') {
            at++;
            return "$";
        }
        boolean braces = at < text.length() && text.charAt(at) == '{';
        at += braces ? 1 : 0;
        String name = name();
        if (name.isEmpty()) {
            throw new Refused("\"" + text + "\" has a $ that begins no variable; write $$ for the sign itself");
        }
        String value = braces ? braced(name) : unset(name);
        if (braces) {
            at++;
        }
        return value;
    }

    private String name() {
        int begin = at;
        while (at < text.length() && isName(text.charAt(at), at == begin)) {
            at++;
        }
        return text.substring(begin, at);
    }

    private static boolean isName(char c, boolean first) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!first && c >= '0' && c <= '9');
    }

    /** From behind the name to the closing brace: nothing, or one of {@code :- - :? ? :+ +} and a word. */
    private String braced(String name) {
        if (at < text.length() && text.charAt(at) == '}') {
            return unset(name);
        }
        at += at < text.length() && text.charAt(at) == ':' ? 1 : 0;
        char form = at < text.length() ? text.charAt(at) : ' ';
        if ("-?+".indexOf(form) < 0) {
            throw new Refused("\"" + text + "\" has no known form of a variable behind " + name);
        }
        at++;
        String word = word(skipping || form == '+');
        return switch (form) {
            case '-' -> {
                notes.accept(name + " is taken as its default, " + (word.isEmpty() ? "nothing" : word) + ".");
                yield word;
            }
            case '+' -> {
                notes.accept(name + " has no value here, so what would replace it is left out.");
                yield "";
            }
            default -> required(name, word);
        };
    }

    /** A word may hold variables itself. What becomes of those is seen in the word, so nothing more is said of them. */
    private String word(boolean unused) {
        if (depth == DEEPEST) {
            throw new Refused("has variables nested more than " + DEEPEST + " deep");
        }
        Interpolation inner = new Interpolation(text, at, depth + 1, unused, note -> {});
        String word = inner.until(true);
        at = inner.at;
        return word;
    }

    private String required(String name, String why) {
        if (skipping) {
            return "";
        }
        throw new Refused("needs a value of " + name + ", and none is known here" + (why.isBlank() ? "" : ": " + why));
    }

    private String unset(String name) {
        notes.accept(name + " has no value here.");
        return "";
    }
}
