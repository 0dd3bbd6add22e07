package io.flotilla.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Another host: a network namespace with a cable to this one, an agent of its own and a data directory of its own. It
 * shares the kernel and the cgroup file systems, as several agents on one machine do.
 */
final class SecondHost implements AutoCloseable {

    private static final String SUBNET = "10.213.77.";

    private final String name;
    private final Path data;
    private final List<Process> programs = new ArrayList<>();

    private SecondHost(String name, Path data) {
        this.name = name;
        this.data = data;
    }

    static SecondHost boot() {
        try {
            SecondHost host = new SecondHost(
                    "fl-e2e-" + ProcessHandle.current().pid(), Files.createTempDirectory("flotilla-e2e-host-"));
            ip("netns", "add", host.name);
            ip("link", "add", "fl-e2e-cable", "type", "veth", "peer", "name", "uplink", "netns", host.name);
            ip("addr", "add", host.gateway() + "/24", "dev", "fl-e2e-cable");
            ip("link", "set", "fl-e2e-cable", "up");
            ip("-n", host.name, "addr", "add", host.address() + "/24", "dev", "uplink");
            ip("-n", host.name, "link", "set", "uplink", "up");
            ip("-n", host.name, "link", "set", "lo", "up");
            ip("-n", host.name, "route", "add", "default", "via", host.gateway());
            return host;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void ip(String... arguments) {
        List<String> line = new ArrayList<>(List.of("ip"));
        line.addAll(List.of(arguments));
        Command.run(line.toArray(String[]::new)).success();
    }

    /** The address at which this machine is reached from the other host. */
    String gateway() {
        return SUBNET + "1";
    }

    /** The other host's own address. */
    String address() {
        return SUBNET + "2";
    }

    /** Joins by the line that the control plane printed; where there is no systemd, the same command then runs the agent. */
    void join(String joinLine) {
        List<String> words = new ArrayList<>(List.of(joinLine.strip().split(" +", -1)));
        words.set(0, agentProgram());
        words.addAll(List.of("--data", data.toString()));
        run(words.toArray(String[]::new));
    }

    /** A program on this host that ends with it. */
    void run(String... line) {
        programs.add(start(line));
    }

    private Process start(String... line) {
        try {
            return new ProcessBuilder(inside(List.of(line)))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            data.resolve("agent.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String agentProgram() {
        return Flotilla.ROOT.resolve("node-agent/target/flotilla-agent").toString();
    }

    private List<String> inside(List<String> line) {
        // Not "ip netns exec": that hides the control groups behind a new /sys.
        List<String> all = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + name));
        all.addAll(line);
        return all;
    }

    /** Kills the agent, every shim and every container of it at once, and pulls the cable: the host is gone. */
    void die() {
        ip("-n", name, "link", "set", "uplink", "down");
        kill(Flotilla.processes("io.flotilla.agent", data.toString()));
        kill(processesInSlice());
    }

    private List<Long> processesInSlice() {
        try {
            String node8 = Files.readString(data.resolve("agent/node8")).strip();
            try (Stream<Path> files = Files.walk(Path.of("/sys/fs/cgroup"), 8)) {
                return files.filter(file -> file.endsWith("cgroup.procs")
                                && file.toString().contains("flotilla-" + node8 + ".slice"))
                        .flatMap(SecondHost::lines)
                        .map(Long::parseLong)
                        .distinct()
                        .toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    private static void kill(List<Long> pids) {
        pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }

    @Override
    public void close() {
        kill(Flotilla.processes("io.flotilla.agent", data.toString()));
        programs.forEach(Process::destroyForcibly);
        Command purge = Command.run(agentProgram(), "purge", "--data", data.toString(), "--delete-data");
        Command.run("ip", "netns", "del", name);
        Command.run("ip", "link", "del", "fl-e2e-cable");
        purge.success();
        Registry.deleteTree(data);
    }
}
