package io.flotilla.agent.observe;

import io.flotilla.agent.cgroup.CgroupLayout;
import io.flotilla.agent.kernel.SeccompLibrary;
import io.flotilla.protocol.NodeFacts;
import io.flotilla.protocol.NodeFacts.CgroupMode;
import io.flotilla.protocol.NodeFacts.Check;
import io.flotilla.protocol.NodeFacts.Check.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What this host is, and whether it can run containers. */
public final class HostFacts {

    private static final long LITTLE_DISK_BYTES = 2L << 30;

    /** The oldest kernel on which idmapped overlay layers work (5.19). */
    private static final int[] OLDEST_KERNEL = {5, 19};

    private final Path data;
    private final String agentVersion;

    /** @param data the file system below it is the one whose room is checked */
    public HostFacts(Path data, String agentVersion) {
        this.data = data;
        this.agentVersion = agentVersion;
    }

    public NodeFacts read() throws IOException {
        String kernel = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
        CgroupLayout layout = CgroupLayout.detect();
        List<Check> checks = new ArrayList<>();
        checks.add(kernelCheck(kernel));
        checks.add(cgroupCheck(layout));
        checks.add(diskCheck());
        checks.add(FileSystemCheck.of(data));
        checks.add(namespaceCheck());
        checks.add(seccompCheck(SeccompLibrary.present()));
        checks.add(appArmorCheck(Path.of("/sys/module/apparmor/parameters/enabled")));
        checks.add(swapCheck(layout.countsSwap(), Files.readAllLines(Path.of("/proc/swaps"))));
        return new NodeFacts(
                Files.readString(Path.of("/proc/sys/kernel/hostname")).strip(),
                system(),
                kernel,
                architecture(),
                mode(layout),
                Runtime.getRuntime().availableProcessors() * 1000L,
                Meminfo.read().totalBytes(),
                bootId(),
                agentVersion,
                addresses(),
                checks);
    }

    /** Of the running kernel. */
    public static String bootId() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    }

    private static String system() throws IOException {
        Path file = Path.of("/etc/os-release");
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith("PRETTY_NAME=")) {
                    return line.substring("PRETTY_NAME=".length()).replace("\"", "");
                }
            }
        }
        return "Linux";
    }

    private static String architecture() {
        String name = System.getProperty("os.arch", "");
        return switch (name) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> name;
        };
    }

    private static CgroupMode mode(CgroupLayout layout) {
        return switch (layout.mode()) {
            case V1 -> CgroupMode.V1;
            case HYBRID -> CgroupMode.HYBRID;
            case V2 -> CgroupMode.V2;
        };
    }

    private static Check kernelCheck(String kernel) {
        String[] parts = kernel.split("[.-]", -1);
        boolean enough = parts.length >= 2
                && parts[0].matches("[0-9]+")
                && parts[1].matches("[0-9]+")
                && atLeast(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        return enough
                ? new Check("kernel", Result.OK, "Linux " + kernel, null)
                : new Check(
                        "kernel",
                        Result.FAILED,
                        "Linux " + kernel + " is older than " + OLDEST_KERNEL[0] + "." + OLDEST_KERNEL[1],
                        null);
    }

    private static boolean atLeast(int major, int minor) {
        return major > OLDEST_KERNEL[0] || (major == OLDEST_KERNEL[0] && minor >= OLDEST_KERNEL[1]);
    }

    private static Check cgroupCheck(CgroupLayout layout) {
        Set<String> missing = layout.missing();
        String mode = mode(layout).name().toLowerCase(java.util.Locale.ROOT);
        return missing.isEmpty()
                ? new Check("cgroup", Result.OK, "cgroup " + mode + " with cpu, memory and pids", null)
                : new Check(
                        "cgroup",
                        Result.FAILED,
                        "cgroup " + mode + " without " + String.join(", ", missing) + ": limits cannot be kept",
                        null);
    }

    private Check diskCheck() throws IOException {
        FileStore store = Files.getFileStore(data);
        long free = store.getUsableSpace();
        String detail = (free >> 20) + " MiB free below " + data;
        return free >= LITTLE_DISK_BYTES
                ? new Check("disk", Result.OK, detail, null)
                : new Check("disk", Result.WARNING, detail + ", which few images fit into", null);
    }

    private static Check namespaceCheck() throws IOException {
        Path limit = Path.of("/proc/sys/user/max_user_namespaces");
        boolean allowed =
                !Files.exists(limit) || !Files.readString(limit).strip().equals("0");
        return allowed
                ? new Check("user namespaces", Result.OK, "every container gets an id range of its own", null)
                : new Check(
                        "user namespaces",
                        Result.FAILED,
                        "the kernel allows none",
                        "sysctl -w user.max_user_namespaces=15000");
    }

    static Check seccompCheck(boolean present) {
        return present
                ? new Check("libseccomp", Result.OK, "system calls are filtered", null)
                : new Check(
                        "libseccomp",
                        Result.FAILED,
                        "libseccomp.so.2 is not installed: no container can be started",
                        "apt-get install libseccomp2");
    }

    /** For information: no container depends on it. */
    static Check appArmorCheck(Path enabled) throws IOException {
        boolean on = Files.exists(enabled) && Files.readString(enabled).strip().equals("Y");
        return new Check("AppArmor", Result.OK, on ? "is on" : "is not on; no container depends on it", null);
    }

    /** @param swaps lines of /proc/swaps, the first of which is a heading */
    static Check swapCheck(boolean counted, List<String> swaps) {
        if (counted) {
            return new Check("swap", Result.OK, "is counted and limited for each container", null);
        }
        return swaps.size() > 1
                ? new Check(
                        "swap",
                        Result.WARNING,
                        "the kernel does not count swap: containers may use the host's beyond their limits, and one that"
                                + " asks for swap is refused",
                        "boot with swapaccount=1, or swapoff --all")
                : new Check(
                        "swap",
                        Result.OK,
                        "the host has none, and the kernel does not count it: a container that asks for swap is refused",
                        null);
    }

    private static List<String> addresses() throws IOException {
        List<String> found = new ArrayList<>();
        for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            if (!each.isUp() || each.isLoopback() || carriesContainers(each.getName())) {
                continue;
            }
            for (InetAddress address : Collections.list(each.getInetAddresses())) {
                String text = shown(address);
                if (text != null) {
                    found.add(text);
                }
            }
        }
        return found;
    }

    private static boolean carriesContainers(String name) {
        return name.startsWith("fl-")
                || name.startsWith("docker")
                || name.startsWith("br-")
                || name.startsWith("veth")
                || name.startsWith("cni")
                || name.startsWith("virbr");
    }

    private static @Nullable String shown(InetAddress address) {
        return address.isLinkLocalAddress() ? null : address.getHostAddress();
    }
}
