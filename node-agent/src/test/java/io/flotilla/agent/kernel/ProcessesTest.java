package io.flotilla.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {

    @TempDir
    Path directory;

    @Test
    void spawnedProcessHasExactlyTheGivenDescriptorsAndNoBlockedOrIgnoredSignal() throws Exception {
        Path output = directory.resolve("output");
        try (Fd in = Descriptors.open("/dev/null", Descriptors.O_RDONLY, 0);
                Fd out = Descriptors.open(output.toString(), Descriptors.O_WRONLY | Descriptors.O_CREAT, 0600)) {
            spawnAndWait(
                    List.of("sh", "-c", "ls /proc/$$/fd; exec grep -E 'SigBlk|SigIgn' /proc/self/status"), in, out);
        }
        // glibc's posix_spawn leaves its two internal signals, 32 and 33, ignored; the shim resets them itself.
        assertThat(Files.readAllLines(output))
                .containsExactly("0", "1", "2", "SigBlk:\t0000000000000000", "SigIgn:\t0000000180000000");
    }

    @Test
    void spawnOfMissingProgramNamesIt() throws IOException {
        try (Fd in = Descriptors.open("/dev/null", Descriptors.O_RDONLY, 0)) {
            assertThatThrownBy(() -> Processes.spawn("/no/such/program", List.of("x"), List.of(), List.of(in)))
                    .hasMessage("spawn /no/such/program: ENOENT: No such file or directory");
        }
    }

    @Test
    void sealedExecutableCannotBeWrittenAnyMore() throws IOException {
        byte[] content = "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8);
        try (Fd fd = Descriptors.sealedExecutable("sealed", content)) {
            assertThatThrownBy(() -> Descriptors.writeFully(fd, new byte[] {1})).hasMessageContaining("EPERM");
        }
    }

    @Test
    void descriptorTravelsThroughSocketPair() throws IOException {
        List<Fd> pair = UnixSockets.pair();
        try (Fd left = pair.get(0);
                Fd right = pair.get(1);
                Fd file = Descriptors.memory("note", "hello".getBytes(StandardCharsets.UTF_8))) {
            assertThat(UnixSockets.send(left, new byte[] {7}, List.of(file))).isTrue();
            UnixSockets.Packet packet = Objects.requireNonNull(new UnixSockets.Receiver(100).receive(right));
            assertThat(packet.data().get()).isEqualTo((byte) 7);
            assertThat(packet.descriptors()).hasSize(1);
            assertThat(Files.readString(Path.of(packet.descriptors().getFirst().path())))
                    .isEqualTo("hello");
            packet.descriptors().forEach(Fd::close);
        }
    }

    @Test
    void openBelowRefusesToLeaveTheDirectory() throws IOException {
        Files.createSymbolicLink(directory.resolve("out"), Path.of("/etc/passwd"));
        try (Fd root = Descriptors.open(directory.toString(), Descriptors.O_PATH, 0)) {
            assertThatThrownBy(() ->
                            Descriptors.openBelow(root, "out", Descriptors.O_RDONLY, 0, Descriptors.RESOLVE_IN_ROOT))
                    .hasMessage("openat2 out: ENOENT: No such file or directory");
        }
    }

    private static void spawnAndWait(List<String> argv, Fd in, Fd out) throws Exception {
        int pid =
                Processes.spawn("/bin/" + argv.getFirst(), argv, List.of("PATH=/bin:/usr/bin"), List.of(in, out, out));
        CountDownLatch ended = new CountDownLatch(1);
        try (Poller poller = new Poller("test poller");
                Fd pidfd = Processes.pidfd(pid);
                Poller.Registration _ = poller.watch(pidfd, (readable, writable) -> ended.countDown())) {
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(Processes.reap(pid)).isTrue();
    }
}
