package io.flotilla.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CliTest {

    /** Every command below the root, as it is typed. */
    static Stream<List<String>> commands() {
        return below(List.of(), Cli.commandLine());
    }

    private static Stream<List<String>> below(List<String> parents, CommandLine line) {
        return line.getSubcommands().entrySet().stream().flatMap(entry -> {
            List<String> typed =
                    Stream.concat(parents.stream(), Stream.of(entry.getKey())).toList();
            return Stream.concat(Stream.of(typed), below(typed, entry.getValue()));
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItselfBeforeItAsksForAnything(List<String> typed) {
        Stream<String> line = Stream.concat(typed.stream(), Stream.of("--help"));
        assertThat(Cli.commandLine().execute(line.toArray(String[]::new))).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"foo", "127.0.0.1:8080", "ftp://127.0.0.1", "https:///ps"})
    void namesAServerThatIsNoAddressOfOne(String server) {
        StringWriter errors = new StringWriter();
        CommandLine line = Cli.commandLine().setErr(new PrintWriter(errors, true));
        assertThat(line.execute("ps", "--server", server, "--token", "x")).isNotZero();
        assertThat(errors.toString()).contains("--server").contains(server);
    }
}
