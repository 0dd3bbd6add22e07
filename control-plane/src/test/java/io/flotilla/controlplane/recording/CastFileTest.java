package io.flotilla.controlplane.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CastFileTest {

    private static final byte[] HEADER = bytes("{\"version\":2}\n");

    @TempDir
    private Path directory;

    private Path file = Path.of("");

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("one.cast");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void knowsTheHashOfWhatItHasWritten() throws IOException {
        CastFile cast = CastFile.create(file, HEADER, 1 << 20, () -> 0);
        cast.output(bytes("hello"));
        cast.resize(100, 30);

        CastFile.Kept kept = cast.close();

        assertThat(Files.readAllLines(file))
                .containsExactly("{\"version\":2}", "[0.000,\"o\",\"hello\"]", "[0.000,\"r\",\"100x30\"]");
        assertThat(kept).isEqualTo(new CastFile.Kept(Files.size(file), CastFile.hash(file), null));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void endsWithAMarkerAtItsLimitAndSaysSo() throws IOException {
        CastFile cast = CastFile.create(file, HEADER, 4096, () -> 0);
        for (int i = 0; i < 1000; i++) {
            cast.output(bytes("0123456789".repeat(10)));
        }

        CastFile.Kept kept = cast.close();

        assertThat(kept.flaw()).isEqualTo("truncated at the limit of 4096 bytes");
        assertThat(Files.size(file)).isBetween(3000L, 4096L).isEqualTo(kept.bytes());
        assertThat(Files.readAllLines(file).getLast()).contains("\"m\",\"truncated at the limit");
        assertThat(kept.sha256()).isEqualTo(CastFile.hash(file));
    }

    @Test
    void aFullDiskMakesItIncompleteAndDisturbsNobody() throws IOException {
        FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE);
        CastFile cast = new CastFile(full, null, HEADER, 1 << 20, () -> 0);
        cast.output(bytes("hello"));

        assertThat(cast.close().flaw()).startsWith("incomplete, the file could not be written: No space left");
    }

    @Test
    void aFileThatCannotBeMadeIsAFlawWithoutAHash() {
        CastFile cast = CastFile.create(directory.resolve("away/one.cast"), HEADER, 1 << 20, () -> 0);
        cast.output(bytes("hello"));

        CastFile.Kept kept = cast.close();

        assertThat(kept.sha256()).isNull();
        assertThat(kept.flaw()).startsWith("the file could not be made");
    }

    @Test
    void whatWasLeftInMidLineIsCutToWholeLines() throws IOException {
        Files.writeString(file, "{\"version\":2}\n[0.1,\"o\",\"a\"]\n[0.2,\"o\",\"b");

        CastFile.Kept kept = CastFile.salvage(file, "interrupted");

        assertThat(Files.readString(file)).isEqualTo("{\"version\":2}\n[0.1,\"o\",\"a\"]\n");
        assertThat(kept).isEqualTo(new CastFile.Kept(Files.size(file), CastFile.hash(file), "interrupted"));
        assertThat(CastFile.salvage(directory.resolve("none"), "interrupted"))
                .isEqualTo(new CastFile.Kept(0, null, "interrupted; there is no file"));
    }
}
