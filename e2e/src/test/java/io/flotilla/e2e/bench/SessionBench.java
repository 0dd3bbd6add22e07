package io.flotilla.e2e.bench;

import io.flotilla.e2e.Flotilla;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code e2e/bench session}: from a request to a running container with its image present, through the API, in the
 * browser's page and from the command line, to a program's end and to a shell's prompt, beside docker's command line.
 */
final class SessionBench {

    private static final int RUNS = 20;

    private SessionBench() {}

    /** Arguments: the directory with the C sources, then {@code --json}, {@code --runs=N}, {@code --ours} (no peers). */
    public static void main(String[] arguments) throws Exception {
        List<String> options = List.of(arguments).subList(1, arguments.length);
        try (var bench = new Workbench(Path.of(arguments[0]));
                var flotilla = Flotilla.up();
                var launches = new Launches(flotilla)) {
            var candidates = new ArrayList<Candidate>();
            candidates.add(launches.untilRunning());
            candidates.add(launches.untilShown());
            candidates.add(launches.fromEventToPage());
            candidates.add(Peers.command(
                    "flotilla run, from the command line, bridge",
                    bench,
                    flotilla.script("run", "flotilla/sample", "true")));
            Workbench.output(flotilla.script("image", "import", bench.archive().toString(), "--name", "flotilla/bench")
                    .toArray(String[]::new));
            candidates.add(Prompt.of(
                    "flotilla run -it, to the shell's prompt",
                    flotilla.script("run", "-it", "flotilla/bench", "/bin/sh")));
            if (!options.contains("--ours")) {
                candidates.addAll(Peers.docker(bench));
            }
            try {
                Figures.print(Figures.measure(candidates, Figures.runs(options, RUNS)), options);
            } finally {
                for (Candidate candidate : candidates.reversed()) {
                    candidate.close();
                }
            }
        }
    }
}
