package io.flotilla.agent.network;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Pattern;

/** An IPv4 address; {@code bits} holds it in host order, so that neighbours differ by one. */
public record Ipv4(int bits) implements Comparable<Ipv4> {

    private static final Pattern DOTTED = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");

    /** Reads dotted decimal, as in 10.1.2.3; empty for anything else, leading to no look-up of names. */
    public static Optional<Ipv4> find(String text) {
        var matcher = DOTTED.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int bits = 0;
        for (int group = 1; group <= 4; group++) {
            int part = Integer.parseInt(matcher.group(group));
            if (part > 255) {
                return Optional.empty();
            }
            bits = bits << 8 | part;
        }
        return Optional.of(new Ipv4(bits));
    }

    /** @throws IllegalArgumentException if the text is not a dotted IPv4 address */
    public static Ipv4 parse(String text) {
        return find(text).orElseThrow(() -> new IllegalArgumentException("not an IPv4 address: " + text));
    }

    static Ipv4 of(byte[] networkOrder) {
        return new Ipv4(ByteBuffer.wrap(networkOrder).getInt());
    }

    byte[] bytes() {
        return ByteBuffer.allocate(4).putInt(bits).array();
    }

    boolean isLoopback() {
        return bits >>> 24 == 127;
    }

    @Override
    public int compareTo(Ipv4 other) {
        return Integer.compareUnsigned(bits, other.bits);
    }

    @Override
    public String toString() {
        return (bits >>> 24) + "." + (bits >>> 16 & 255) + "." + (bits >>> 8 & 255) + "." + (bits & 255);
    }
}
