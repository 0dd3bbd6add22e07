package io.flotilla.agent.engine;

import io.flotilla.agent.oci.Allocations;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.protocol.AllocationSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** An agent in a JVM of its own, which leads one container through its life unless it is killed on the way. */
final class StartingAgent implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;
    private final Writer input;

    private StartingAgent(Process process) {
        this.process = process;
        output = process.inputReader();
        input = process.outputWriter();
    }

    /** Exits with 7 at once. */
    static AllocationSpec spec(UUID allocation) {
        return Allocations.of()
                .id(allocation)
                .network(AllocationSpec.Network.BRIDGE)
                .command(List.of("sh", "-c", "exit 7"))
                .build();
    }

    /** Arguments: the node's directory, its name of eight digits, the allocation's id. */
    public static void main(String[] arguments) throws Exception {
        TestNode node = new TestNode(Path.of(arguments[0]), arguments[1]);
        System.out.println(KillAt.thisThread());
        if (System.in.read() < 0) {
            return;
        }
        AllocationSpec spec = spec(UUID.fromString(arguments[2]));
        ContainerId id = node.start(spec);
        node.awaitExit(id);
        node.containers.remove(id);
        node.containers.removeAllocation(spec.allocationId());
        System.exit(0);
    }

    static StartingAgent run(TestNode node, UUID allocation) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                StartingAgent.class.getName(),
                node.directory().toString(),
                node.paths.node8(),
                allocation.toString()));
        return new StartingAgent(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Waits until it could start the container; the thread that will. */
    long thread() throws IOException {
        return Long.parseLong(String.valueOf(output.readLine()));
    }

    /** Lets it start the container, and waits for its end or death. */
    void go() throws IOException, InterruptedException {
        input.write("go\n");
        input.flush();
        process.waitFor();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
    }
}
