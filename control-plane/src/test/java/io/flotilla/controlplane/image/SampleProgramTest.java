package io.flotilla.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sample's program is built on the user's machine, by the compiler that is there. */
class SampleProgramTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"musl-gcc", "gcc"})
    void sampleIsBuiltWithEitherCLibraryAndRuns(String compiler) throws Exception {
        assumeTrue(onPath(compiler), "needs " + compiler);
        String sample = directory.resolve("sample").toString();
        String script = Path.of("src/main/c/build.sh").toAbsolutePath().toString();
        assertThat(run(List.of("env", "CC=" + compiler, "sh", script, sample))).isEmpty();
        assertThat(run(List.of(sample, "echo", "ahoy"))).isEqualTo("ahoy\n");
    }

    private static boolean onPath(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
