package io.flotilla.agent.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.kernel.SeccompLibrary;
import io.flotilla.agent.oci.SeccompSpec;
import io.flotilla.agent.oci.SpecException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {

    private static final Host AMD64 = new Host("amd64", 6, 1);
    private static final int EPERM = BpfMachine.ERRNO | 1;
    private static final int ENOSYS = BpfMachine.ERRNO | 38;
    private static final int CLONE_NEWUSER = 0x10000000;

    private final Filters filters = new Filters(AMD64);

    @BeforeEach
    void needsTheLibrary() {
        assumeTrue(SeccompLibrary.present(), "libseccomp.so.2 is not installed");
        assumeTrue(System.getProperty("os.arch", "").equals("amd64"), "the numbers are those of x86-64");
    }

    private BpfMachine ordinary(String... capabilities) throws IOException {
        return new BpfMachine(filters.filter(Profile.ordinary().resolve(Set.of(capabilities), AMD64))
                .program());
    }

    private static int number(String call) {
        return new CallNumbers("amd64")
                .find(call)
                .orElseGet(() -> SeccompLibrary.resolve(call).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "read",
                "execve",
                "openat2",
                "ptrace",
                "arch_prctl",
                "io_submit",
                "futex_waitv",
                "cachestat",
                "fchmodat2",
                "statmount",
                "mseal",
                "removexattrat",
                "uretprobe",
                "landlock_create_ruleset"
            })
    void allowsOrdinaryCallsAlsoThoseThatTheLibraryDoesNotKnow(String call) throws IOException {
        assertThat(ordinary().run(Architecture.X86_64, number(call))).isEqualTo(BpfMachine.ALLOW);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mount",
                "umount2",
                "bpf",
                "io_uring_setup",
                "io_uring_enter",
                "userfaultfd",
                "keyctl",
                "add_key",
                "unshare",
                "setns",
                "kexec_load",
                "init_module",
                "open_by_handle_at",
                "perf_event_open",
                "reboot",
                "lsm_list_modules",
                "set_mempolicy_home_node",
                "pidfd_getfd",
                "fsopen",
                "syslog",
                "chroot"
            })
    void refusesWhatReachesTheHost(String call) throws IOException {
        assertThat(ordinary().run(Architecture.X86_64, number(call))).isEqualTo(EPERM);
    }

    @Test
    void allowsByCapability() throws IOException {
        assertThat(ordinary("CAP_SYS_CHROOT").run(Architecture.X86_64, number("chroot")))
                .isEqualTo(BpfMachine.ALLOW);
        BpfMachine admin = ordinary("CAP_SYS_ADMIN");
        for (String call : List.of("mount", "clone3", "unshare", "lsm_list_modules", "bpf")) {
            assertThat(admin.run(Architecture.X86_64, number(call))).isEqualTo(BpfMachine.ALLOW);
        }
        assertThat(admin.run(Architecture.X86_64, number("clone"), CLONE_NEWUSER))
                .isEqualTo(BpfMachine.ALLOW);
    }

    @Test
    void letsCloneMakeProcessesButNoNamespaces() throws IOException {
        BpfMachine filter = ordinary();
        assertThat(filter.run(Architecture.X86_64, number("clone"), 0x11)).isEqualTo(BpfMachine.ALLOW);
        assertThat(filter.run(Architecture.X86_64, number("clone"), CLONE_NEWUSER | 0x11))
                .isEqualTo(EPERM);
        assertThat(filter.run(Architecture.X86_64, number("clone3"))).isEqualTo(ENOSYS);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 10, 11, 16, 17, 45})
    void opensSocketsOfFamiliesInUse(long family) throws IOException {
        assertThat(ordinary().run(Architecture.X86_64, number("socket"), family))
                .isEqualTo(BpfMachine.ALLOW);
    }

    @ParameterizedTest
    @ValueSource(longs = {12, 19, 20, 23, 25, 34, 37, 38, 40, 46, 1000})
    void refusesSocketsOfTheOthersAfAlgAndVsockAmongThem(long family) throws IOException {
        assertThat(ordinary().run(Architecture.X86_64, number("socket"), family))
                .isEqualTo(EPERM);
        int socketcall =
                SeccompLibrary.resolve(Architecture.X86.token, "socketcall").orElseThrow();
        assertThat(ordinary().run(Architecture.X86, socketcall, 1)).isEqualTo(ENOSYS);
    }

    @Test
    void decidesFor32BitProgramsByTheirOwnNumbers() throws IOException {
        int mount = SeccompLibrary.resolve(Architecture.X86.token, "mount").orElseThrow();
        int read = SeccompLibrary.resolve(Architecture.X86.token, "read").orElseThrow();
        assertThat(ordinary().run(Architecture.X86, mount)).isEqualTo(EPERM);
        assertThat(ordinary().run(Architecture.X86, read)).isEqualTo(BpfMachine.ALLOW);
    }

    @Test
    void answersCallsNewerThanTheProfileWithEnosys() throws IOException {
        BpfMachine filter = ordinary();
        assertThat(filter.run(Architecture.X86_64, 466)).isEqualTo(BpfMachine.ALLOW);
        assertThat(filter.run(Architecture.X86_64, 467)).isEqualTo(ENOSYS);
        assertThat(filter.run(Architecture.X86_64, 5000)).isEqualTo(ENOSYS);
        assertThat(filter.run(Architecture.X86, 5000)).isEqualTo(ENOSYS);
        assertThat(filter.run(Architecture.X32, 0x40000000 + 5000)).isEqualTo(ENOSYS);
        assertThat(filter.run(Architecture.X86_64, -1)).isEqualTo(EPERM);
    }

    @Test
    void keepsPtraceFromKernelsThatLetItRoundAFilter() throws IOException {
        SeccompSpec old = Profile.ordinary().resolve(Set.of(), new Host("amd64", 4, 7));
        assertThat(new BpfMachine(filters.filter(old).program()).run(Architecture.X86_64, number("ptrace")))
                .isEqualTo(EPERM);
    }

    @Test
    void compilesEachProfileOnce() throws IOException {
        SeccompSpec profile = Profile.ordinary().resolve(Set.of("CAP_CHOWN"), AMD64);
        assertThat(filters.filter(profile)).isSameAs(filters.filter(profile));
        assertThat(filters.filter(Profile.ordinary().resolve(Set.of("CAP_SYSLOG"), AMD64))
                        .profile())
                .isNotEqualTo(filters.filter(profile).profile());
    }

    private static SeccompSpec spec(String action, SeccompSpec.Rule... rules) {
        return new SeccompSpec(action, null, List.of(), List.of(), null, null, List.of(rules));
    }

    @Test
    void readsSeveralConditionsOnOneArgumentAsAlternatives() throws IOException {
        SeccompSpec.Rule rule = new SeccompSpec.Rule(
                List.of("socket"),
                "SCMP_ACT_ALLOW",
                null,
                List.of(
                        new SeccompSpec.Argument(0, 1, 0, "SCMP_CMP_EQ"),
                        new SeccompSpec.Argument(0, 2, 0, "SCMP_CMP_EQ")));
        BpfMachine filter =
                new BpfMachine(filters.filter(spec("SCMP_ACT_ERRNO", rule)).program());
        assertThat(filter.run(Architecture.X86_64, number("socket"), 1)).isEqualTo(BpfMachine.ALLOW);
        assertThat(filter.run(Architecture.X86_64, number("socket"), 2)).isEqualTo(BpfMachine.ALLOW);
        assertThat(filter.run(Architecture.X86_64, number("socket"), 3)).isEqualTo(EPERM);
    }

    @Test
    void allowsEverythingElseUnderAProfileThatDenies() throws IOException {
        SeccompSpec.Rule rule = new SeccompSpec.Rule(List.of("mkdir", "nonsense"), "SCMP_ACT_ERRNO", 13, List.of());
        BpfMachine filter =
                new BpfMachine(filters.filter(spec("SCMP_ACT_ALLOW", rule)).program());
        assertThat(filter.run(Architecture.X86_64, number("mkdir"))).isEqualTo(BpfMachine.ERRNO | 13);
        assertThat(filter.run(Architecture.X86_64, 5000)).isEqualTo(BpfMachine.ALLOW);
    }

    @Test
    void namesTheFieldThatIsWrong() {
        SeccompSpec.Rule rule = new SeccompSpec.Rule(List.of("read"), "SCMP_ACT_MAYBE", null, List.of());
        assertThatThrownBy(() -> filters.filter(spec("SCMP_ACT_ERRNO", rule)))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("linux.seccomp.syscalls[0].action")
                .hasMessageContaining("SCMP_ACT_MAYBE");
    }
}
