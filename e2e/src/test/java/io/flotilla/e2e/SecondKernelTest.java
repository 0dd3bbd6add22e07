package io.flotilla.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;

/**
 * A stock 6.1 kernel with pure cgroup v2, AppArmor and systemd, in the virtual machine of {@code e2e/vm}: the engine's own
 * tests of limits, OOM kill, exec, stop and adoption once more, and a host that joins and runs the agent as a systemd unit.
 */
class SecondKernelTest {

    /** Emulation is slow, and slower on a busy machine; nothing here waits longer than it must. */
    private static final Duration LONG = Duration.ofMinutes(25);

    private static final Duration SOON = Duration.ofMinutes(5);

    private static final String LIMITS = "cat memory.max cpu.max pids.max memory.swap.max cgroup.controllers";

    private static final String ENGINE = "io.flotilla.agent.engine.";

    private static Machine machine;
    private static Flotilla flotilla;

    @BeforeAll
    static void boot() {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "virtiofsd needs root");
        machine = Machine.boot();
        flotilla = Flotilla.up("--no-agent", "--listen", "127.0.0.1:" + Flotilla.freePort());
        machine.awaitUp();
    }

    @AfterAll
    static void powerOff() {
        if (machine != null) {
            machine.close();
        }
        if (flotilla != null) {
            flotilla.close();
        }
    }

    @Test
    void isAStockKernelWithPureCgroupV2AndAppArmor() {
        String said = machine.run(
                        SOON,
                        "uname -r; stat -fc %T /sys/fs/cgroup; cat /sys/module/apparmor/parameters/enabled /proc/1/comm")
                .success();
        assertThat(said.lines())
                .satisfiesExactly(
                        release -> assertThat(release).startsWith("6.1."),
                        cgroups -> assertThat(cgroups).isEqualTo("cgroup2fs"),
                        apparmor -> assertThat(apparmor).isEqualTo("Y"),
                        init -> assertThat(init).isEqualTo("systemd"));
    }

    @Test
    void aHostThatJoinsRunsTheAgentAsAUnitWhoseContainersAreNotItsOwn() throws Exception {
        try (MachineAgent agent = MachineAgent.join(flotilla, machine)) {
            String greedy = agent.launch("greedy", "job", "16Mi", "exec tail /dev/zero");
            String survivor = agent.launch(
                    "survivor",
                    "job",
                    "64Mi",
                    "trap 'exit 7' TERM; n=0; while :; do n=$((n + 1)); echo $n; echo $n >/count; sleep 0.2; done");
            agent.await(survivor, "running");
            JsonNode killed = agent.await(greedy, "failed");
            assertThat(killed.get("oomKilled").asBoolean()).isTrue();
            assertThat(killed.get("exitCode").asInt()).isEqualTo(137);
            assertThat(agent.group(survivor, "cat memory.max cpu.max pids.max; pwd"))
                    .startsWith((64 << 20) + "\n25000 100000\n")
                    .contains(".slice/")
                    .doesNotContain("flotilla-agent.service");
            String life = agent.life(survivor);
            assertThat(agent.exec(survivor, "echo process $$; cat /proc/1/comm"))
                    .contains("process ", "sh");
            String limits = agent.group(survivor, LIMITS);
            int count = count(agent, survivor);
            for (Runnable disturbance :
                    List.<Runnable>of(agent::restartTheUnit, agent::killTheProgram, agent::stopTheUnitAndStartIt)) {
                disturbance.run();
                assertThat(agent.life(survivor)).isEqualTo(life);
                assertThat(agent.group(survivor, LIMITS)).isEqualTo(limits);
                assertThat(count(agent, survivor)).isGreaterThan(count);
                count = count(agent, survivor);
            }
            agent.exec(survivor, "kill -TERM 1");
            JsonNode ended = agent.await(survivor, "failed");
            assertThat(ended.get("exitCode").asInt()).isEqualTo(7);
            assertThat(ended.get("attempt").asInt()).isEqualTo(1);
            List<Integer> counted = agent.counted(survivor);
            assertThat(counted)
                    .hasSizeGreaterThanOrEqualTo(count)
                    .isEqualTo(IntStream.rangeClosed(1, counted.size()).boxed().toList());
        }
    }

    /** Asked of the container itself, over a session. */
    private static int count(MachineAgent agent, String allocation) {
        return Integer.parseInt(agent.exec(allocation, "cat /count").strip());
    }

    @TestFactory
    Stream<DynamicTest> theEngineAlsoWorksOnPureCgroupV2() throws Exception {
        Path agent = Flotilla.ROOT.resolve("node-agent");
        List<String> line = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(agent),
                "org.junit.platform.console.ConsoleLauncher",
                "execute",
                "--disable-banner",
                "--disable-ansi-colors",
                "--details=testfeed",
                "--reports-dir",
                machine.shared().toString(),
                "--select-class",
                "io.flotilla.agent.cgroup.HostCgroupTest",
                "--select-class",
                "io.flotilla.agent.cgroup.ResourcesTest",
                "--select-class",
                ENGINE + "SpecNamespacesTest",
                "--select-class",
                ENGINE + "SpecMountsTest",
                "--select-class",
                ENGINE + "SpecProcessTest",
                "--select-class",
                ENGINE + "SpecHooksTest",
                "--select-class",
                ENGINE + "SpecSeccompTest",
                "--select-class",
                "io.flotilla.agent.network.NetworkLifeTest",
                "--select-class",
                "io.flotilla.agent.observe.HostFactsTest"));
        for (String test : List.of(
                "AppliedStateTest#allOfAnOrdinaryContainerIsInForceAsAsked",
                "AppliedStateTest#aLimitThatSomebodyHasChangedBehindOurBackIsMarked",
                "ContainersTest#showsItsLimitsToIt",
                "ContainersTest#isolatesItFromTheHost",
                "ContainersTest#seesAKillForWantOfMemory",
                "ContainersTest#stopsForksAtThePidsLimit",
                "ContainersTest#throttlesAtTheProcessorLimit",
                "ContainersTest#asksToEndBeforeItKills",
                "ContainersTest#pausesAndResumes",
                "ContainersLifeTest#runsFurtherProcessesWithTheSameRights",
                "ContainersLifeTest#findsRunningContainersAgainAndHearsOfTheirEnd",
                "ContainersLifeTest#hearsOfEndsThatCameWhileTheAgentWasAway")) {
            line.addAll(List.of("--select-method", ENGINE + test));
        }
        // Without systemd's directory the engine makes its groups by itself; what it does beside systemd the unit
        // shows.
        String hidden = "mount -t tmpfs tmpfs /run/systemd && cd " + agent + " && exec " + String.join(" ", line);
        Command run = machine.run(LONG, "exec unshare --mount bash -c '" + hidden + "'");
        List<DynamicTest> tests = new ArrayList<>();
        for (Path report : reports(machine.shared())) {
            NodeList cases = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(report.toFile())
                    .getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                tests.add(result((Element) cases.item(i)));
            }
        }
        assertThat(tests).as(run.output() + machine.console()).hasSizeGreaterThan(20);
        assertThat(run.status()).as(run.output()).isIn(Set.of(0, 1));
        return tests.stream();
    }

    /** Only what the agent's tests need: each further jar is opened and searched, slowly. */
    private static String classPath(Path agent) {
        Pattern needed =
                Pattern.compile("/node-agent/|flotilla-(protocol|node-agent)|/(junit|opentest4j|apiguardian|open-test"
                        + "|assertj|byte-buddy|jnr|jffi|asm|jackson|jspecify|commons|zstd|failsafe|picocli)[^/]*$");
        return Stream.concat(
                        Stream.of(agent.resolve("target/test-classes").toString()),
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                                .filter(needed.asPredicate()))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static List<Path> reports(Path out) throws IOException {
        try (Stream<Path> files = Files.list(out)) {
            return files.filter(file -> file.toString().endsWith(".xml")).toList();
        }
    }

    private static DynamicTest result(Element test) {
        String name = test.getAttribute("classname") + "." + test.getAttribute("name");
        for (String bad : List.of("failure", "error")) {
            NodeList found = test.getElementsByTagName(bad);
            if (found.getLength() > 0) {
                String why = found.item(0).getTextContent();
                return DynamicTest.dynamicTest(name, () -> {
                    throw new AssertionError(why);
                });
            }
        }
        NodeList skipped = test.getElementsByTagName("skipped");
        String reason = skipped.getLength() > 0 ? skipped.item(0).getTextContent() : null;
        return DynamicTest.dynamicTest(
                name, () -> Assumptions.assumeTrue(reason == null, () -> "in the machine: " + reason));
    }
}
