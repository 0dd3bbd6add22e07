package io.flotilla.controlplane.identity;

/**
 * Where a browser's request comes from.
 *
 * @param source its address
 * @param userAgent what it calls itself, any length
 */
public record Browser(String source, String userAgent) {

    private static final int KEPT_CHARACTERS = 200;

    String shortAgent() {
        String clean = userAgent.replace('\0', ' ');
        return clean.substring(0, Math.min(clean.length(), KEPT_CHARACTERS));
    }
}
