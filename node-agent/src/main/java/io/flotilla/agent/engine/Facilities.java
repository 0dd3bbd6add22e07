package io.flotilla.agent.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What this kernel has and this process may hand on, of what kernels and hosts differ in.
 *
 * @param capabilities bits of those that this process has, to be handed on where there is no user namespace
 * @param knownCapabilities bits of all that the kernel knows, which the root of a new user namespace has
 * @param resctrl where the file system of Intel's resource director is mounted
 */
public record Facilities(
        boolean timeNamespaces,
        boolean memoryPolicies,
        boolean appArmor,
        boolean selinux,
        long capabilities,
        long knownCapabilities,
        Optional<Path> resctrl) {

    private static final class Present {
        static final Facilities HOST = read();
    }

    /** Of the running kernel, read once. */
    public static Facilities present() {
        return Present.HOST;
    }

    private static Facilities read() {
        int last = Integer.parseInt(text("/proc/sys/kernel/cap_last_cap"));
        return new Facilities(
                Files.exists(Path.of("/proc/self/ns/time")),
                Files.exists(Path.of("/proc/self/numa_maps")),
                text("/sys/module/apparmor/parameters/enabled").equals("Y"),
                Files.exists(Path.of("/sys/fs/selinux/enforce")),
                capabilities(text("/proc/self/status").lines().toList()),
                -1L >>> (Long.SIZE - 1 - last),
                resctrl(text("/proc/self/mountinfo").lines().toList()));
    }

    /** Read into one large buffer: below /proc/sys a file has no size and gives everything to the first read. */
    private static String text(String path) {
        try (BufferedReader reader = Files.newBufferedReader(Path.of(path))) {
            return reader.lines().collect(Collectors.joining("\n")).strip();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("read " + path, e);
        }
    }

    private static long capabilities(List<String> status) {
        return status.stream()
                .filter(line -> line.startsWith("CapPrm:"))
                .mapToLong(line -> Long.parseUnsignedLong(
                        line.substring("CapPrm:".length()).strip(), 16))
                .findFirst()
                .orElse(0);
    }

    private static Optional<Path> resctrl(List<String> mountinfo) {
        return mountinfo.stream()
                .filter(line -> line.contains(" - resctrl "))
                .map(line -> Path.of(line.split(" ", -1)[4]))
                .findFirst();
    }
}
