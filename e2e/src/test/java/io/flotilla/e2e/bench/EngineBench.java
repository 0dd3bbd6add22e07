package io.flotilla.e2e.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code e2e/bench engine}: create, start, exit, delete of /bin/true, ours beside others'. */
final class EngineBench {

    private static final int RUNS = 20;

    private EngineBench() {}

    /** Arguments: the directory with the C sources, then {@code --json} and {@code --runs=N}. */
    public static void main(String[] arguments) throws Exception {
        List<String> options = List.of(arguments).subList(1, arguments.length);
        int runs = options.stream()
                .filter(option -> option.startsWith("--runs="))
                .mapToInt(option -> Integer.parseInt(option.substring("--runs=".length())))
                .findFirst()
                .orElse(RUNS);
        var candidates = new ArrayList<Candidate>();
        try (var bench = new Workbench(Path.of(arguments[0]))) {
            try {
                candidates.add(Peers.floor(bench));
                Peers.runc(bench).ifPresent(candidates::add);
                Peers.crun(bench).ifPresent(candidates::add);
                candidates.addAll(Peers.docker(bench));
                var lines = Figures.measure(candidates, runs);
                System.out.print(options.contains("--json") ? Figures.json(lines) + "\n" : Figures.table(lines));
            } finally {
                for (Candidate candidate : candidates.reversed()) {
                    candidate.close();
                }
            }
        }
    }
}
