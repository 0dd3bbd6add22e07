package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.kernel.SeccompLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code linux.seccomp}, as the container's system calls meet it. */
@Tag("kernel")
@Timeout(180)
class SpecSeccompTest {

    private TestBundle bundle;

    @BeforeEach
    void open() throws IOException {
        assumeTrue(SeccompLibrary.present(), "libseccomp.so.2 is not installed");
        bundle = new TestBundle();
    }

    @AfterEach
    void close() throws IOException {
        if (bundle != null) {
            bundle.close();
        }
    }

    private static String profile(String more, String rules) {
        return "{\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"" + more + ",\"syscalls\":[" + rules
                + "]}}}";
    }

    private static String rule(String calls, String action) {
        return "{\"names\":[\"" + calls + "\"],\"action\":\"" + action + "\"}";
    }

    private TestBundle.Result mkdir(String change) throws IOException {
        return bundle.run(bundle.create(change, TestBundle.sh("mkdir /data/x; echo code $?")));
    }

    @Test
    void everyActionDoesWhatItsNameSays() throws IOException {
        assertThat(mkdir(profile("", rule("mkdir", "SCMP_ACT_ALLOW"))).output()).isEqualTo("code 0\n");
        Files.delete(bundle.rootfs.resolve("data/x"));
        assertThat(mkdir(profile("", rule("mkdir", "SCMP_ACT_LOG"))).output()).isEqualTo("code 0\n");
        assertThat(mkdir(profile("", rule("mkdir", "SCMP_ACT_ERRNO"))).error()).contains("Operation not permitted");
        assertThat(mkdir(profile("", "{\"names\":[\"mkdir\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":28}"))
                        .error())
                .contains("No space left on device");
        assertThat(mkdir(profile("", rule("mkdir", "SCMP_ACT_TRACE"))).error()).contains("Function not implemented");
        for (String action :
                List.of("SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP")) {
            assertThat(mkdir(profile("", rule("mkdir", action))).output())
                    .as(action)
                    .isEqualTo("code 159\n");
        }
    }

    @Test
    void conditionsOnArgumentsAndTheDefaultHold() throws IOException {
        String chmod = "{\"names\":[\"fchmodat\",\"chmod\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,"
                + "\"args\":[{\"index\":%d,\"value\":%s,\"op\":\"SCMP_CMP_EQ\"}]}";
        String script = "touch /data/f; chmod 700 /data/f; echo $?; chmod 711 /data/f; echo $?";
        String change = profile("", chmod.formatted(1, "448") + "," + chmod.formatted(2, "448"));
        assertThat(bundle.run(bundle.create(change, TestBundle.sh(script))).output())
                .isEqualTo("1\n0\n");
        assertThat(bundle.print(
                        "grep Seccomp: /proc/self/status | cut -f2", profile("", rule("mkdir", "SCMP_ACT_LOG"))))
                .isEqualTo("2");
    }

    @Test
    void everyOtherCallGetsTheDefaultsError() throws IOException {
        String allowed =
                "read,write,openat,open,close,execve,exit_group,exit,mmap,brk,arch_prctl,fstat,stat,newfstatat,getuid,"
                        + "getpid,getppid,rt_sigaction,rt_sigprocmask,rt_sigreturn,set_tid_address,munmap,mprotect,ioctl,readlink,"
                        + "readlinkat,uname,getcwd,geteuid,getegid,getgid,prlimit64,set_robust_list,rseq,getrandom,fcntl,lseek,statx,"
                        + "dup2,dup,clone,fork,vfork,wait4,prctl,close_range";
        String change =
                "{\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":28,\"syscalls\":["
                        + "{\"names\":[\"" + allowed.replace(",", "\",\"") + "\"],\"action\":\"SCMP_ACT_ALLOW\"}]}}}";
        assertThat(mkdir(change).error()).contains("No space left on device");
    }

    @Test
    void flagsAndArchitecturesOfOtherMachinesAreTaken() throws IOException {
        String flags =
                ",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\",\"SECCOMP_FILTER_FLAG_TSYNC\"]";
        String architectures = ",\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_S390X\",\"SCMP_ARCH_RISCV64\"]";
        assertThat(bundle.print("echo fine", profile(flags + architectures, rule("mkdir", "SCMP_ACT_ERRNO"))))
                .isEqualTo("fine");
    }

    @Test
    void filterIsLoadedAlsoWithoutNoNewPrivileges() throws IOException {
        assertThat(bundle.print(
                        "grep -E 'NoNewPrivs|Seccomp:' /proc/self/status | tr -s '\\n\\t' ' '; mkdir /data/x 2>&1; true",
                        profile("", rule("mkdir", "SCMP_ACT_ERRNO")),
                        "{\"process\":{\"noNewPrivileges\":false}}"))
                .isEqualTo("NoNewPrivs: 0 Seccomp: 2 mkdir: can't create directory '/data/x': Operation not permitted");
    }

    @Test
    void refusalsNameFieldValueAndReason() {
        assertRefused(
                profile("", rule("mkdir", "SCMP_ACT_X")),
                "linux.seccomp.syscalls[0].action: \"SCMP_ACT_X\" is no action");
        assertRefused(profile(",\"flags\":[\"X\"]", ""), "linux.seccomp.flags[0]: \"X\" is no flag");
        assertRefused(
                profile(",\"flags\":[\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]", ""),
                "linux.seccomp.flags[0]: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is about questions");
        assertRefused(
                profile(",\"architectures\":[\"SCMP_ARCH_Z80\"]", ""),
                "linux.seccomp.architectures: \"SCMP_ARCH_Z80\" is no architecture");
        assertRefused(
                profile("", rule("mkdir", "SCMP_ACT_NOTIFY")),
                "linux.seccomp.listenerPath: is missing, and a rule has SCMP_ACT_NOTIFY");
        assertRefused(
                profile(",\"listenerPath\":\"/s\"", rule("sendmsg", "SCMP_ACT_NOTIFY")),
                "linux.seccomp.syscalls[0].action: SCMP_ACT_NOTIFY cannot be had for sendmsg");
        assertRefused(
                "{\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}}}",
                "linux.seccomp.defaultAction: SCMP_ACT_NOTIFY would ask about every call");
    }

    private void assertRefused(String change, String sentence) {
        assertThatThrownBy(() -> bundle.create(change)).hasMessageStartingWith(sentence);
    }

    /** A seccomp agent: takes the listener and lets one mkdir succeed without there being any. */
    private static final String AGENT = """
            import array, ctypes, fcntl, json, os, socket, struct, sys
            server = socket.socket(socket.AF_UNIX); server.bind(sys.argv[1]); server.listen(1)
            print("listening", flush=True)
            client, _ = server.accept()
            data, ancillary, _, _ = client.recvmsg(65536, socket.CMSG_SPACE(4))
            fd = array.array("i", ancillary[0][2])[0]
            print(json.dumps(json.loads(data)), flush=True)
            request = bytearray(80)
            fcntl.ioctl(fd, 0xc0502100, request)
            ident, pid = struct.unpack_from("<QI", request)
            fcntl.ioctl(fd, 0xc0182101, bytearray(struct.pack("<QqiI", ident, 0, 0, 0)))
            print("answered", flush=True)
            """;

    @Test
    void callsThatAskAreAnsweredByWhoeverListensAtThePath() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "python3 plays the seccomp agent");
        for (boolean privileges : List.of(true, false)) {
            Path socket = bundle.base.resolve("agent-" + privileges + ".sock");
            Process agent = new ProcessBuilder("/usr/bin/python3", "-c", AGENT, socket.toString())
                    .redirectErrorStream(true)
                    .start();
            try (var said = agent.inputReader(StandardCharsets.UTF_8)) {
                assertThat(said.readLine()).isEqualTo("listening");
                TestBundle.Made made = bundle.create(
                        profile(
                                ",\"listenerPath\":\"" + socket + "\",\"listenerMetadata\":\"a \\\"b\\\"\"",
                                rule("mkdir", "SCMP_ACT_NOTIFY")),
                        "{\"process\":{\"noNewPrivileges\":" + privileges + "}}",
                        TestBundle.sh("mkdir /data/x; echo code $?; ls /data"));
                JsonNode state = JsonMapper.shared().readTree(said.readLine());
                assertThat(state.path("fds").path(0).asString()).isEqualTo("seccompFd");
                assertThat(state.path("pid").asInt()).isEqualTo(made.pid());
                assertThat(state.path("metadata").asString()).isEqualTo("a \"b\"");
                assertThat(state.path("state").path("pid").asInt()).isEqualTo(made.pid());
                assertThat(state.path("state").path("status").asString()).isEqualTo("creating");
                assertThat(bundle.run(made).output()).isEqualTo("code 0\n");
                assertThat(said.readLine()).isEqualTo("answered");
            } finally {
                agent.destroy();
                agent.waitFor(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void nobodyAtTheListenersPathIsAFailureOfTheStart() {
        assertThatThrownBy(() ->
                        bundle.create(profile(",\"listenerPath\":\"/no/such.sock\"", rule("mkdir", "SCMP_ACT_NOTIFY"))))
                .hasMessageStartingWith("load the seccomp program: ENOENT")
                .hasMessageContaining("connect to /no/such.sock");
    }
}
