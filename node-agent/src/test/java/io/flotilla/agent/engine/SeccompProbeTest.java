package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.DockerDaemon;
import io.flotilla.agent.oci.Allocations;
import io.flotilla.protocol.AllocationSpec;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Every system call, tried in a container of ours and in one of a Docker daemon started for it: what differs stands, with
 * its reason, in {@code docker-differences}.
 */
class SeccompProbeTest {

    private static final int EPERM = 1;
    private static final int ENOSYS = 38;

    private static byte[] resource(String name) throws Exception {
        try (InputStream in = SeccompProbeTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return in == null ? new byte[0] : in.readAllBytes();
        }
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
        return output;
    }

    /** Call numbers and how they are answered: refused, unknown, or let through to the kernel. */
    private static Map<Integer, String> answers(String output) {
        Map<Integer, String> answers = new TreeMap<>();
        for (String line : output.lines().filter(l -> l.startsWith("call ")).toList()) {
            String[] fields = line.split(" ", -1);
            int answer = Integer.parseInt(fields[2]);
            answers.put(
                    Integer.parseInt(fields[1]), answer == EPERM ? "EPERM" : answer == ENOSYS ? "ENOSYS" : "allowed");
        }
        assertThat(answers).hasSize(480);
        return answers;
    }

    @Test
    void answersEveryCallAsDockerDoesButForWhatIsExplained() throws Exception {
        assumeTrue(DockerDaemon.installed(), "docker.io is not installed");
        TestNode node = new TestNode();
        try {
            Path work = Files.createDirectories(node.paths.data().resolve("probe/root"));
            Path source = Files.write(work.resolveSibling("probe.c"), resource("probe.c"));
            run(List.of("gcc", "-static", "-O1", "-o", work.resolve("probe").toString(), source.toString()));
            Map<Integer, String> docker = answers(inDocker(work));
            Path layer = node.image.layers().getFirst();
            Files.copy(work.resolve("probe"), layer.resolve("bin/probe"));
            Map<Integer, String> ours = answers(inFlotilla(node));
            List<String> differences = new ArrayList<>();
            ours.forEach((call, answer) -> {
                if (!answer.equals(docker.get(call))) {
                    differences.add(call + " " + answer + " " + docker.get(call));
                }
            });
            List<String> explained = new String(resource("docker-differences"), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" {2,}", 2)[0])
                    .toList();
            // Older kernels lack the newest calls, which then are ENOSYS in both.
            assertThat(explained).containsAll(differences);
        } finally {
            node.close();
        }
    }

    private static String inFlotilla(TestNode node) throws Exception {
        AllocationSpec spec = Allocations.of()
                .resources(2000, 128 << 20, 512)
                .command(List.of("/bin/probe"))
                .build();
        var id = node.start(spec);
        node.awaitExit(id);
        return node.log(id);
    }

    private static String inDocker(Path root) throws Exception {
        Path home = Files.createTempDirectory("fspecd");
        try (DockerDaemon docker = DockerDaemon.start(home, "--bridge=none", "--iptables=false")) {
            TestNode.await(docker::listens);
            run(List.of(
                    "sh",
                    "-c",
                    "tar -C " + root + " -c . | " + String.join(" ", docker.command("import", "-", "probe"))));
            return run(docker.command("run", "--rm", "--network=none", "probe", "/probe"));
        } finally {
            PrivateFiles.remove(home);
        }
    }
}
