package io.flotilla.e2e.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code e2e/bench oci}: what each call of our OCI runtime costs an engine, start of the process included, beside runc's. */
final class OciBench {

    private static final int RUNS = 20;

    private OciBench() {}

    /** A runtime's command line, and the bundles of a program that ends at once and of one that does not. */
    private record Called(String name, List<String> command, Path ends, Path stays, String id) {

        List<String> line(String... arguments) {
            List<String> line = new ArrayList<>(command);
            line.addAll(List.of(arguments));
            return line;
        }

        void start() throws IOException {
            // A container that stays keeps its caller's output open, which would be waited for.
            String detach = String.join(" ", line("run", "--detach", "--bundle", stays.toString(), id));
            Workbench.output("sh", "-c", detach + " </dev/null >/dev/null 2>&1");
        }

        void delete() throws IOException {
            Workbench.output(line("delete", "--force", id).toArray(String[]::new));
        }

        Candidate state(Workbench bench) {
            return Peers.command(name + " state", bench, line("state", id));
        }

        Candidate exec(Workbench bench) {
            return Peers.command(name + " exec /bin/true", bench, line("exec", id, "/bin/true"));
        }

        Candidate run(Workbench bench) {
            return Peers.command(name + " run /bin/true", bench, line("run", "--bundle", ends.toString(), id + "-run"));
        }
    }

    /** Arguments as {@link EngineBench}'s. */
    public static void main(String[] arguments) throws Exception {
        List<String> options = List.of(arguments).subList(1, arguments.length);
        try (var bench = new Workbench(Path.of(arguments[0]))) {
            List<Called> runtimes = runtimes(bench);
            try {
                var candidates = new ArrayList<Candidate>();
                for (Called runtime : runtimes) {
                    runtime.start();
                }
                runtimes.forEach(runtime -> candidates.add(runtime.state(bench)));
                runtimes.forEach(runtime -> candidates.add(runtime.exec(bench)));
                runtimes.forEach(runtime -> candidates.add(runtime.run(bench)));
                Figures.print(Figures.measure(candidates, Figures.runs(options, RUNS)), options);
            } finally {
                for (Called runtime : runtimes) {
                    runtime.delete();
                }
            }
        }
    }

    private static List<Called> runtimes(Workbench bench) throws IOException {
        String agent =
                Path.of("../node-agent/target/flotilla-agent").toRealPath().toString();
        Workbench.output(agent, "oci", "warm-up"); // as after an installation
        Path ends = bundle(bench, agent, "ends", "/bin/true");
        Path stays = bundle(bench, agent, "stays", "/bin/busybox", "sleep", "1000");
        String id = "flotilla-bench-" + ProcessHandle.current().pid();
        var runtimes = new ArrayList<Called>();
        if (Workbench.find("runc").isPresent()) {
            String root = bench.directory.resolve("runc").toString();
            runtimes.add(new Called("runc", List.of("runc", "--root", root), ends, stays, id + "-runc"));
        }
        String root = bench.directory.resolve("oci").toString();
        runtimes.add(new Called("flotilla-agent oci", List.of(agent, "oci", "--root", root), ends, stays, id));
        return runtimes;
    }

    private static Path bundle(Workbench bench, String agent, String name, String... program) throws IOException {
        Path bundle = Files.createDirectories(bench.directory.resolve(name));
        Workbench.output(agent, "oci", "spec", "--bundle", bundle.toString());
        Path config = bundle.resolve("config.json");
        var spec = (ObjectNode) JsonMapper.shared().readTree(Files.readString(config));
        var process = (ObjectNode) spec.get("process");
        process.put("terminal", false);
        List.of(program).forEach(process.putArray("args")::add);
        ((ObjectNode) spec.get("root")).put("path", bench.image.toString());
        Files.writeString(config, JsonMapper.shared().writeValueAsString(spec));
        return bundle;
    }
}
