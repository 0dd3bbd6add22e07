package io.flotilla.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {

    @TempDir
    Path directory;

    @Test
    void aPullThatIsGivenUpLeavesNoTrash() throws IOException {
        Path tree = Files.createDirectories(directory.resolve("tree/below"));
        Files.writeString(tree.resolve("file"), "half a layer");
        Path trash = Files.createDirectory(directory.resolve("trash"));

        DurableFiles.syncDirectory(directory); // an interrupted thread cannot load the library for system calls
        Thread.currentThread().interrupt();
        try {
            DurableFiles.discard(directory.resolve("tree"), trash);
        } finally {
            assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
        }
        assertThat(directory.resolve("tree")).doesNotExist();
        assertThat(trash).isEmptyDirectory();
    }
}
