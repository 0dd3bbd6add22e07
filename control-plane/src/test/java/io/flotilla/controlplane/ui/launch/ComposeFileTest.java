package io.flotilla.controlplane.ui.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.launch.LaunchForm.EnvRow;
import io.flotilla.controlplane.ui.launch.LaunchForm.PortRow;
import io.flotilla.controlplane.ui.words.CommandLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComposeFileTest {

    private static ComposeFile read(String text) {
        return ComposeFile.read(text, null, "default");
    }

    @Test
    void carriesOverEverythingThatHasACounterpart() {
        ComposeFile file = read("""
                services:
                  web_1:
                    image: nginx:${TAG:-1.27}
                    command: ["-c", "echo $$HOME; exec nginx"]
                    entrypoint: /bin/sh
                    environment:
                      A: b
                      EMPTY: ""
                      NUMBER: 8
                    ports:
                      - "8080:80"
                      - 9000
                      - target: 53
                        published: "5353"
                        protocol: udp
                    deploy:
                      replicas: 2
                      resources:
                        limits: {cpus: "0.50", memory: 64M, pids: 32}
                    restart: unless-stopped
                    user: "1000:1000"
                    working_dir: /srv
                    hostname: web
                    network_mode: bridge
                    read_only: true
                    tty: true
                    stdin_open: true
                    cap_add: [NET_ADMIN]
                    cap_drop: [ALL]
                    stop_signal: SIGINT
                    stop_grace_period: 1m30s
                    x-note: of no concern
                """);
        LaunchForm form = file.form();
        assertThat(file.left()).containsExactly("image: TAG is taken as its default, 1.27.");
        assertThat(form.name()).isEqualTo("web-1");
        assertThat(form.image()).isEqualTo("nginx:1.27");
        assertThat(form.kind()).isEqualTo("service");
        assertThat(form.replicas()).isEqualTo("2");
        assertThat(CommandLine.words(form.args())).containsExactly("-c", "echo $HOME; exec nginx");
        assertThat(form.command()).isEqualTo("/bin/sh");
        assertThat(form.env())
                .containsExactly(new EnvRow("A", "b"), new EnvRow("EMPTY", ""), new EnvRow("NUMBER", "8"));
        assertThat(form.ports())
                .containsExactly(
                        new PortRow("80", "8080", "tcp"),
                        new PortRow("9000", "", "tcp"),
                        new PortRow("53", "5353", "udp"));
        assertThat(form.cpu()).isEqualTo("0.50");
        assertThat(form.memory() + form.memoryUnit()).isEqualTo("64Mi");
        assertThat(form.pids()).isEqualTo("32");
        assertThat(form.restart()).isEqualTo("always");
        assertThat(form.user()).isEqualTo("1000:1000");
        assertThat(form.workingDir()).isEqualTo("/srv");
        assertThat(form.hostName()).isEqualTo("web");
        assertThat(form.network()).isEqualTo("bridge");
        assertThat(form.readOnly() && form.tty() && form.stdin()).isTrue();
        assertThat(form.capAdd()).isEqualTo("NET_ADMIN");
        assertThat(form.capDrop()).isEqualTo("ALL");
        assertThat(form.stopSignal()).isEqualTo("SIGINT");
        assertThat(form.stopSeconds()).isEqualTo("90");
    }

    @Test
    void readsTheServiceThatIsAskedForAndElseTheFirst() {
        String text = """
                services:
                  web: {image: "nginx", restart: always}
                  db: {image: "postgres", restart: always}
                """;
        assertThat(read(text).services()).containsExactly("web", "db");
        assertThat(read(text).form().image()).isEqualTo("nginx");
        ComposeFile second = ComposeFile.read(text, "db", "default");
        assertThat(second.service()).isEqualTo("db");
        assertThat(second.form().image()).isEqualTo("postgres");
        assertThat(ComposeFile.read(text, "cache", "default").service()).isEqualTo("web");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            build: .                          | build: images are not built here
            volumes: ["data:/data"]           | volumes is not supported.
            depends_on: [db]                  | depends_on: workloads start independently
            healthcheck: {test: "true"}       | healthcheck is not supported.
            container_name: web               | container_name: containers are named
            environment: [HOME]               | environment HOME takes its value from a shell
            environment: {A: "${SECRET}"}     | environment.A: SECRET has no value here.
            ports: ["80-90:80-90"]            | ports 80-90:80-90 is not supported
            deploy: {placement: {}}           | deploy.placement is not supported.
            stop_grace_period: 1.5s           | stop_grace_period 1.5s is not a time
            network_mode: "service:db"        | network_mode service:db is not supported
            environment: {HOME: }             | environment HOME takes its value from a shell
            ports: [{target: 80, mode: host}] | ports.mode is not supported.
            tty: perhaps                      | tty is neither true nor false.
            user: {name: root}                | user is not one plain value.
            command: &a [[*a]]                | command is not one plain value.
            stop_grace_period: 9999999999s    | stop_grace_period 9999999999s is not a time
            """)
    void namesWhatItCannotCarryOver(String key, String sentence) {
        assertThat(read("services:\n  web:\n    image: nginx\n    restart: always\n    " + key + "\n")
                        .left())
                .singleElement()
                .asString()
                .startsWith(sentence);
    }

    @Test
    void namesPartsOfTheFileThatAreNoService() {
        assertThat(read("""
                name: shop
                services:
                  web: {image: nginx, restart: always}
                networks: {back: {}}
                """).left()).containsExactly("networks of the file is not supported.");
    }

    @Test
    void saysInWhichLineTheFileIsWrong() {
        assertThat(read("services:\n  web:\n    image: nginx: 1\n").left())
                .singleElement()
                .asString()
                .startsWith("Line 3: ");
        assertThat(read("services:\n").left()).containsExactly("The file has no services.");
    }

    @Test
    void boundsWhatAliasesUnfoldTo() {
        StringBuilder bomb = new StringBuilder("services:\n  web: {image: nginx}\nx-0: &a0 [a]\n");
        for (int i = 1; i < 60; i++) {
            bomb.append("x-%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertThat(read(bomb.toString()).left()).singleElement().asString().contains("aliases");
    }

    @Test
    void writesOutNothingThatAliasesNest() {
        StringBuilder bomb = new StringBuilder("x-0: &a0 [" + "y".repeat(100_000) + "]\n");
        for (int i = 1; i <= 20; i++) {
            bomb.append("x-%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        bomb.append("services:\n  web: {image: nginx, restart: always, command: [*a20]}\n");
        assertThat(read(bomb.toString()).left()).containsExactly("command is not one plain value.");
    }

    @Test
    void takesValuesAsTheyAreWritten() {
        LaunchForm form = read("""
                services:
                  web:
                    image: nginx
                    environment: {VERSION: 1.10, ANSWER: yes, DAY: 2026-11-24, MODE: 0123}
                    ports: [22:22]
                """).form();
        assertThat(form.env())
                .containsExactly(
                        new EnvRow("VERSION", "1.10"),
                        new EnvRow("ANSWER", "yes"),
                        new EnvRow("DAY", "2026-11-24"),
                        new EnvRow("MODE", "0123"));
        assertThat(form.ports()).containsExactly(new PortRow("22", "22", "tcp"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"services:\n  web: {}\n", "# a comment\nversion: '3'\nservices: {}\n", "name: shop\n"})
    void isToldFromALine(String text) {
        assertThat(ComposeFile.looksLike(text)).isTrue();
    }

    @Test
    void lineIsToldFromAFile() {
        assertThat(ComposeFile.looksLike("docker run \\\n  --name services: nginx"))
                .isFalse();
    }
}
