package io.flotilla.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RestartableControlPlane;
import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.identity.Browser;
import io.flotilla.controlplane.identity.Logins;
import io.flotilla.controlplane.identity.UserChange;
import io.flotilla.controlplane.identity.Users;
import io.flotilla.controlplane.settings.Settings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Terminals outlive their page for a while, belong to one user, and leave a recording. */
class TerminalsTest {

    private static final Actor ROOT = Actor.localRoot("test");
    private static final String PASSWORD = "correct horse";
    private static final int LIMIT = 64 * 1024;

    @TempDir
    static Path data;

    private static RestartableControlPlane plane;
    private static Rest rest;
    private static FakeAgent agent;
    private static String allocation;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void startEverything() throws IOException {
        plane = new RestartableControlPlane(
                        data, null, new Settings.Terminals(Duration.ofSeconds(8), LIMIT, 90, 1000, 1L << 30))
                .start();
        rest = new Rest(plane.url(), plane.adminKey());
        agent = FakeAgent.join(rest, plane.url(), "one", 4000, 8L << 30);
        rest.launch("web", Map.of());
        Await.until(
                "it runs",
                () -> rest.list("/api/v1/allocations").stream()
                        .anyMatch(each -> each.path("status").asString().equals("running")));
        allocation = rest.list("/api/v1/allocations").getFirst().path("id").asString();
        for (String name : new String[] {"ops-1", "ops-2"}) {
            plane.bean(Users.class).create(ROOT, new UserChange(name, null, Role.OPERATOR.word(), PASSWORD, null));
        }
    }

    @AfterAll
    static void stopEverything() {
        agent.close();
        plane.close();
    }

    /** A page's socket: what it was told, shown, and how it ended. */
    private static final class Page implements WebSocket.Listener {

        private final AtomicReference<String> told = new AtomicReference<>("");
        private final AtomicReference<String> shown = new AtomicReference<>("");
        private volatile int exit = Integer.MIN_VALUE;
        private volatile int status;
        private volatile @Nullable WebSocket socket;

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            told.accumulateAndGet(text.toString(), String::concat);
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer bytes, boolean last) {
            if (bytes.remaining() > 0 && bytes.get(bytes.position()) == 4) {
                exit = bytes.getInt(bytes.position() + 1);
            } else {
                shown.accumulateAndGet(StandardCharsets.UTF_8.decode(bytes).toString(), String::concat);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            status = code;
            return CompletableFuture.completedFuture(null);
        }

        private void type(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ByteBuffer frame = ByteBuffer.allocate(1 + bytes.length)
                    .put((byte) 0)
                    .put(bytes)
                    .flip();
            Objects.requireNonNull(socket).sendBinary(frame, true).join();
        }

        private void resize(int columns, int rows) {
            ByteBuffer frame = ByteBuffer.allocate(5)
                    .put((byte) 3)
                    .putShort((short) columns)
                    .putShort((short) rows)
                    .flip();
            Objects.requireNonNull(socket).sendBinary(frame, true).join();
        }

        private String session() {
            Await.until("it is told its session", () -> told.get().contains("{\"session\":\""));
            return told.get().replaceFirst("(?s)^.*?\"session\":\"([^\"]*)\".*$", "$1");
        }

        private Page live() {
            Await.until("it is live", () -> told.get().contains("{\"live\""), told::get);
            return this;
        }

        private void vanish() {
            Objects.requireNonNull(socket).abort();
        }
    }

    private static String cookie(String name) {
        return plane.bean(Logins.class).login(name, PASSWORD, new Browser("127.0.0.1", "test"));
    }

    private Page page(String cookie, String query) throws Exception {
        Page page = new Page();
        String port = plane.url().replaceAll(".*:", "");
        page.socket = client.newWebSocketBuilder()
                .header("Cookie", "flotilla-" + port + "=" + cookie)
                .header("Origin", plane.url())
                .buildAsync(
                        URI.create(plane.url().replaceFirst("^http", "ws") + "/allocations/" + allocation
                                + "/terminal/socket?" + query),
                        page)
                .get(10, TimeUnit.SECONDS);
        return page;
    }

    private static JsonNode newestRecording() {
        return rest.list("/api/v1/recordings").getFirst();
    }

    private static void awaitEnding(String ending) {
        Await.until(
                "the newest recording ended: " + ending,
                () -> newestRecording().path("ending").asString("").equals(ending),
                TerminalsTest::newestRecording);
    }

    private static String castOf(JsonNode recording) throws IOException {
        return Files.readString(
                data.resolve("control-plane/recordings/" + recording.path("id").asString() + ".cast"));
    }

    @Test
    void aPageThatWasAwayComesBackToTheSameTerminalAndSeesWhatItMissed() throws Exception {
        String cookie = cookie("ops-1");
        Page first = page(cookie, "command=repeat").live();
        first.type("one ");
        Await.until("it is echoed", () -> first.shown.get().contains("one"));
        first.vanish();

        Page second = page(cookie, "session=" + first.session()).live();
        assertThat(second.shown.get()).contains("one");
        assertThat(second.session()).isEqualTo(first.session()).hasSizeGreaterThan(40);
        second.type("two ");
        Await.until("the same command answers", () -> second.shown.get().contains("two"));
        second.type("exit");
        Await.until("it ends", () -> second.exit == 0);

        awaitEnding("exited");
        JsonNode recording = newestRecording();
        assertThat(recording.path("actor").asString()).isEqualTo("ops-1");
        assertThat(recording.path("exitCode").asInt()).isZero();
        assertThat(castOf(recording)).contains("\"one \"", "\"two \"").startsWith("{\"version\":2");
        String id = recording.path("id").asString();
        assertThat(rest.get("/api/v1/recordings/" + id).body().path("proof").asString())
                .isEqualTo("whole");
        assertThat(rest.get("/api/v1/audit/verify").body().path("ok").asBoolean())
                .isTrue();
    }

    @Test
    void keysThatComeWhileASizeIsBeingRecordedKeepTheirOrder() throws Exception {
        Page page = page(cookie("ops-1"), "command=repeat").live();
        String typed = "abcdefghijklmnopqrstuvwxyz".repeat(20);
        for (int i = 0; i < typed.length(); i++) {
            page.resize(80 + i % 2, 24);
            page.type(typed.substring(i, i + 1));
        }
        Await.until(
                "all of it is echoed",
                () -> page.shown.get().replaceAll("[^a-z]", "").equals(typed),
                page.shown::get);
        page.type("exit");
        Await.until("it ends", () -> page.exit == 0);
    }

    @Test
    void aSecondPageTakesTheTerminalFromTheFirst() throws Exception {
        String cookie = cookie("ops-1");
        Page first = page(cookie, "command=repeat").live();
        Page second = page(cookie, "session=" + first.session()).live();

        Await.until("the first is told", () -> first.status == 4001);
        second.type("exit");
        Await.until("the second has it", () -> second.exit == 0);
    }

    @Test
    void nobodyElseComesBackToIt() throws Exception {
        Page mine = page(cookie("ops-1"), "command=repeat").live();
        mine.vanish();

        Page other = page(cookie("ops-2"), "session=" + mine.session());

        Await.until("it is refused", () -> other.status == 4000);
        assertThat(other.told.get()).contains("this terminal has ended");
        assertThat(other.shown.get()).isEmpty();
    }

    @Test
    void aTerminalThatNobodyComesBackToEnds() throws Exception {
        Page page = page(cookie("ops-1"), "command=stay").live();
        long closed = agent.closedStreams();
        page.vanish();

        Await.until("the node is told", () -> agent.closedStreams() > closed);
        awaitEnding("left");
        Page late = page(cookie("ops-1"), "session=" + page.session());
        Await.until("there is nothing to come back to", () -> late.status == 4000);
    }

    @Test
    void aPageThatIsClosedOnPurposeEndsItAtOnce() throws Exception {
        Page page = page(cookie("ops-1"), "command=stay").live();
        long start = System.nanoTime();
        Objects.requireNonNull(page.socket)
                .sendClose(WebSocket.NORMAL_CLOSURE, "")
                .join();

        awaitEnding("left");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void signingOutEndsATerminalThatNobodyIsAttachedTo() throws Exception {
        String cookie = cookie("ops-2");
        Actor owner = plane.bean(Logins.class).actor(cookie, "test").orElseThrow();
        Page page = page(cookie, "command=stay").live();
        page.vanish();

        plane.bean(Logins.class).logout(owner, cookie);

        awaitEnding("access-ended");
    }

    @Test
    void whileNobodyIsAttachedTheCommandGoesOnAndTheRecordingSaysWhereItWasCut() throws Exception {
        long before = agent.flooded();
        Page page = page(cookie("ops-1"), "command=flood");
        page.session();
        page.vanish();

        Await.until("much more than a window was taken", () -> agent.flooded() - before > 4 << 20);
        awaitEnding("left");
        JsonNode recording = newestRecording();
        assertThat(recording.path("bytes").asLong()).isLessThanOrEqualTo(LIMIT);
        assertThat(recording.path("flaw").asString()).isEqualTo("truncated at the limit of " + LIMIT + " bytes");
        assertThat(castOf(recording)).contains("\"m\",\"truncated");
    }

    @Test
    void onlyThoseWhoReviewReadRecordings() throws Exception {
        page(cookie("ops-1"), "command=hello").live();
        awaitEnding("exited");
        String id = newestRecording().path("id").asString();

        assertThat(rest.get("/api/v1/audit?action=terminal.end").body().toString())
                .contains(id, newestRecording().path("sha256").asString());
        var made = plane.bean(io.flotilla.controlplane.identity.ApiTokens.class)
                .create(
                        plane.bean(Logins.class).actor(cookie("ops-1"), "test").orElseThrow(),
                        new io.flotilla.controlplane.identity.TokenRequest("t", "write", null, 1));
        Rest operator = new Rest(plane.url(), made.token());
        assertThat(operator.get("/api/v1/recordings").status()).isEqualTo(403);
        assertThat(operator.get("/api/v1/recordings/" + id).status()).isEqualTo(403);
    }
}
