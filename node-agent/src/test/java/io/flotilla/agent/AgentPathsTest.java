package io.flotilla.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentPathsTest {

    @TempDir
    Path dir;

    @Test
    void keepsTheFirstNode8() throws IOException {
        assertThat(open("0123abcd").node8()).isEqualTo("0123abcd");
        assertThat(open("ffffffff").node8()).isEqualTo("0123abcd");
    }

    @Test
    void refusesADamagedNode8InsteadOfReplacingIt() throws IOException {
        open("0123abcd");
        Files.writeString(dir.resolve("data/agent/node8"), "garbage");
        assertThatIOException().isThrownBy(() -> open("ffffffff")).withMessageContaining("garbage");
    }

    @Test
    void closesItsDirectoriesToOthers() throws IOException {
        AgentPaths paths = open("0123abcd");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(paths.content())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(paths.runtime())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(paths.data())))
                .isEqualTo("rwx--x--x");
    }

    @Test
    void refusesARuntimeDirectoryThatIsTooLongForASocket() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AgentPaths(dir, Path.of("/" + "r".repeat(60)), "0123abcd"))
                .withMessageContaining("107");
    }

    @Test
    void refusesIdsThatWouldLeaveTheRuntimeDirectory() {
        AgentPaths paths = new AgentPaths(dir, Path.of("/run/x"), "0123abcd");
        assertThatIllegalArgumentException().isThrownBy(() -> paths.containerRuntime("../up"));
        assertThatIllegalArgumentException().isThrownBy(() -> paths.containerRuntime(".."));
    }

    private AgentPaths open(String fresh) throws IOException {
        return AgentPaths.open(dir.resolve("data"), dir.resolve("run"), fresh);
    }
}
