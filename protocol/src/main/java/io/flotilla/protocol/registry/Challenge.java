package io.flotilla.protocol.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1): the scheme in lower case and its parameters. */
record Challenge(String scheme, Map<String, String> parameters) {

    private static final Pattern SCHEME = Pattern.compile("\\s*([A-Za-z0-9-]+)(?:\\s+|$)(?!=)");
    private static final Pattern PARAMETER =
            Pattern.compile("\\s*([A-Za-z0-9_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))\\s*,?");

    /** The first bearer challenge, else the first basic one. */
    static Optional<Challenge> preferred(List<String> headers) {
        List<Challenge> all = headers.stream()
                .filter(h -> h.length() <= 4096)
                .map(Challenge::parse)
                .toList();
        return all.stream()
                .filter(c -> c.scheme.equals("bearer"))
                .findFirst()
                .or(() -> all.stream().filter(c -> c.scheme.equals("basic")).findFirst());
    }

    static Challenge parse(String header) {
        Matcher scheme = SCHEME.matcher(header);
        if (!scheme.lookingAt()) {
            return new Challenge("", Map.of());
        }
        Map<String, String> parameters = new HashMap<>();
        Matcher parameter = PARAMETER.matcher(header).region(scheme.end(), header.length());
        while (parameter.lookingAt()) {
            String quoted = parameter.group(2);
            String value = quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1");
            parameters.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), value);
            parameter.region(parameter.end(), header.length());
        }
        return new Challenge(scheme.group(1).toLowerCase(Locale.ROOT), parameters);
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }
}
