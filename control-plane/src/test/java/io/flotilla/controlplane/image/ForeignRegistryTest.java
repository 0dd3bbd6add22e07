package io.flotilla.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.controlplane.RunningControlPlane.Answer;
import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.actor.Role;
import io.flotilla.controlplane.identity.ApiTokens;
import io.flotilla.controlplane.identity.Browser;
import io.flotilla.controlplane.identity.Logins;
import io.flotilla.controlplane.identity.Teams;
import io.flotilla.controlplane.identity.TokenRequest;
import io.flotilla.controlplane.identity.UserChange;
import io.flotilla.controlplane.identity.Users;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which hosts people can make the control plane contact by naming an image. */
class ForeignRegistryTest {

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    private static final Actor ROOT = Actor.localRoot("test");
    private static final String PASSWORD = "correct horse";

    private final AtomicInteger contacts = new AtomicInteger();
    private ServerSocket inside;

    @BeforeEach
    void listen() throws IOException {
        inside = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!inside.isClosed()) {
                try {
                    inside.accept().close();
                    contacts.incrementAndGet();
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        inside.close();
    }

    private String image() {
        return "127.0.0.1:" + inside.getLocalPort() + "/secret/service:1";
    }

    private static String token(Role role) {
        String name = "asks-as-" + role.word() + "-" + System.nanoTime();
        Users users = plane.bean(Users.class);
        users.create(ROOT, new UserChange(name, null, role.word(), PASSWORD, null));
        if (role == Role.MEMBER) {
            Teams teams = plane.bean(Teams.class);
            teams.addMember(
                    ROOT,
                    teams.named(ROOT, "default").id(),
                    users.list().stream()
                            .filter(user -> user.name().equals(name))
                            .findFirst()
                            .orElseThrow()
                            .id());
        }
        Logins logins = plane.bean(Logins.class);
        Actor actor = logins.actor(logins.login(name, PASSWORD, new Browser("127.0.0.1", "test")), "test")
                .orElseThrow();
        return plane.bean(ApiTokens.class)
                .create(actor, new TokenRequest("t", "write", null, 1))
                .token();
    }

    private Answer resolve(String token) {
        return plane.ask(token, "GET", "/api/v1/images/resolve?image=" + image(), null);
    }

    @Test
    void aMemberCannotSendTheControlPlaneToAHostThatNoAdministratorHasNamed() {
        String member = token(Role.MEMBER);

        Answer resolved = resolve(member);
        Answer launched = plane.ask(
                member,
                "POST",
                "/api/v1/workloads",
                "{\"name\":\"probe\",\"kind\":\"service\",\"image\":\"" + image() + "\"}");

        for (Answer answer : new Answer[] {resolved, launched}) {
            assertThat(answer.status()).as("%s", answer).isEqualTo(403);
            assertThat(answer.body()).contains("127.0.0.1:" + inside.getLocalPort());
        }
        assertThat(contacts).hasValue(0);
    }

    @Test
    void anOperatorCanAndSoCanAMemberOnceTheRegistryIsOnTheList() {
        assertThat(resolve(token(Role.OPERATOR)).status()).isIn(400, 503);
        int asked = contacts.get();
        assertThat(asked).isPositive();

        Answer put = plane.ask(
                plane.adminKey(),
                "PUT",
                "/api/v1/registry-logins",
                "{\"registry\":\"127.0.0.1:" + inside.getLocalPort() + "\",\"insecure\":true}");
        assertThat(put.status()).as("%s", put).isEqualTo(200);

        assertThat(resolve(token(Role.MEMBER)).status()).isIn(400, 503);
        assertThat(contacts).hasValueGreaterThan(asked);
    }

    @Test
    void whoIsRefusedForARegistryThatIsAwayReadsWhichFieldNamesIt() {
        Answer launched = plane.ask(
                plane.adminKey(),
                "POST",
                "/api/v1/workloads",
                "{\"name\":\"away\",\"kind\":\"service\",\"image\":\"127.0.0.1:1/away:1\"}");

        assertThat(launched.status()).as("%s", launched).isEqualTo(503);
        assertThat(launched.body()).contains("\"field\":\"image\"").contains("registry 127.0.0.1:1 is away");
    }
}
