package io.flotilla.agent.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code [HOST:]PORT[/tcp|/udp]}, as people type it, to the REST form. */
final class PortArgument {

    private static final Pattern FORM = Pattern.compile("(?:([0-9]{1,5}):)?([0-9]{1,5})(?:/(tcp|udp))?");

    private PortArgument() {}

    static Map<String, Object> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("port \"" + text + "\" is not [HOST:]PORT[/tcp|/udp]");
        }
        Map<String, Object> port = new LinkedHashMap<>();
        port.put("container", Integer.parseInt(matcher.group(2)));
        if (matcher.group(1) != null) {
            port.put("host", Integer.parseInt(matcher.group(1)));
        }
        port.put("protocol", matcher.group(3) == null ? "tcp" : matcher.group(3));
        return port;
    }
}
