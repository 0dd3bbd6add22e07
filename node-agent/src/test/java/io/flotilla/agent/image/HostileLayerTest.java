package io.flotilla.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.Zstd;
import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.TreeFiles;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.archive.ArchiveException;
import io.flotilla.protocol.registry.BadDigestException;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.MediaTypes;
import io.flotilla.protocol.registry.VerifiedStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives made to break out, to fill memory or disk, or to fool overlayfs. */
@Tag("kernel")
class HostileLayerTest {

    private static final UnpackLimits LIMITS = new UnpackLimits(64 << 20, 10_000, 0);

    @TempDir
    private Path directory;

    private LayerStore store;

    @BeforeEach
    void open() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "unpacking layers needs root");
        store = new LayerStore(directory.resolve("snapshots"), directory.resolve("content"), LIMITS);
    }

    private Path unpack(TarMaker archive) throws IOException {
        return unpack(archive.bytes(), archive.bytes());
    }

    private Path unpack(byte[] plain, byte[] compressed) throws IOException {
        Descriptor descriptor = new Descriptor(MediaTypes.LAYER, Digest.sha256(compressed), compressed.length);
        return store.directory(store.unpack(
                Digest.sha256(plain),
                Digest.sha256(plain),
                "layer 1 of 1",
                () -> new VerifiedStream(new ByteArrayInputStream(compressed), descriptor, "layer 1 of 1"),
                _ -> {}));
    }

    /** A refused layer leaves nothing: no tree, no record, no draft. */
    private void assertNothingLeft() throws IOException {
        for (String place : List.of("snapshots/layers", "snapshots/unpack", "snapshots/trash", "content/layers")) {
            try (Stream<Path> files = Files.list(directory.resolve(place))) {
                assertThat(files).as(place).isEmpty();
            }
        }
    }

    private void assertRefused(TarMaker archive, String reason) throws IOException {
        assertThatThrownBy(() -> unpack(archive))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining(reason);
        assertNothingLeft();
    }

    @Test
    void refusesNamesThatClimbOut() throws IOException {
        assertRefused(new TarMaker().file("../outside", "x"), "\"..\" in its name");
        assertRefused(new TarMaker().file("a/../../outside", "x"), "\"..\" in its name");
        assertRefused(new TarMaker().hardLink("a", "../../etc/passwd"), "\"..\" in its name");
        assertRefused(new TarMaker().pax("path", "../outside").file("a", "x"), "\"..\" in its name");
        assertThat(directory.resolve("outside")).doesNotExist();
    }

    @Test
    void putsAbsoluteNamesBelowTheRoot() throws IOException {
        Path tree = unpack(new TarMaker().file("/absolute", "x"));
        assertThat(tree.resolve("absolute")).hasContent("x");
    }

    @Test
    void followsASymbolicLinkAsIfTheTreeWereTheRoot() throws IOException {
        Path tree = unpack(new TarMaker()
                .directory("inside")
                .symbolicLink("absolute", "/inside")
                .symbolicLink("climbing", "../../../../../../../../inside")
                .file("absolute/one", "1")
                .file("climbing/two", "2"));
        assertThat(tree.resolve("inside/one")).hasContent("1");
        assertThat(tree.resolve("inside/two")).hasContent("2");
    }

    @Test
    void followsNoSymbolicLinkOutOfTheTree() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        assertRefused(
                new TarMaker()
                        .symbolicLink("a", outside.toString())
                        .symbolicLink("b", "a")
                        .file("b/x", "x"),
                "no directory of the archive");
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void hardLinksReachFilesOfTheSameLayerOnly() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "s");
        assertRefused(new TarMaker().hardLink("a", secret.toString()), "no directory of the archive");
        assertRefused(new TarMaker().hardLink("a", "/nosuch"), "no file of the same layer");
        assertRefused(new TarMaker().directory("d").hardLink("a", "d"), "no file of the same layer");
        assertRefused(
                new TarMaker().symbolicLink("l", directory.toString()).hardLink("a", "l/secret"),
                "no directory of the archive");
        Path tree = unpack(new TarMaker()
                .symbolicLink("l", secret.toString())
                .hardLink("a", "l")
                .file("l", "new"));
        assertThat(tree.resolve("a")).isSymbolicLink();
        assertThat(secret).hasContent("s");
    }

    @Test
    void neverWritesThroughALinkThatALaterMemberReplaces() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "s");
        Path tree = unpack(new TarMaker().symbolicLink("a", secret.toString()).file("a", "mine"));
        assertThat(tree.resolve("a")).isRegularFile().hasContent("mine");
        assertThat(secret).hasContent("s");
    }

    @Test
    void replacesADirectoryByAFileAndBack() throws IOException {
        Path tree = unpack(new TarMaker()
                .file("a/b/c", "x")
                .file("a", "now a file")
                .file("d", "file")
                .directory("d")
                .file("d/e", "y"));
        assertThat(tree.resolve("a")).hasContent("now a file");
        assertThat(tree.resolve("d/e")).hasContent("y");
    }

    @Test
    void leavesOutDevicesThatContainersDoNotGet() throws IOException {
        Path tree = unpack(new TarMaker()
                .device("disk", '4', 8, 0)
                .device("mem", '3', 1, 1)
                .device("fake-whiteout", '3', 0, 0)
                .device("null", '3', 1, 3));
        try (Stream<Path> files = Files.list(tree)) {
            assertThat(files.map(f -> String.valueOf(f.getFileName()))).containsExactly("null");
        }
    }

    @Test
    void anImageCannotSetWhatOverlayfsBelieves() throws IOException {
        Path tree = unpack(new TarMaker()
                .pax("SCHILY.xattr.trusted.overlay.opaque", "y")
                .directory("a")
                .pax("SCHILY.xattr.trusted.overlay.redirect", "/etc")
                .directory("b")
                .pax("SCHILY.xattr.user.overlay.opaque", "y")
                .directory("c"));
        for (String name : List.of("a", "b", "c")) {
            for (String attribute :
                    List.of("trusted.overlay.opaque", "trusted.overlay.redirect", "user.overlay.opaque")) {
                assertThat(attribute(tree.resolve(name), attribute)).isEmpty();
            }
        }
    }

    @Test
    void turnsWhiteoutsIntoOverlayfsForm() throws IOException {
        Path tree = unpack(new TarMaker()
                .file("a/.wh.gone", "")
                .directory("b")
                .file("b/.wh..wh..opq", "")
                .file("kept", "k")
                .file(".wh.kept", "")
                .file(".wh.again", "")
                .directory("again")
                .file(".wh..wh.plnk", ""));
        assertThat(Files.getAttribute(tree.resolve("a/gone"), "unix:rdev", LinkOption.NOFOLLOW_LINKS))
                .isEqualTo(0L);
        assertThat(Files.readAttributes(tree.resolve("a/gone"), java.nio.file.attribute.BasicFileAttributes.class)
                        .isOther())
                .isTrue();
        assertThat(attribute(tree.resolve("b"), "trusted.overlay.opaque")).contains("y");
        assertThat(tree.resolve("kept")).hasContent("k");
        assertThat(attribute(tree.resolve("again"), "trusted.overlay.opaque")).contains("y");
        try (Stream<Path> files = Files.list(tree)) {
            assertThat(files.map(f -> String.valueOf(f.getFileName())))
                    .containsExactlyInAnyOrder("a", "b", "kept", "again");
        }
    }

    private static Optional<String> attribute(Path path, String name) throws IOException {
        try (Fd fd = Descriptors.open(path.toString(), Descriptors.O_RDONLY, 0)) {
            return new TreeFiles().attribute(fd, name).map(v -> new String(v, StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void keepsFileCapabilitiesAndTheUsersOwnAttributes() throws IOException {
        String capability = "\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        Path tree = unpack(new TarMaker()
                .pax("SCHILY.xattr.security.capability", capability)
                .file("bind", "program")
                .pax("SCHILY.xattr.user.colour", "blue")
                .pax("mtime", "-1.25")
                .file("own", "x"));
        assertThat(attribute(tree.resolve("bind"), "security.capability")).contains(capability);
        assertThat(Files.getLastModifiedTime(tree.resolve("own")).toInstant())
                .isEqualTo(Instant.ofEpochSecond(-2, 750_000_000));
        Optional<String> colour = attribute(tree.resolve("own"), "user.colour");
        assumeTrue(colour.isPresent(), "this file system keeps no user attributes");
        assertThat(colour).contains("blue");
    }

    @Test
    void boundsWhatItReadsIntoMemory() throws IOException {
        assertRefused(new TarMaker().claim("pax", 'x', 5L << 30), "extended header of 5368709120 bytes");
        assertRefused(new TarMaker().claim("long", 'L', 3L << 30), "extended header");
        assertRefused(
                new TarMaker()
                        .file("a/" + "n".repeat(90) + "/b", "x")
                        .pax("path", "n".repeat(5000))
                        .file("c", ""),
                "name of 5000");
        assertRefused(new TarMaker().pax("path", "n".repeat(300)).file("c", ""), "part of 300");
    }

    @Test
    void readsAnArchiveWithoutThePaddingOfItsLastMember() throws IOException {
        byte[] padded = new TarMaker().file("a", "x").file("b", "content").cut();
        byte[] archive = Arrays.copyOf(padded, padded.length - 505);
        assertThat(unpack(archive, archive).resolve("b")).hasContent("content");
    }

    @Test
    void refusesSparseFilesAndLies() throws IOException {
        assertRefused(new TarMaker().claim("sparse", 'S', 0), "sparse file");
        assertRefused(new TarMaker().pax("GNU.sparse.realsize", "1099511627776").file("a", ""), "sparse file");
        assertRefused(new TarMaker().pax("size", "99999999999999999999").file("a", ""), "malformed extended header");
        assertRefused(
                new TarMaker().member("x", 'x', "", "9999999 a=b\n".getBytes(StandardCharsets.UTF_8)), "malformed");
        assertThatThrownBy(() -> {
                    byte[] cut = new TarMaker().claim("a", '0', 100_000).cut();
                    unpack(cut, cut);
                })
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining("ends in the middle");
        assertNothingLeft();
    }

    @Test
    void stopsADecompressionBombAtTheLimit() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            gzip.write(new TarMaker().claim("zeros", '0', 4L << 30).cut());
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 80; i++) {
                gzip.write(zeros);
            }
        }
        assertThat(bomb.size()).isLessThan(200_000);
        assertThatThrownBy(() -> unpack(new byte[0], bomb.toByteArray()))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining("unpacks to more than 67108864 bytes");
        assertNothingLeft();
    }

    @Test
    void stopsAtTooManyMembers() throws IOException {
        TarMaker many = new TarMaker();
        for (int i = 0; i <= LIMITS.mostEntries(); i++) {
            many.symbolicLink("l", "t");
        }
        assertRefused(many, "more than 10000 members");
    }

    @Test
    void saysThatTheDiskIsFullBeforeItIs() throws IOException {
        LayerStore careful = new LayerStore(
                directory.resolve("careful"),
                directory.resolve("careful-content"),
                new UnpackLimits(1 << 20, 10, 1L << 60));
        byte[] archive = new TarMaker().file("a", "x").bytes();
        Descriptor descriptor = new Descriptor(MediaTypes.LAYER, Digest.sha256(archive), archive.length);
        assertThatThrownBy(() -> careful.unpack(
                        descriptor.digest(),
                        descriptor.digest(),
                        "layer 1 of 1",
                        () -> new VerifiedStream(new ByteArrayInputStream(archive), descriptor, "layer 1 of 1"),
                        _ -> {}))
                .isInstanceOf(DiskFullException.class)
                .hasMessageStartingWith("disk full: ");
        assertThat(directory.resolve("careful/unpack")).isEmptyDirectory();
    }

    @Test
    void refusesALayerThatUnpacksToOtherContent() throws IOException {
        byte[] archive = new TarMaker().file("a", "x").bytes();
        byte[] other = new TarMaker().file("a", "y").bytes();
        assertThatThrownBy(() -> unpack(other, archive))
                .isInstanceOf(BadDigestException.class)
                .hasMessageContaining("its image config names " + Digest.sha256(other));
        assertNothingLeft();
    }

    @Test
    void readsGzipOfSeveralMembersAndZstd() throws IOException {
        byte[] archive =
                new TarMaker().file("a", "x".repeat(3000)).file("b", "y").bytes();
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        for (int at = 0; at < archive.length; at += 1000) {
            try (GZIPOutputStream member = new GZIPOutputStream(gzip)) {
                member.write(archive, at, Math.min(1000, archive.length - at));
            }
        }
        assertThat(unpack(archive, gzip.toByteArray()).resolve("b")).hasContent("y");
        DurableFiles.erase(store.detach(Digest.sha256(archive)).orElseThrow());
        assertNothingLeft();
        assertThat(unpack(archive, Zstd.compress(archive)).resolve("b")).hasContent("y");
    }

    @Test
    void removesTreesOfAnyDepthAndName() throws IOException {
        TarMaker deep = new TarMaker();
        StringBuilder name = new StringBuilder("d");
        for (int i = 0; i < 900; i++) {
            deep.pax("path", name.toString()).directory("d");
            name.append("/d");
        }
        deep.pax("path", name + "/\u00ff\u00fe").file("f", "not UTF-8");
        byte[] archive = deep.bytes();
        unpack(archive, archive);
        DurableFiles.erase(store.detach(Digest.sha256(archive)).orElseThrow());
        assertNothingLeft();
    }

    @Test
    void startsCleanAfterACrash() throws IOException {
        byte[] archive = new TarMaker().file("a", "x").bytes();
        Path tree = unpack(archive, archive);
        Files.createDirectories(directory.resolve("snapshots/unpack/half/tree/x"));
        Files.createDirectories(directory.resolve("snapshots/trash/half/tree/x"));
        Files.createDirectories(directory.resolve("snapshots/layers/99/renamed-but-without-record"));
        Files.writeString(directory.resolve("content/layers/sha256-torn.json"), "{\"diffId\":");
        LayerStore again = new LayerStore(directory.resolve("snapshots"), directory.resolve("content"), LIMITS);
        assertThat(again.directory(again.find(Digest.sha256(archive)).orElseThrow()))
                .isEqualTo(tree);
        assertThat(tree.resolve("a")).hasContent("x");
        DurableFiles.erase(again.detach(Digest.sha256(archive)).orElseThrow());
        assertNothingLeft();
    }

    @Test
    void stopsReadingWhenTheConnectionDoes() throws IOException {
        byte[] archive = new TarMaker().file("a", "x".repeat(100_000)).bytes();
        Descriptor descriptor = new Descriptor(MediaTypes.LAYER, Digest.sha256(archive), archive.length);
        InputStream broken = new FilterInputStream(new ByteArrayInputStream(archive, 0, 50_000)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int count = super.read(target, offset, length);
                if (count < 0) {
                    throw new IOException("broken");
                }
                return count;
            }
        };
        assertThatThrownBy(() -> store.unpack(
                        descriptor.digest(),
                        descriptor.digest(),
                        "layer 1 of 1",
                        () -> new VerifiedStream(broken, descriptor, "l"),
                        _ -> {}))
                .hasMessage("broken");
        assertNothingLeft();
    }
}
