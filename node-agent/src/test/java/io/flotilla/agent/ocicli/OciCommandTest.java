package io.flotilla.agent.ocicli;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.agent.cgroup.CgroupLayout;
import io.flotilla.agent.cgroup.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the runtime's command line promises beyond being like runc's. */
@ExtendWith(NeedsRunc.class)
class OciCommandTest {

    @TempDir
    private Path directory;

    private TestRuntime ours;
    private Path out;
    private final String id = "box-" + Long.toString(System.nanoTime(), 36);

    @BeforeEach
    void prepare() {
        ours = TestRuntime.ours(directory);
        out = directory.resolve("out");
    }

    @AfterEach
    void leaveNothing() throws IOException, InterruptedException {
        assertThat(ours.run("delete", "--force", id).status()).isZero();
        assertThat(Cgroups.at(CgroupLayout.detect(), id).directories()).allMatch(Files::notExists);
        if (Files.exists(ours.root())) {
            assertThat(ours.root()).isEmptyDirectory();
        }
    }

    private Path bundle(String script) throws IOException {
        return TestRuntime.bundle(directory.resolve("bundle"), script, config -> {});
    }

    private int pid() throws IOException, InterruptedException {
        return ((Number) java.util.Objects.requireNonNull(ours.state(id).get("pid"))).intValue();
    }

    @Test
    void leavesNoProcessBetweenTheContainerAndItsCaller() throws Exception {
        assertThat(ours.detach(out, "create", "--bundle", bundle("sleep 60").toString(), id)
                        .status())
                .isZero();
        String parent = Files.readString(Path.of("/proc", pid() + "", "status"))
                .lines()
                .filter(line -> line.startsWith("PPid:"))
                .map(line -> line.substring(5).strip())
                .findFirst()
                .orElseThrow();
        assertThat(Files.readString(Path.of("/proc", parent, "comm")).strip()).isNotEqualTo("flotilla-shim");
        assertThat(Files.readString(Path.of("/proc", pid() + "", "oom_score_adj")))
                .isEqualTo(Files.readString(Path.of("/proc/self/oom_score_adj")));
    }

    @Test
    void keepsWhatItKnowsOfAContainerToRoot() throws Exception {
        assertThat(ours.detach(out, "create", "--bundle", bundle("true").toString(), id)
                        .status())
                .isZero();
        for (Path kept : List.of(ours.root(), ours.root().resolve(id))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                    .isEqualTo("rwx------");
        }
    }

    /** The class of CVE-2024-21626: a descriptor that leads out of the container, reached by the working directory. */
    @Test
    void startsNothingInADirectoryThatADescriptorOfTheHostLeadsTo() throws Exception {
        for (int descriptor : List.of(3, 4, 5, 6, 7, 8)) {
            String cwd = "/proc/self/fd/" + descriptor;
            Path bundle = TestRuntime.bundle(
                    directory.resolve("bundle"),
                    "pwd",
                    config -> Json.child(config, "process").put("cwd", cwd));
            TestRuntime.Result run = ours.run("run", "--bundle", bundle.toString(), id);
            assertThat(run.status()).as(cwd).isEqualTo(1);
            assertThat(run.reason()).contains("working directory " + cwd);
        }
    }

    @Test
    void saysAtTheStartWhyAProgramCannotBeExecuted() throws Exception {
        Path bundle = TestRuntime.bundle(
                directory.resolve("bundle"),
                "",
                config -> Json.child(config, "process").put("args", List.of("/bin/script")));
        Path script = Files.writeString(bundle.resolve("rootfs/bin/script"), "#!/no/interpreter\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        assertThat(ours.detach(out, "create", "--bundle", bundle.toString(), id).status())
                .isZero();
        TestRuntime.Result start = ours.run("start", id);
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.reason()).contains("/bin/script").contains("no such file or directory");
        assertThat(ours.state(id)).containsEntry("status", "stopped");
    }

    @Test
    void givesTheProgramThePreservedDescriptorsAndNoOthers() throws Exception {
        Path bundle = bundle("cat <&3; cat <&4; ls /proc/self/fd");
        Path three = Files.writeString(directory.resolve("three"), "three\n");
        Path four = Files.writeString(directory.resolve("four"), "four\n");
        Path nine = Files.writeString(directory.resolve("nine"), "nine\n");
        String command = String.join(" ", ours.command()) + " run --preserve-fds 2 --bundle " + bundle + " " + id
                + " 3<" + three + " 4<" + four + " 9<" + nine;
        Process shell = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        String said = new String(shell.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(said).isEqualTo("three\nfour\n0\n1\n2\n3\n4\n5\n"); // 5 is the directory that ls reads
        assertThat(shell.waitFor()).isZero();
    }

    @Test
    void standsBetweenTwoTerminalsInTheForeground() throws Exception {
        Path bundle = TestRuntime.bundle(
                directory.resolve("bundle"),
                "tty; exit 4",
                config -> Json.child(config, "process").put("terminal", true));
        String command = String.join(" ", ours.command()) + " run --bundle " + bundle + " " + id;
        Process script = new ProcessBuilder("script", "-qec", command, "/dev/null")
                .redirectErrorStream(true)
                .redirectInput(new java.io.File("/dev/null"))
                .start();
        String said = new String(script.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(said).contains("/dev/pts/0");
        assertThat(script.waitFor()).isEqualTo(4);
        assertThat(ours.detach(out, "create", "--bundle", bundle.toString(), id).reason())
                .contains("--console-socket");
    }

    @Test
    void tellsHooksTheStateAtTheirTime() throws Exception {
        Path told = directory.resolve("told");
        Map<String, Object> hook = Map.of(
                "path",
                "/bin/sh",
                "args",
                List.of("renamed", "-c", "cat >> " + told + "; echo \" $0 $A\" >> " + told),
                "env",
                List.of("A=b", "PATH=/bin:/usr/bin"));
        Path bundle = TestRuntime.bundle(
                directory.resolve("bundle"),
                "true",
                config -> config.put(
                        "hooks",
                        Map.of(
                                "prestart", List.of(hook),
                                "createRuntime", List.of(hook),
                                "poststart", List.of(hook),
                                "poststop", List.of(hook))));
        assertThat(ours.run("run", "--bundle", bundle.toString(), id).status()).isZero();
        List<String> lines = Files.readAllLines(told);
        assertThat(lines).hasSize(4).allMatch(line -> line.endsWith("} renamed b") && line.contains(id));
        assertThat(lines.get(0)).contains("\"status\":\"creating\"").doesNotContain("\"pid\":0");
        assertThat(lines.get(2)).contains("\"status\":\"running\"");
        assertThat(lines.get(3)).contains("\"status\":\"stopped\"");
    }

    @Test
    void makesNoContainerWhenAHookFails() throws Exception {
        Path bundle = TestRuntime.bundle(
                directory.resolve("bundle"),
                "true",
                config -> config.put("hooks", Map.of("createRuntime", List.of(Map.of("path", "/bin/false")))));
        TestRuntime.Result create = ours.detach(out, "create", "--bundle", bundle.toString(), id);
        assertThat(create.status()).isEqualTo(1);
        assertThat(create.reason())
                .contains("hooks.createRuntime[0]")
                .contains("/bin/false")
                .contains("exit code 1");
        assertThat(ours.state(id)).containsEntry("status", "\"container does not exist\"");
    }

    @Test
    void endsTheProcessWhenTheCommandIsKilledBeforeItIsReady() throws Exception {
        Path going = directory.resolve("going");
        Path bundle = TestRuntime.bundle(
                directory.resolve("bundle"),
                "true",
                config -> config.put(
                        "hooks",
                        Map.of(
                                "prestart",
                                List.of(Map.of(
                                        "path",
                                        "/bin/sh",
                                        "args",
                                        List.of("sh", "-c", "echo > " + going + "; exec sleep 5"))))));
        Process create = ours.start(Map.of(), out.toFile(), "create", "--bundle", bundle.toString(), id);
        await(() -> Files.exists(going));
        Path process = Path.of("/proc", pid() + "");
        assertThat(process).exists();
        create.destroyForcibly().waitFor();
        await(() -> Files.notExists(process));
        assertThat(ours.state(id)).containsEntry("status", "stopped");
    }

    @Test
    void refusesAGroupInWhichOthersAre() throws Exception {
        Path bundle = bundle("sleep 60");
        assertThat(ours.detach(out, "run", "--detach", "--bundle", bundle.toString(), id)
                        .status())
                .isZero();
        Path other = TestRuntime.bundle(
                directory.resolve("other"),
                "true",
                config -> Json.child(config, "linux").put("cgroupsPath", "/" + id));
        TestRuntime.Result create = ours.detach(out, "create", "--bundle", other.toString(), id + "-other");
        assertThat(create.status()).isEqualTo(1);
        assertThat(create.reason()).contains("linux.cgroupsPath").contains(id);
        assertThat(ours.state(id)).containsEntry("status", "running");
    }

    @Test
    void warnsOfFieldsThatNobodyKnows() throws Exception {
        Path bundle = TestRuntime.bundle(
                directory.resolve("bundle"),
                "true",
                config -> Json.child(config, "process").put("colour", "red"));
        TestRuntime.Result run = ours.run("run", "--bundle", bundle.toString(), id);
        assertThat(run.status()).isZero();
        assertThat(run.error()).contains("level=warning").contains("process.colour");
    }

    @Test
    void endsTheContainerWithTheCommandThatWaitsForIt() throws Exception {
        Path bundle = bundle("trap 'exit 9' TERM; echo begun; while :; do sleep 0.05; done");
        Process run = ours.start(Map.of(), out.toFile(), "run", "--bundle", bundle.toString(), id);
        await(() -> Files.readString(out).equals("begun\n"));
        Path process = Path.of("/proc", pid() + "");
        run.destroy();
        assertThat(run.waitFor()).isEqualTo(143);
        assertThat(process).doesNotExist();
        assertThat(ours.root()).isEmptyDirectory();
    }

    @Test
    void setsLimitsByOptionsAndFromAFile() throws Exception {
        assertThat(ours.detach(
                                out,
                                "run",
                                "--detach",
                                "--bundle",
                                bundle("sleep 60").toString(),
                                id)
                        .status())
                .isZero();
        assertThat(ours.run("update", "--pids-limit", "33", "--cpu-share", "512", id)
                        .status())
                .isZero();
        Path file = Files.writeString(
                directory.resolve("resources"),
                "{\"memory\":{\"limit\":104857600,\"swap\":0},\"cpu\":{\"quota\":0},\"devices\":null}");
        assertThat(ours.run("update", "--resources", file.toString(), id).status())
                .isZero();
        String stats = ours.run("events", "--stats", id).out();
        assertThat(stats)
                .contains("\"limit\":33")
                .contains("\"limit\":104857600")
                .contains("\"id\":\"" + id + "\"");
        TestRuntime.Result wrong = ours.run("update", "--memory", "much", id);
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.reason()).contains("memory").contains("much");
    }

    @Test
    void warnsOfFieldsThatItDoesNotKnowAndOfCapabilitiesThatItHasNotAndKeepsTheDocument() throws Exception {
        Path bundle = bundle("true");
        changeText(bundle, "\"process\"\\s*:\\s*\\{", "\"org.example\":{\"a\":1},\"process\":{\"colour\":\"red\",");
        changeText(bundle, "\"bounding\"\\s*:\\s*\\[", "\"bounding\":[\"CAP_MADE_UP\",");
        TestRuntime.Result create = ours.detach(out, "create", "--bundle", bundle.toString(), id);
        assertThat(create.status()).as(create.error()).isZero();
        assertThat(create.error())
                .contains("level=warning msg=\"org.example: is no field of the runtime specification\"")
                .contains("process.colour: is no field of the runtime specification")
                .contains("process.capabilities.bounding: not granted: CAP_MADE_UP");
        assertThat(Files.readString(ours.root().resolve(id).resolve("config.json")))
                .contains("org.example");
    }

    private static void changeText(Path bundle, String pattern, String replacement) throws IOException {
        Path config = bundle.resolve("config.json");
        String before = Files.readString(config);
        String after = before.replaceFirst(pattern, replacement);
        assertThat(after).isNotEqualTo(before);
        Files.writeString(config, after);
    }

    @Test
    void putsTheContainerIntoTheGroupThatTheSpecNames() throws Exception {
        Path bundle = bundle("cat /proc/self/cgroup");
        changeText(bundle, "\"linux\"\\s*:\\s*\\{", "\"linux\":{\"cgroupsPath\":\"/" + id + "/inner\",");
        assertThat(ours.detach(out, "create", "--bundle", bundle.toString(), id).status())
                .isZero();
        assertThat(Files.readAllLines(Path.of("/proc", pid() + "", "cgroup")))
                .anyMatch(line -> line.endsWith("/" + id + "/inner"));
        assertThat(ours.run("delete", "--force", id).status()).isZero();
        for (Path outer : Cgroups.at(CgroupLayout.detect(), id).directories()) {
            Files.deleteIfExists(outer);
        }
    }

    @Test
    void tellsWhatASpecMayAskFor() throws Exception {
        String features = ours.run("features").out();
        assertThat(features)
                .contains("\"ociVersionMax\" : \"1.2.1\"")
                .contains("\"mountOptions\"")
                .contains("\"tmpcopyup\"")
                .contains("\"SCMP_ACT_NOTIFY\"");
        TestRuntime.Result more = ours.run("features", "x");
        assertThat(more.status()).isEqualTo(1);
        assertThat(more.reason()).contains("takes no arguments");
    }

    @Test
    void writesASpecOnce() throws Exception {
        Path fresh = Files.createDirectories(directory.resolve("fresh"));
        assertThat(ours.run("spec", "--bundle", fresh.toString()).status()).isZero();
        assertThat(Bundle.read(fresh).spec().requireProcess().args()).containsExactly("sh");
        assertThat(ours.run("spec", "--bundle", fresh.toString()).reason()).contains("exists. Remove it first");
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
