package io.flotilla.e2e.bench;

import io.flotilla.protocol.AllocationSpec.Network;
import io.flotilla.protocol.PortMapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code e2e/bench engine}: create, start, exit, delete of /bin/true, ours beside others'. */
final class EngineBench {

    private static final int RUNS = 20;

    private EngineBench() {}

    /** Arguments: the directory with the C sources, then {@code --json}, {@code --runs=N}, {@code --ours} (no peers). */
    public static void main(String[] arguments) throws Exception {
        List<String> options = List.of(arguments).subList(1, arguments.length);
        try (var bench = new Workbench(Path.of(arguments[0]));
                var ours = bench.inNamespace(() -> new Ours(bench.directory, bench.image))) {
            var candidates = candidates(bench, ours, !options.contains("--ours"));
            try {
                Figures.print(Figures.measure(candidates, Figures.runs(options, RUNS)), options);
            } finally {
                for (Candidate candidate : candidates.reversed()) {
                    candidate.close();
                }
            }
        }
    }

    private static List<Candidate> candidates(Workbench bench, Ours ours, boolean peers) throws Exception {
        var port = List.of(new PortMapping(80, null, PortMapping.Protocol.TCP));
        var candidates = new ArrayList<Candidate>();
        candidates.add(Peers.floor(bench));
        candidates.add(ours.candidate("flotilla in the agent, no network", Network.NONE, List.of()));
        candidates.add(ours.candidate("flotilla in the agent, bridge", Network.BRIDGE, List.of()));
        candidates.add(ours.candidate("flotilla in the agent, bridge and a published port", Network.BRIDGE, port));
        if (!peers) {
            return candidates;
        }
        Peers.runc(bench).ifPresent(candidates::add);
        Peers.crun(bench).ifPresent(candidates::add);
        candidates.addAll(Peers.docker(bench));
        return candidates;
    }
}
