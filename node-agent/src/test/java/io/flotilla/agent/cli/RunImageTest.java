package io.flotilla.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class RunImageTest {

    private static Map<String, Object> body(String... line) {
        CommandLine root = Cli.commandLine();
        root.parseArgs(Stream.concat(Stream.of("run"), Stream.of(line)).toArray(String[]::new));
        RunImage parsed =
                Objects.requireNonNull(root.getSubcommands().get("run")).getCommand();
        return parsed.body();
    }

    @Test
    void everyOptionReachesTheBodyOfTheLaunch() {
        Map<String, Object> body =
                body(("-d -t -i --name web --team crew --replicas 2 --restart on-failure --singleton --cpus 0.5 -m 1.5g"
                                + " --memory-reservation 512m --memory-swap 2g --cpu-shares 512 --pids-limit 64 -e A=b=c"
                                + " -e EMPTY= -p 8080:80 -p 53/udp -u 1000:1000 -w /srv --hostname box --network bridge"
                                + " --userns host --read-only --cap-add NET_ADMIN --cap-drop CHOWN,KILL"
                                + " --stop-signal SIGINT --stop-timeout 2.5 --constraint disk=ssd --constraint zone=a"
                                + " --entrypoint [\"sh\",\"-c\"] nginx --not-ours @x")
                        .split(" "));
        assertThat(body)
                .containsOnly(
                        Map.entry("name", "web"),
                        Map.entry("team", "crew"),
                        Map.entry("kind", "service"),
                        Map.entry("image", "nginx"),
                        Map.entry("tty", true),
                        Map.entry("stdin", true),
                        Map.entry("replicas", 2),
                        Map.entry("restart", "on-failure"),
                        Map.entry("singleton", true),
                        Map.entry(
                                "resources",
                                Map.of(
                                        "cpu", new java.math.BigDecimal("0.5"),
                                        "cpuShares", 512L,
                                        "memory", 1_610_612_736L,
                                        "memoryReservation", 536_870_912L,
                                        "swap", 536_870_912L,
                                        "pids", 64L)),
                        Map.entry("env", Map.of("A", "b=c", "EMPTY", "")),
                        Map.entry(
                                "ports",
                                List.of(
                                        Map.of("container", 80, "host", 8080, "protocol", "tcp"),
                                        Map.of("container", 53, "protocol", "udp"))),
                        Map.entry("user", "1000:1000"),
                        Map.entry("workingDir", "/srv"),
                        Map.entry("hostName", "box"),
                        Map.entry("network", "bridge"),
                        Map.entry("userns", "host"),
                        Map.entry("readOnlyRootfs", true),
                        Map.entry("capAdd", List.of("NET_ADMIN")),
                        Map.entry("capDrop", List.of("CHOWN", "KILL")),
                        Map.entry("stopSignal", "SIGINT"),
                        Map.entry("stopGraceMillis", 2500L),
                        Map.entry("constraints", Map.of("disk", "ssd", "zone", "a")),
                        Map.entry("command", List.of("sh", "-c")),
                        Map.entry("args", List.of("--not-ours", "@x")));
    }

    @Test
    void whatIsNotGivenIsLeftToTheControlPlane() {
        assertThat(body("--name", "once", "nginx"))
                .containsOnly(
                        Map.entry("name", "once"),
                        Map.entry("kind", "job"),
                        Map.entry("image", "nginx"),
                        Map.entry("tty", false),
                        Map.entry("stdin", true),
                        Map.entry("restart", "never"));
    }

    @Test
    void aJobThatIsLeftBehindIsStillAJob() {
        assertThat(body("-d", "--job", "--no-command", "nginx"))
                .containsEntry("kind", "job")
                .containsEntry("args", List.of())
                .doesNotContainKey("restart");
    }

    @ParameterizedTest
    @CsvSource({"no, never", "unless-stopped, always", "never, never", "always, always"})
    void takesDockersWordsForRestarts(String given, String policy) {
        assertThat(body("-d", "--restart", given, "nginx")).containsEntry("restart", policy);
    }

    @ParameterizedTest
    @CsvSource({
        "64Mi, 67108864",
        "512m, 536870912",
        "1.5g, 1610612736",
        "1.5 GiB, 1610612736",
        "300kb, 307200",
        "100, 100",
        "5b, 5"
    })
    void readsSizesAsDockerAndTheApiWriteThem(String given, long bytes) {
        assertThat(SizeArgument.bytes("--memory", given)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -m,lots,nginx | --memory "lots" is not a size
            -m,1g,--memory-swap,512m,nginx | --memory-swap 512m is less than --memory 1g
            --memory-swap,512m,nginx | --memory-swap needs --memory
            --replicas,2,nginx | need -d
            -d,--no-command,nginx,top | --no-command and a command cannot be combined
            -d,--entrypoint,[sh,nginx | --entrypoint [sh is no list of words
            """)
    void namesTheOptionThatIsWrong(String line, String sentence) {
        assertThatThrownBy(() -> body(line.split(","))).hasMessageContaining(sentence);
    }
}
