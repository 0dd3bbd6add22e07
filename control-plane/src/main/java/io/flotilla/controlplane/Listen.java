package io.flotilla.controlplane;

import io.flotilla.controlplane.settings.Settings;

/** Reads {@code HOST}, {@code HOST:PORT}, {@code [IPv6]} and {@code [IPv6]:PORT}. */
final class Listen {

    private static final int HIGHEST_PORT = 65_535;

    private Listen() {}

    /** @throws IllegalArgumentException saying what is expected */
    static Settings.Beyond parse(String text, Settings.Protection protection) {
        int bracket = text.lastIndexOf(']');
        int colon = text.lastIndexOf(':');
        boolean port = colon > bracket && (bracket >= 0 || text.indexOf(':') == colon);
        String host = port ? text.substring(0, colon) : text;
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        if (bare.isEmpty()) {
            throw malformed(text);
        }
        return new Settings.Beyond(
                bare, port ? number(text, text.substring(colon + 1)) : Settings.DEFAULT_PUBLIC_PORT, protection);
    }

    private static int number(String text, String digits) {
        try {
            int number = Integer.parseInt(digits);
            if (number < 1 || number > HIGHEST_PORT) {
                throw malformed(text);
            }
            return number;
        } catch (NumberFormatException e) {
            throw malformed(text);
        }
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "--listen \"" + text + "\" must look like 0.0.0.0, 192.0.2.1:8443 or [2001:db8::1]:8443");
    }
}
