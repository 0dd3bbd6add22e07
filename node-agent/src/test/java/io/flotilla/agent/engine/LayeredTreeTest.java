package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayeredTreeTest {

    @TempDir
    private Path directory;

    private Path top;
    private Path bottom;

    @BeforeEach
    void twoLayers() throws IOException {
        top = Files.createDirectories(directory.resolve("top"));
        bottom = Files.createDirectories(directory.resolve("bottom"));
        write(directory, "outside", "secret");
    }

    private static void write(Path layer, String path, String text) throws IOException {
        Path file = layer.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void link(Path layer, String path, String target) throws IOException {
        Path file = layer.resolve(path);
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, Path.of(target));
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private @Nullable String read() throws IOException {
        byte[] content = new LayeredTree(List.of(top, bottom)).read("/etc/passwd", 4096);
        return content == null ? null : new String(content, StandardCharsets.UTF_8);
    }

    @Test
    void prefersTheTopmostLayer() throws IOException {
        assertThat(read()).isNull();
        write(bottom, "etc/passwd", "lower");
        assertThat(read()).isEqualTo("lower");
        write(top, "etc/passwd", "upper");
        assertThat(read()).isEqualTo("upper");
    }

    @Test
    void followsLinksWithinTheMergedTree() throws IOException {
        link(bottom, "etc/passwd", "../data/users");
        write(top, "data/users", "linked");
        assertThat(read()).isEqualTo("linked");
        Files.delete(bottom.resolve("etc/passwd"));
        link(bottom, "etc/passwd", "/deep/er/../users");
        write(bottom, "deep/er/x", "");
        link(top, "deep/users", "/data/users");
        assertThat(read()).isEqualTo("linked");
    }

    @Test
    void findsTheDirectoryThatALinkInALowerLayerNames() throws IOException {
        link(bottom, "etc", "usr/etc");
        write(bottom, "usr/etc/passwd", "usr-merged");
        assertThat(read()).isEqualTo("usr-merged");
        write(top, "etc/passwd", "real directory above the link");
        assertThat(read()).isEqualTo("real directory above the link");
    }

    @Test
    void neverLeavesTheTree() throws IOException {
        link(top, "etc/passwd", "../../../../../../.." + directory.resolve("outside"));
        assertThat(read()).isNull();
        Files.delete(top.resolve("etc/passwd"));
        link(top, "etc/passwd", directory.resolve("outside").toString());
        assertThat(read()).isNull();
        Files.delete(top.resolve("etc/passwd"));
        link(top, "etc/passwd", "/proc/self/root" + directory.resolve("outside"));
        assertThat(read()).isNull();
    }

    @Test
    void endsInALoopOfLinks() throws IOException {
        link(top, "etc/passwd", "/etc/group");
        link(top, "etc/group", "/etc/passwd");
        assertThat(read()).isNull();
    }

    @Test
    void readsNeitherDirectoriesNorPipes() throws Exception {
        Files.createDirectories(top.resolve("etc/passwd"));
        assertThat(read()).isNull();
        Files.delete(top.resolve("etc/passwd"));
        run("mkfifo", top.resolve("etc/passwd").toString());
        assertThat(read()).isNull();
    }

    @Test
    void letsAFileHideTheDirectoryBelowIt() throws IOException {
        write(bottom, "etc/passwd", "lower");
        write(top, "etc", "a file");
        assertThat(read()).isNull();
    }

    @Test
    void heedsWhiteoutsAndOpaqueDirectories() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "whiteouts and trusted attributes need root");
        write(bottom, "etc/passwd", "lower");
        inMergedTree("rm etc/passwd");
        assertThat(read()).isNull();
        Files.delete(top.resolve("etc/passwd"));
        assertThat(read()).isEqualTo("lower");
        inMergedTree("rm -r etc; mkdir etc");
        assertThat(read()).isNull();
    }

    /** Lets overlayfs itself write what it means by removal. */
    private void inMergedTree(String script) throws Exception {
        Path merged = Files.createDirectories(directory.resolve("merged"));
        Path work = Files.createDirectories(directory.resolve("work"));
        String options = "lowerdir=" + bottom + ",upperdir=" + top + ",workdir=" + work;
        run(
                "unshare",
                "-m",
                "sh",
                "-ec",
                "mount -t overlay o -o " + options + " " + merged + "; cd " + merged + "; " + script);
    }

    @Test
    void refusesAnAbsurdlyLargeFile() throws IOException {
        write(top, "etc/passwd", "x".repeat(5000));
        assertThatThrownBy(this::read).isInstanceOf(IOException.class).hasMessageContaining("4096");
    }
}
