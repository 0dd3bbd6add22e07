package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.engine.launch.AttachOptions;
import io.flotilla.agent.engine.launch.Session;
import io.flotilla.agent.engine.launch.SessionEvent;
import io.flotilla.agent.oci.ProcessSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code process}, and what {@code linux} says about every process, as the process itself sees it. */
@Tag("kernel")
@Timeout(180)
class SpecProcessTest {

    private static final Path PARSER = Path.of("/sbin/apparmor_parser");

    private TestBundle bundle;

    @BeforeEach
    void open() throws IOException {
        bundle = new TestBundle();
    }

    @AfterEach
    void close() throws IOException {
        bundle.close();
    }

    private static String process(String fields) {
        return "{\"process\":{" + fields + "}}";
    }

    private String status(String names, String... changes) throws IOException {
        return bundle.print("grep -E '^(" + names + ")' /proc/self/status", changes)
                .replaceAll("\\s+", " ");
    }

    @Test
    void userGroupsMaskDirectoryEnvironmentAndArgumentsAreThoseOfTheSpec() throws IOException {
        String seen = bundle.print(
                "id -u; id -g; id -G; umask; pwd; echo $COLOUR; touch /tmp/made; stat -c %a /tmp/made",
                process("\"user\":{\"uid\":1000,\"gid\":1001,\"umask\":63,\"additionalGids\":[5,2000]},"
                        + "\"cwd\":\"/tmp/new\",\"env\":[\"PATH=/bin\",\"COLOUR=red\"]"),
                "{\"mounts\":[{\"destination\":\"/tmp\",\"type\":\"tmpfs\",\"source\":\"t\",\"options\":[\"mode=1777\"]}]}");
        assertThat(seen.lines()).containsExactly("1000", "1001", "1001 5 2000", "0077", "/tmp/new", "red", "600");
        assertThat(bundle.print("umask")).isEqualTo("0022");
    }

    @Test
    void limitsAndOomScoreAreThoseOfTheSpec() throws IOException {
        assertThat(
                        bundle.print(
                                "grep -E 'open files|core|stack' /proc/self/limits | tr -s ' '; cat /proc/self/oom_score_adj",
                                process(
                                        "\"oomScoreAdj\":321,\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":200,\"hard\":300},"
                                                + "{\"type\":\"RLIMIT_CORE\",\"soft\":0,\"hard\":0},"
                                                + "{\"type\":\"RLIMIT_STACK\",\"soft\":8388608,\"hard\":18446744073709551615}]")))
                .isEqualTo("Max stack size 8388608 unlimited bytes \nMax core file size 0 0 bytes \n"
                        + "Max open files 200 300 files \n321");
    }

    @Test
    void everyCapabilitySetIsThatOfTheSpec() throws IOException {
        String sets = "\"user\":{\"uid\":1000,\"gid\":1000},\"noNewPrivileges\":false,\"capabilities\":{"
                + "\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\",\"CAP_NET_RAW\"],\"permitted\":[\"CAP_CHOWN\",\"CAP_KILL\"],"
                + "\"effective\":[\"CAP_CHOWN\"],\"inheritable\":[\"CAP_KILL\"],\"ambient\":[\"CAP_KILL\"]}";
        assertThat(status("Cap|NoNewPrivs", process(sets)))
                .isEqualTo("CapInh: 0000000000000020 CapPrm: 0000000000000020 CapEff: 0000000000000020"
                        + " CapBnd: 0000000000002021 CapAmb: 0000000000000020 NoNewPrivs: 0");
        assertThat(status("NoNewPrivs", process("\"noNewPrivileges\":true"))).isEqualTo("NoNewPrivs: 1");
    }

    @Test
    void capabilitiesThatCannotBeGrantedAreLeftOutAndWarnedOf() throws IOException {
        ProcessSpec.Capabilities asked = new ProcessSpec.Capabilities(
                List.of("CAP_CHOWN", "CAP_MADE_UP"),
                List.of("CAP_KILL"),
                List.of(),
                List.of("CAP_CHOWN"),
                List.of("CAP_CHOWN"));
        assertThat(Grants.warnings(asked, -1))
                .containsExactly(
                        "process.capabilities.bounding: not granted: CAP_MADE_UP",
                        "process.capabilities.effective: not granted: CAP_KILL",
                        "process.capabilities.ambient: not granted: CAP_CHOWN");
        bundle.shareUsers();
        String all = java.util.Arrays.stream(io.flotilla.agent.oci.Capability.values())
                .map(capability -> "\"" + capability.ociName() + "\"")
                .collect(java.util.stream.Collectors.joining(","));
        String seen = status(
                "CapBnd|CapEff",
                process("\"capabilities\":{\"bounding\":[%s],\"permitted\":[%s],\"effective\":[%s]}"
                        .formatted(all, all, all)));
        String own = "%016x".formatted(Facilities.present().capabilities());
        assertThat(seen).isEqualTo("CapEff: " + own + " CapBnd: " + own);
    }

    @Test
    void schedulerAndIoPriorityAreSetWithTheHostsPrivilegeAlsoInAUserNamespace() throws IOException {
        TestBundle.Made batch = bundle.running(process("\"scheduler\":{\"policy\":\"SCHED_BATCH\",\"nice\":-3},"
                + "\"ioPriority\":{\"class\":\"IOPRIO_CLASS_RT\",\"priority\":2}"));
        assertThat(scheduling(batch)).containsSequence("policy : 3", "prio : 117");
        assertThat(command("ionice", "-p", String.valueOf(batch.pid()))).isEqualTo("realtime: prio 2");
        TestBundle.Made idle = bundle.running(
                process(
                        "\"scheduler\":{\"policy\":\"SCHED_IDLE\","
                                + "\"flags\":[\"SCHED_FLAG_RESET_ON_FORK\"]},\"ioPriority\":{\"class\":\"IOPRIO_CLASS_IDLE\",\"priority\":0}"));
        assertThat(scheduling(idle)).contains("policy : 5");
        assertThat(command("chrt", "-p", String.valueOf(idle.pid()))).contains("SCHED_RESET_ON_FORK");
        assertThat(command("ionice", "-p", String.valueOf(idle.pid()))).startsWith("idle");
    }

    @Test
    void realTimeSchedulersHaveTheirPriorityOrTheirTimes() throws IOException {
        // Where the kernel shares real time out among groups, the container's needs some.
        String share = Files.exists(Path.of("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"))
                ? "{\"linux\":{\"resources\":{\"cpu\":{\"realtimePeriod\":1000000,\"realtimeRuntime\":10000}}}}"
                : "{}";
        TestBundle.Made fifo =
                bundle.running(process("\"scheduler\":{\"policy\":\"SCHED_FIFO\",\"priority\":7}"), share);
        assertThat(command("chrt", "-p", String.valueOf(fifo.pid())))
                .contains("policy: SCHED_FIFO")
                .contains("priority: 7");
        TestBundle.Made deadline = bundle.running(process("\"scheduler\":{\"policy\":\"SCHED_DEADLINE\","
                + "\"runtime\":1000000,\"deadline\":5000000,\"period\":10000000}"));
        assertThat(command("chrt", "-p", String.valueOf(deadline.pid())))
                .contains("policy: SCHED_DEADLINE")
                .contains("1000000/5000000/10000000");
    }

    private static List<String> scheduling(TestBundle.Made made) throws IOException {
        return Files.readAllLines(made.proc("sched")).stream()
                .map(line -> line.replaceAll("\\s+", " ").strip())
                .toList();
    }

    private static String command(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    @Test
    void personalityIsThatOfTheSpecAlsoForAProcessThatJoins() throws IOException {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the names of machines are those of amd64");
        String linux32 = "{\"linux\":{\"personality\":{\"domain\":\"LINUX32\"}}}";
        assertThat(bundle.print("uname -m", linux32)).isEqualTo("i686");
        assertThat(bundle.print("uname -m", "{\"linux\":{\"personality\":{\"domain\":\"LINUX\"}}}"))
                .isEqualTo("x86_64");
        assertThat(exec(bundle.running(linux32), "{}", "uname -m")).isEqualTo("i686");
    }

    private String exec(TestBundle.Made made, String change, String script) throws IOException {
        ProcessSpec process = bundle.spec(change, TestBundle.sh(script)).requireProcess();
        try (Session session = made.shim()
                .exec(
                        ProcessSteps.exec(
                                process,
                                made.group().directories(),
                                false,
                                Optional.empty(),
                                ProcessSteps.OfContainer.present(
                                        made.spec().requireLinux(), Optional.of(made.state()))),
                        AttachOptions.WATCH)) {
            StringBuilder output = new StringBuilder();
            while (session.next() instanceof SessionEvent.Output data) {
                output.append(StandardCharsets.UTF_8.decode(data.bytes()));
            }
            return output.toString().strip();
        }
    }

    @Test
    void memoryPolicyIsThatOfTheSpec() throws IOException {
        assumeTrue(Facilities.present().memoryPolicies(), "this kernel is built without NUMA");
        assertThat(bundle.print(
                        "head -n 1 /proc/self/numa_maps | cut -d' ' -f2",
                        "{\"linux\":{\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\","
                                + "\"flags\":[\"MPOL_F_STATIC_NODES\"]}}}"))
                .isEqualTo("bind=static:0");
        assertThatThrownBy(() ->
                        bundle.create("{\"linux\":{\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"1000\"}}}"))
                .hasMessageStartingWith("set the memory policy: EINVAL");
    }

    @Test
    void processThatJoinsHasItsOwnAffinity() throws IOException {
        TestBundle.Made made = bundle.running();
        String script = "grep Cpus_allowed_list /proc/self/status | cut -f2";
        assertThat(exec(made, process("\"execCPUAffinity\":{\"initial\":\"1\",\"final\":\"0\"}"), script))
                .isEqualTo("0");
        assertThatThrownBy(() -> exec(made, process("\"execCPUAffinity\":{\"final\":\"x\"}"), script))
                .hasMessage("process.execCPUAffinity.final: \"x\" is no list as 0-3,7");
        assertThatThrownBy(() -> exec(made, process("\"execCPUAffinity\":{\"final\":\"4000\"}"), script))
                .hasMessageStartingWith("set the processor affinity: EINVAL");
    }

    @Test
    void terminalHasTheSizeOfTheConsole() throws IOException {
        TestBundle.Made made = bundle.create(
                process("\"terminal\":true,\"consoleSize\":{\"height\":31,\"width\":97}"),
                TestBundle.sh("stty size; tty; test -c /dev/console"));
        TestBundle.Result result = bundle.run(made);
        assertThat(result.output().replace("\r", "")).isEqualTo("31 97\n/dev/pts/0\n");
        assertThat(result.code()).isZero();
    }

    @Test
    void appArmorProfileIsThatOfTheSpecOrRefusedWhereTheKernelHasNoAppArmor() throws IOException {
        String wanted = process("\"apparmorProfile\":\"flotilla-spec-test\"");
        if (!Facilities.present().appArmor()) {
            assertThatThrownBy(() -> bundle.print("true", wanted))
                    .hasMessageContaining("process.apparmorProfile")
                    .hasMessageContaining("this kernel has no AppArmor");
            return;
        }
        assumeTrue(Files.isExecutable(PARSER), "apparmor_parser (Debian package apparmor) is not installed");
        Path profile = bundle.base.resolve("profile");
        Files.writeString(
                profile,
                "profile flotilla-spec-test flags=(attach_disconnected) { file, capability, /** rwix, deny /data/** w, }\n");
        TestBundle.run(PARSER.toString(), "-r", "-K", profile.toString());
        assertThat(bundle.print("cat /proc/self/attr/current; touch /data/x 2>&1; true", wanted))
                .startsWith("flotilla-spec-test (enforce)")
                .contains("Permission denied");
        TestBundle.run(PARSER.toString(), "-R", profile.toString());
    }
}
