package io.flotilla.controlplane.ui.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** That both mean the same when they are pasted is tested with the whole system, in e2e's LaunchLinesTest. */
class CommandsTest {

    private static final LaunchForm FORM =
            LaunchForm.empty().with("image", "nginx").with("name", "web").with("team", "default");

    private static String run(LaunchForm form) {
        return Commands.run(Requests.of(form, null));
    }

    private static String call(LaunchForm form) {
        return Commands.call("POST", "http://localhost:8080", "/api/v1/workloads", Requests.of(form, null));
    }

    @Test
    void whatIsSoByDefaultIsLeftOut() {
        assertThat(run(FORM)).isEqualTo("./flotilla run -d --name web nginx");
        assertThat(run(FORM.with("kind", "job").with("restart", "never")))
                .isEqualTo("./flotilla run -d --job --name web nginx");
        assertThat(call(FORM)).isEqualTo("""
                curl -sS --fail-with-body -X POST http://localhost:8080/api/v1/workloads \\
                  -H "Authorization: Bearer $FLOTILLA_TOKEN" -H 'Content-Type: application/json' \\
                  -d '{
                  "name": "web",
                  "team": "default",
                  "kind": "service",
                  "image": "nginx",
                  "replicas": 1,
                  "restart": "always"
                }'""");
    }

    @Test
    void anEntryPointOfSeveralWordsStaysOne() {
        assertThat(run(FORM.with("command", "sh -c").with("args", "'exit 3'")))
                .endsWith("--entrypoint '[\"sh\",\"-c\"]' nginx 'exit 3'");
        assertThat(run(FORM.with("noArgs", true))).endsWith("--no-command nginx");
        assertThat(call(FORM.with("noArgs", true))).contains("\"args\": [ ]");
    }

    @Test
    void swapIsCountedWithTheMemoryAsDockerDoes() {
        assertThat(run(FORM.with("memory", "1").with("memoryUnit", "Gi").with("swap", "512Mi")))
                .contains("--memory 1Gi --memory-swap 1610612736");
        assertThat(run(FORM.with("swap", "512Mi"))).contains("--memory 268435456 --memory-swap 805306368");
    }

    @Test
    void theCallEscapesWhatAShellOrJsonWouldTakeForItsOwn() {
        assertThat(call(FORM.withEnv("A", "b\tc'd"))).contains("\"A\": \"b\\tc'\\''d\"");
        assertThat(Commands.call("PUT", "u", "/p", Map.of("a", 1))).startsWith("curl -sS --fail-with-body -X PUT u/p");
    }
}
