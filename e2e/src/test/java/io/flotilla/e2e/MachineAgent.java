package io.flotilla.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The agent of a {@link Machine}, as a systemd unit there, with a control plane on this side. A failed step shows the
 * unit's journal and the machine's console.
 */
final class MachineAgent implements AutoCloseable {

    private static final String IMAGE = "flotilla/busybox:machine";
    private static final String UNIT = "flotilla-agent.service";
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final Flotilla flotilla;
    private final Machine machine;
    private final Api api;

    private MachineAgent(Flotilla flotilla, Machine machine) {
        this.flotilla = flotilla;
        this.machine = machine;
        this.api = flotilla.admin();
    }

    /** Makes the machine a node by the line that the control plane prints, which also installs and starts the unit. */
    static MachineAgent join(Flotilla flotilla, Machine machine) throws IOException {
        MachineAgent agent = new MachineAgent(flotilla, machine);
        try (Images images = Images.open()) {
            Path archive = images.busybox("localhost/busybox:machine");
            flotilla.command("image", "import", archive.toString(), "--name", IMAGE)
                    .success();
        }
        Path program = Flotilla.ROOT.resolve("node-agent/target/flotilla-agent");
        // The line names the address at which this side listens; the machine sees its loopback under another one.
        String line = flotilla.command("join-line")
                .success()
                .strip()
                .replaceFirst("^flotilla-agent", program.toString())
                .replace("127.0.0.1", Machine.HOST)
                .replace("localhost", Machine.HOST);
        agent.inside(line);
        agent.step(() -> Await.until(
                "the node to be online",
                DEADLINE,
                () -> agent.api.items("/api/v1/nodes"),
                nodes -> nodes.size() == 1
                        && nodes.getFirst().get("status").asString().equals("online")));
        return agent;
    }

    /** Launches a shell script and returns the id of its one allocation. */
    String launch(String name, String kind, String memory, String script) {
        String workload = api.post(
                        "/api/v1/workloads",
                        Map.of(
                                "name",
                                name,
                                "kind",
                                kind,
                                "image",
                                IMAGE,
                                "restart",
                                "never",
                                "resources",
                                Map.of("cpu", 0.25, "memory", memory),
                                "command",
                                List.of("/bin/sh", "-c", script)))
                .expect(201)
                .get("id")
                .asString();
        return step(() -> Await.until(
                        "an allocation of " + name,
                        DEADLINE,
                        () -> api.items("/api/v1/allocations?workload=" + workload),
                        all -> !all.isEmpty()))
                .getFirst()
                .get("id")
                .asString();
    }

    JsonNode await(String allocation, String status) {
        return step(() -> Await.until(
                "allocation " + allocation + " to be " + status,
                DEADLINE,
                () -> api.get("/api/v1/allocations/" + allocation),
                now -> now.get("status").asString().equals(status)));
    }

    /** Runs a script in the container, as soon as there is a session over which to do that, and returns its output. */
    String exec(String allocation, String script) {
        return step(() -> Await.until(
                        "a process in " + allocation,
                        DEADLINE,
                        () -> flotilla.command("exec", allocation, "/bin/sh", "-c", script),
                        done -> done.status() == 0))
                .output();
    }

    /** Process id and start time of a container's first process; fails when that process is not there any more. */
    String life(String allocation) {
        return inside(record(allocation) + """
                start=$(sed -n 's/^start //p' $record)
                [ "$(cut -d' ' -f22 /proc/$pid/stat)" = "$start" ] || { echo "process $pid has gone"; exit 1; }
                echo $pid since $start
                """);
    }

    /** Runs a script in the directory of a container's control group. */
    String group(String allocation, String script) {
        return inside(record(allocation) + "cd /sys/fs/cgroup$(cut -d: -f3 /proc/$pid/cgroup)\n" + script);
    }

    private static String record(String allocation) {
        return "set -e; record=$(echo /run/flotilla/*/c/" + allocation
                + "-1/record)\npid=$(sed -n 's/^pid //p' $record)\n";
    }

    /** kill -9 of the agent's own process, upon which systemd starts the next one by itself. */
    void killTheProgram() {
        renew("systemctl kill --signal=KILL --kill-whom=main " + UNIT);
    }

    /** Rereads all units, too, upon which systemd puts right what it thinks is its own in the control groups. */
    void restartTheUnit() {
        renew("systemctl daemon-reload && systemctl restart " + UNIT);
    }

    void stopTheUnitAndStartIt() {
        renew("systemctl stop " + UNIT + " && ! systemctl --quiet is-active " + UNIT + " && systemctl daemon-reload"
                + " && systemctl start " + UNIT);
    }

    /** Waits until an agent that was not there before says that it has found one container and has a session. */
    private void renew(String script) {
        String before = mainProcess();
        inside(script);
        step(() -> Await.until(
                "the next agent to find the container",
                DEADLINE,
                () -> {
                    String now = mainProcess();
                    return now.equals("0") || now.equals(before) ? "" : inside("journalctl --no-pager _PID=" + now);
                },
                journal -> journal.contains("with 1 containers found") && journal.contains(" open")));
    }

    private String mainProcess() {
        return inside("systemctl show --property=MainPID --value " + UNIT).strip();
    }

    /** The numbers that a container counted aloud, one a line and in the order of its log. */
    List<Integer> counted(String allocation) {
        return flotilla.command("logs", allocation)
                .success()
                .lines()
                .map(Integer::valueOf)
                .toList();
    }

    private String inside(String script) {
        return step(() -> machine.run(DEADLINE, script).success());
    }

    private interface Work<T> {
        T run();
    }

    private <T> T step(Work<T> work) {
        try {
            return work.run();
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + story(), e);
        }
    }

    private String story() {
        try {
            return machine.run(
                                    Duration.ofMinutes(1),
                                    "systemctl status --no-pager --full " + UNIT + "; journalctl --no-pager -n 150")
                            .output()
                    + "\nThe console: " + machine.console();
        } catch (AssertionError e) {
            return "The machine does not answer: " + e.getMessage() + "\nThe console: " + machine.console();
        }
    }

    /** Takes the containers away, since a later agent of this machine would find them. */
    @Override
    public void close() {
        machine.run(
                DEADLINE,
                "systemctl stop " + UNIT + "; systemctl list-units --plain --no-legend 'flotilla-*-containers.service'"
                        + " | cut -d' ' -f1 | xargs -r systemctl stop");
    }
}
