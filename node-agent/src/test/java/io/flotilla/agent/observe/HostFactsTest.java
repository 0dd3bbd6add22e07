package io.flotilla.agent.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.protocol.NodeFacts.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFactsTest {

    @TempDir
    private Path directory;

    @Test
    void reportsARowForEverythingThatContainersNeed() throws IOException {
        assertThat(new HostFacts(directory, "1").read().checks())
                .extracting(Check::name)
                .containsExactly(
                        "kernel", "cgroup", "disk", "file system", "user namespaces", "libseccomp", "AppArmor", "swap");
    }

    @Test
    void warnsOfSwapThatNobodyCounts() {
        List<String> none = List.of("Filename Type Size Used Priority");
        List<String> some = List.of(none.getFirst(), "/dev/vda2 partition 1048572 0 -2");
        assertThat(HostFacts.swapCheck(true, some).result()).isEqualTo(Check.Result.OK);
        assertThat(HostFacts.swapCheck(false, none).result()).isEqualTo(Check.Result.OK);
        assertThat(HostFacts.swapCheck(false, some).result()).isEqualTo(Check.Result.WARNING);
        assertThat(HostFacts.swapCheck(false, some).remedy()).contains("swapaccount=1");
    }

    @Test
    void namesAFileSystemThatCannotMapIds() {
        Check cannot = FileSystemCheck.refused("virtiofs", directory, new KernelException("map", "it", Errno.EINVAL));
        assertThat(cannot.result()).isEqualTo(Check.Result.FAILED);
        assertThat(cannot.detail()).startsWith("virtiofs below " + directory);
        assertThat(cannot.remedy()).contains("--data", "ext4");
        Check untried = FileSystemCheck.refused("ext4", directory, new KernelException("map", "it", Errno.EPERM));
        assertThat(untried.result()).isEqualTo(Check.Result.WARNING);
    }

    @Test
    void triesTheFileSystemOfTheDataDirectory() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "mounts need root");
        assertThat(FileSystemCheck.of(directory).result()).isEqualTo(Check.Result.OK);
        assertThat(FileSystemCheck.of(Path.of("/proc")).result()).isEqualTo(Check.Result.FAILED);
    }

    @Test
    void saysWhetherAppArmorIsOn() throws IOException {
        Path enabled = directory.resolve("enabled");
        assertThat(HostFacts.appArmorCheck(enabled).detail()).startsWith("is not on");
        Files.writeString(enabled, "N\n");
        assertThat(HostFacts.appArmorCheck(enabled).detail()).startsWith("is not on");
        Files.writeString(enabled, "Y\n");
        assertThat(HostFacts.appArmorCheck(enabled).detail()).isEqualTo("is on");
    }

    @Test
    void saysHowToMendAMissingLibrary() {
        assertThat(HostFacts.seccompCheck(true).result()).isEqualTo(Check.Result.OK);
        Check missing = HostFacts.seccompCheck(false);
        assertThat(missing.result()).isEqualTo(Check.Result.FAILED);
        assertThat(missing.remedy()).isEqualTo("apt-get install libseccomp2");
    }
}
