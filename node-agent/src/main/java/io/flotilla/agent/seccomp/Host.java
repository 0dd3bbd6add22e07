package io.flotilla.agent.seccomp;

import java.util.Arrays;

/**
 * The kernel that a filter is for.
 *
 * @param architecture as OCI images name it: {@code amd64}, {@code arm64}
 * @param major and minor: the kernel's version
 */
public record Host(String architecture, int major, int minor) {

    /** The running kernel. */
    public static Host present() {
        String architecture = System.getProperty("os.arch", "");
        return parse(architecture.equals("aarch64") ? "arm64" : architecture, System.getProperty("os.version", ""));
    }

    static Host parse(String architecture, String release) {
        int[] numbers = Arrays.stream(release.split("[^0-9]+", -1))
                .filter(part -> !part.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
        if (numbers.length < 2) {
            throw new IllegalArgumentException("kernel release \"" + release + "\" does not begin with two numbers");
        }
        return new Host(architecture, numbers[0], numbers[1]);
    }

    boolean since(int otherMajor, int otherMinor) {
        return major > otherMajor || (major == otherMajor && minor >= otherMinor);
    }
}
