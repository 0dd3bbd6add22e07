package io.flotilla.agent.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.protocol.NodeFacts.Check;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFactsTest {

    @TempDir
    private Path directory;

    @Test
    void reportsARowForEverythingThatContainersNeed() throws IOException {
        assertThat(new HostFacts(directory, "1").read().checks())
                .extracting(Check::name)
                .containsExactly("kernel", "cgroup", "disk", "user namespaces", "libseccomp");
    }

    @Test
    void saysHowToMendAMissingLibrary() {
        assertThat(HostFacts.seccompCheck(true).result()).isEqualTo(Check.Result.OK);
        Check missing = HostFacts.seccompCheck(false);
        assertThat(missing.result()).isEqualTo(Check.Result.FAILED);
        assertThat(missing.remedy()).isEqualTo("apt-get install libseccomp2");
    }
}
