package io.flotilla.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.flotilla.protocol.registry.Login;
import io.flotilla.protocol.registry.Mirror;
import io.flotilla.protocol.registry.RegistryAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message has a golden file that must still be read, and written alike, by later versions. */
class MessagesTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Instant TIME = Instant.parse("2026-11-23T14:32:07.123Z");
    private static final UUID ID = UUID.fromString("0198c0de-0000-7000-8000-000000000001");
    private static final Digest DIGEST = new Digest("sha256:" + "0123456789abcdef".repeat(4));
    private static final ImageName IMAGE = ImageName.parse("flotilla/sample");

    private static AllocationSpec spec() {
        return new AllocationSpec(
                ID,
                ID,
                "hello",
                "default",
                1,
                IMAGE,
                DIGEST,
                List.of("/sample"),
                null,
                Map.of("A", "b"),
                null,
                null,
                null,
                false,
                false,
                new Resources(250, 64L << 20, null, null, 0, 512),
                List.of(new PortMapping(8080, 18_081, PortMapping.Protocol.TCP)),
                RestartPolicy.ALWAYS,
                null,
                10_000,
                AllocationSpec.Isolation.PRIVATE,
                AllocationSpec.Network.BRIDGE,
                false,
                List.of(),
                List.of("NET_RAW"));
    }

    private static NodeFacts facts() {
        return new NodeFacts(
                "host",
                "Debian GNU/Linux 12",
                "6.1.0",
                "amd64",
                NodeFacts.CgroupMode.V2,
                2000,
                24L << 30,
                "boot",
                "0.1.0",
                List.of("192.0.2.7"),
                List.of(new NodeFacts.Check("disk", NodeFacts.Check.Result.OK, "80 GiB free.", null)));
    }

    private static NodeSample sample() {
        return new NodeSample(
                TIME,
                120,
                1L << 30,
                10,
                20,
                List.of(new NodeSample.Container(ID, 1, 12, 0, 4096, 2048, 1, 10, 20, 0.5, null)));
    }

    static Stream<Object> messages() {
        Bytes bytes = Bytes.of(new byte[] {1, 2, 3});
        PullProgress progress = new PullProgress(
                IMAGE, DIGEST, List.of(new PullProgress.Layer(DIGEST, 10, 20, PullProgress.Phase.DOWNLOADING)));
        AllocEvent event = new AllocEvent(
                7,
                ID,
                1,
                TIME,
                AllocStatus.BACKOFF,
                137,
                false,
                true,
                "Killed: out of memory.",
                TIME.plusSeconds(8),
                List.of(new PortMapping(53, 20_000, PortMapping.Protocol.UDP)),
                "10.1.2.3",
                false);
        NodeSpec nodeSpec = new NodeSpec(
                1,
                42,
                List.of(
                        new NodeSpec.Order.Run(ID, 0, spec()),
                        new NodeSpec.Order.Stop(ID),
                        new NodeSpec.Order.Remove(ID)));
        ExecSpec exec = new ExecSpec(List.of("/bin/sh"), Map.of(), null, true, 80, 24);
        return Stream.of(
                new AgentMessage.Hello(ID, List.of(1), bytes, "0.1.0"),
                new AgentMessage.Proof(bytes),
                new AgentMessage.Joined(facts(), 1, 41, List.of(ID)),
                new AgentMessage.SpecAnswer(1, 42, null),
                new AgentMessage.Events(List.of(event)),
                new AgentMessage.Sample(sample(), List.of()),
                new AgentMessage.Pulling(ID, progress),
                new AgentMessage.LoginWanted(3, ID, IMAGE),
                new AgentMessage.Opened(5, "not found: /bin/zsh", 127),
                new AgentMessage.Credit(5, 1000),
                new AgentMessage.Closed(5, null),
                new AgentMessage.Pong(9),
                new ControlMessage.Challenge(ID, 1, bytes, bytes, bytes),
                new ControlMessage.Welcome(2000, "token"),
                new ControlMessage.Rejected(ControlMessage.Rejected.Reason.REVOKED, "Node n1 was revoked."),
                new ControlMessage.ApplyNodeSpec(nodeSpec),
                new ControlMessage.EventsStored(7),
                new ControlMessage.Login(
                        3,
                        "u",
                        "p",
                        new RegistryAccess(
                                null,
                                false,
                                new Login.Basic("u", "p"),
                                "-----BEGIN CERTIFICATE-----",
                                List.of(Mirror.of("cache.example:5000/hub")))),
                new ControlMessage.Open(5, ID, new ControlMessage.Target.Exec(ID, exec)),
                new ControlMessage.Credit(5, 1000),
                new ControlMessage.Closed(5, "the browser left"),
                new ControlMessage.AuditHead(12, "00ff"),
                new ControlMessage.Ping(9),
                new Announcement(bytes, List.of(bytes), bytes),
                new Enrolment.Request("token", bytes, bytes, facts()),
                new Enrolment.Answer(ID, "n1", ID, bytes, bytes),
                new LogRecord(TIME, LogRecord.Stream.STDOUT, false, "hello", "1.0.0", null));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void readsAndWritesWhatItsGoldenFileHolds(Object message) {
        String written = Codec.encode(message);
        assertThat(written).isEqualTo(golden(message, written));
        assertThat(Codec.encode(Codec.decode(written, message.getClass()))).isEqualTo(written);
    }

    /** A missing file is written, so that a new message needs no hand work; the test fails once to make one look at it. */
    private static String golden(Object message, String written) {
        Class<?> type = message.getClass();
        String scope =
                type.getEnclosingClass() == null ? "" : type.getEnclosingClass().getSimpleName() + ".";
        Path file = GOLDEN.resolve(scope + type.getSimpleName() + ".json");
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(GOLDEN);
                Files.writeString(file, written + "\n");
                throw new AssertionError(file + " was missing and has been written; look at it and run again");
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyMessageIsCovered() {
        List<Class<?>> covered = messages().<Class<?>>map(Object::getClass).toList();
        assertThat(covered).containsAll(Arrays.asList(AgentMessage.class.getPermittedSubclasses()));
        assertThat(covered)
                .containsAll(Stream.of(ControlMessage.class.getPermittedSubclasses())
                        .filter(type -> type != ControlMessage.Target.class)
                        .toList());
    }

    @Test
    void ignoresFieldsThatANewerPeerAdded() {
        assertThat(Codec.controlMessage("{\"type\":\"ping\",\"id\":9,\"new\":{}}"))
                .isEqualTo(new ControlMessage.Ping(9));
    }

    @Test
    void readsALoginOfAControlPlaneThatKnowsNoMirrors() {
        assertThat(Codec.controlMessage("{\"type\":\"login\",\"requestId\":3,\"user\":null,\"password\":null}"))
                .isEqualTo(new ControlMessage.Login(3, null, null, null));
    }

    @Test
    void refusesATypeItDoesNotKnow() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codec.agentMessage("{\"type\":\"nonsense\"}"))
                .withMessageContaining("nonsense");
    }

    @Test
    void framesSurviveTheJourney() {
        Frame frame = Frame.text(Frame.Type.STDOUT, 0x01020304, "hello");
        byte[] encoded = frame.encode();
        assertThat(encoded).startsWith(1, 1, 2, 3, 4);
        Frame back = Frame.decode(ByteBuffer.wrap(encoded));
        assertThat(back.stream()).isEqualTo(0x01020304);
        assertThat(new String(back.payload(), StandardCharsets.UTF_8)).isEqualTo("hello");
    }

    @Test
    void refusesFramesThatAreTooShortOrOfUnknownType() {
        assertThatIllegalArgumentException().isThrownBy(() -> Frame.decode(ByteBuffer.wrap(new byte[4])));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Frame.decode(ByteBuffer.wrap(new byte[] {99, 0, 0, 0, 1})))
                .withMessageContaining("99");
    }
}
