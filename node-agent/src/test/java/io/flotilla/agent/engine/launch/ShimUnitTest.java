package io.flotilla.agent.engine.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compiles the shim's parts with the sanitizers and runs their C tests. */
class ShimUnitTest {

    @TempDir
    Path directory;

    @Test
    void partsOfTheShimPassTheirTestsUnderAddressAndUndefinedBehaviorSanitizers() throws Exception {
        Path module = Path.of("").toAbsolutePath();
        Path sources = module.resolve("src/main/c/shim");
        assumeTrue(Files.isDirectory(sources), "needs the module's directory as the working directory");
        Path program = directory.resolve("shim_test");
        List<String> command = new ArrayList<>(List.of(
                "cc",
                "-std=c11",
                "-g",
                "-O1",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-Wconversion",
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
                "-I" + sources,
                "-o",
                program.toString(),
                module.resolve("src/test/c/shim_test.c").toString()));
        for (String part : List.of("failure", "log", "note", "paths", "plan", "record")) {
            command.add(sources.resolve(part + ".c").toString());
        }
        assertThat(run(command)).isEmpty();
        Path work = Files.createDirectory(directory.resolve("work"));
        assertThat(run(List.of(program.toString(), work.toString())))
                .contains("ok: ")
                .doesNotContain("FAILED", "ERROR");
    }

    @ParameterizedTest
    @ValueSource(strings = {"musl-gcc", "gcc"})
    void shimIsBuiltWithEitherCLibrary(String compiler) throws Exception {
        assumeTrue(onPath(compiler), "needs " + compiler);
        Path shim = directory.resolve("flotilla-shim");
        String script = Path.of("src/main/c/build.sh").toAbsolutePath().toString();
        assertThat(run(List.of("env", "CC=" + compiler, "sh", script, shim.toString())))
                .isEmpty();
        assertThat(shim).isExecutable();
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
