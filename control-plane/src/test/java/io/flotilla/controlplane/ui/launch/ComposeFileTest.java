package io.flotilla.controlplane.ui.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.problem.FieldError;
import io.flotilla.controlplane.ui.launch.LaunchForm.EnvRow;
import io.flotilla.controlplane.ui.launch.LaunchForm.PortRow;
import io.flotilla.controlplane.ui.words.CommandLine;
import io.flotilla.controlplane.workload.WorkloadRequest.ResourcesRequest;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComposeFileTest {

    private static ComposeFile read(String text) {
        return ComposeFile.read(text, "default");
    }

    private static ComposeFile.Service service(String text) {
        return read(text).services().getFirst();
    }

    /** A service of the given keys, one a line or in YAML's short form. */
    private static ComposeFile.Service of(String keys) {
        return service("services:\n  web:\n    image: nginx\n    restart: always\n    " + keys.replace(" ;; ", "\n    ")
                + "\n");
    }

    @Test
    void carriesOverEverythingThatHasACounterpart() {
        ComposeFile.Service file = service("""
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
    void readsEveryServiceUnderItsNameAndTellsWhichComposeWouldStart() {
        ComposeFile file = read("""
                services:
                  web: {image: "nginx", restart: always}
                  Debug.Shell: {image: "busybox", profiles: [debug]}
                  db: {image: "postgres", restart: always}
                """);
        assertThat(file.services()).extracting(ComposeFile.Service::name).containsExactly("web", "Debug.Shell", "db");
        assertThat(file.usual()).extracting(ComposeFile.Service::name).containsExactly("web", "db");
        assertThat(file.service("db").orElseThrow().form().image()).isEqualTo("postgres");
        assertThat(file.service("Debug.Shell").orElseThrow().form().name()).isEqualTo("debug-shell");
        assertThat(file.service("cache")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            build: .                          | build: images are not built here
            volumes: ["data:/data"]           | volumes is not supported.
            labels: {a: b}                    | labels: workloads carry none.
            tmpfs: /tmp                       | tmpfs is not supported.
            init: true                        | init is not supported.
            env_file: .env                    | env_file: files are not read here
            depends_on: [db]                  | depends_on: workloads start independently
            healthcheck: {test: "true"}       | healthcheck is not supported.
            container_name: web               | container_name: containers are named
            environment: [HOME]               | environment HOME takes its value from a shell
            environment: {HOME: }             | environment HOME takes its value from a shell
            environment: {A: "${SECRET}"}     | environment.A: SECRET has no value here.
            ports: ["80-90:80-90"]            | ports 80-90:80-90 is not supported
            ports: [{target: 80, mode: host}] | ports.mode is not supported.
            deploy: {mode: global}            | deploy.mode: only replicated is supported.
            deploy: {placement: {max_replicas_per_node: 1}} | deploy.placement.max_replicas_per_node is not
            deploy: {placement: {constraints: ["node.role == manager"]}} | deploy.placement.constraints node.role == manager: only labels
            deploy: {resources: {reservations: {cpus: "0.1"}}} | deploy.resources.reservations.cpus: the limit is what
            deploy: {restart_policy: {delay: 5s}} | deploy.restart_policy.delay: the pauses
            network_mode: "service:db"        | network_mode service:db is not supported
            memswap_limit: -1                 | memswap_limit -1: swap without a limit is not supported.
            entrypoint: []                    | entrypoint: an empty one needs a command
            """)
    void namesWhatItCannotCarryOver(String keys, String sentence) {
        ComposeFile.Service service = of(keys);
        assertThat(service.left()).singleElement().asString().startsWith(sentence);
        assertThat(service.wrong()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tty: perhaps                      | tty | is neither true nor false
            user: {name: root}                | user | is not one plain value
            command: &a [[*a]]                | command | is not one plain value
            stop_grace_period: 10             | stop_grace_period | "10" is not a time, as in 1m30s
            mem_limit: 64 parrots             | mem_limit | "64 parrots" is not a size, as in 512m
            hostname: ${NAME:?who is it}      | hostname | needs a value of NAME, and none is known here: who is it
            hostname: ${NAME?}                | hostname | needs a value of NAME, and none is known here
            hostname: ${A:-${B:?no}}          | hostname | needs a value of B, and none is known here: no
            hostname: $(hostname)             | hostname | "$(hostname)" has a $ that begins no variable; write $$
            hostname: ${1st}                  | hostname | "${1st}" has a $ that begins no variable
            hostname: ${A                     | hostname | "${A" has no known form of a variable behind A
            hostname: ${A:-b                  | hostname | "b" lacks the closing brace of its variable
            hostname: ${A:b}                  | hostname | "${A:b}" has no known form of a variable behind A
            mem_limit: 64m ;; deploy: {resources: {limits: {memory: 128M}}} | mem_limit | is 64m and deploy.resources.limits.memory is 128M
            cpus: 1 ;; deploy: {resources: {limits: {cpus: "0.5"}}} | cpus | is 1 and deploy.resources.limits.cpus is 0.5
            pids_limit: 1 ;; deploy: {resources: {limits: {pids: 2}}} | pids_limit | is 1 and deploy.resources.limits.pids is 2
            scale: 2 ;; deploy: {replicas: 3} | scale | is 2 and deploy.replicas is 3; give one of the two
            mem_reservation: 1m ;; deploy: {resources: {reservations: {memory: 2m}}} | mem_reservation | is 1m and deploy
            deploy: {restart_policy: {condition: often}} | deploy.restart_policy.condition | is none of none
            cpu_quota: some | cpu_quota | "some" is not a number of microseconds
            """)
    void callsWrongWhatComposeRefuses(String keys, String field, String detail) {
        assertThat(of(keys).wrong()).singleElement().satisfies(error -> {
            assertThat(error.field()).isEqualTo(field);
            assertThat(error.detail()).startsWith(detail);
        });
    }

    /** The forms of the Compose specification's section on interpolation; nothing is set here. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a-$NAME-b                 | a--b
            a-${NAME}-b               | a--b
            ${TAG:-1.27}              | 1.27
            ${TAG-1.27}               | 1.27
            ${TAG:-}x                 | x
            ${B:-${C:-x}}             | x
            ${B:-$C}x                 | x
            ${B-a${C-b}c${D:-d}}e     | abcde
            ${E:+alt}x                | x
            ${E+alt}x                 | x
            ${E:+${B:?unused}}x       | x
            ${A:-x:y?z}               | x:y?z
            $$HOME and $${HOME}       | $HOME and ${HOME}
            ${A:-$$}                  | $
            """)
    void replacesVariables(String written, String value) {
        assertThat(of("user: '" + written + "'").form().user()).isEqualTo(value);
        assertThat(of("user: '" + written + "'").wrong()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            user: ${TAG:-1.27}      | user: TAG is taken as its default, 1.27.
            user: ${B:-${C:-x}}     | user: B is taken as its default, x.
            user: x${E:+alt}        | user: E has no value here, so what would replace it is left out.
            """)
    void saysWhatBecameOfAVariable(String keys, String sentence) {
        assertThat(of(keys).left()).containsExactly(sentence);
    }

    @Test
    void boundsHowDeepVariablesNest() {
        assertThat(of("user: '" + "${A:-".repeat(20_000) + "'").wrong())
                .singleElement()
                .satisfies(error -> assertThat(error.detail()).contains("nested more than"));
    }

    @ParameterizedTest
    @CsvSource({
        "64m, 64Mi",
        "64M, 64Mi",
        "64mb, 64Mi",
        "64MiB, 64Mi",
        "1.5g, 1536Mi",
        "1.5 GB, 1536Mi",
        "0.5g, 512Mi",
        "2T, 2097152Mi",
        "100000000, 100000000",
        "100000000b, 100000000",
        "8193k, 8389632"
    })
    void readsSizesAsComposeDoes(String written, String amount) {
        LaunchForm form = of("mem_limit: " + written).form();
        assertThat(form.memory() + form.memoryUnit()).isEqualTo(amount);
        assertThat(of("mem_reservation: " + written).form().memoryReservation()).isEqualTo(amount);
    }

    /** Key by key: what the request for the workload becomes. Fields of the request as in the API. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            command: []                                   | args=[]
            command: ""                                   | args=[]
            command:                                      | -
            command: sh -c 'a b'                          | args=[sh, -c, a b]
            command: ["sh", "-c", "a b"]                  | args=[sh, -c, a b]
            entrypoint: /run.sh                           | command=[/run.sh]
            entrypoint: ["/bin/sh", "-c"] ;; command: ls   | command=[/bin/sh, -c], args=[ls]
            entrypoint: [] ;; command: [top, -b]            | command=[top, -b]
            mem_limit: 1g ;; memswap_limit: 1.5g            | memory=1024Mi, swap=512Mi
            mem_limit: 1g ;; memswap_limit: 1g              | memory=1024Mi
            memswap_limit: 0                              | -
            mem_limit: 1g ;; deploy: {resources: {limits: {memory: 1024M}}} | memory=1024Mi
            cpus: 0.5 ;; deploy: {resources: {limits: {cpus: "0.50"}}} | cpu=0.50
            deploy: {resources: {reservations: {memory: 20M}}} | memoryReservation=20Mi
            cpu_shares: 512                               | cpuShares=512
            cpu_quota: 50000                              | cpu=0.5
            cpu_period: 50000 ;; cpu_quota: 50000           | cpu=1
            deploy: {placement: {constraints: ["node.labels.disk == ssd", "node.labels.zone==a"]}} | constraints={disk=ssd, zone=a}
            deploy: {restart_policy: {condition: none}}   | restart=never
            deploy: {mode: replicated, replicas: 3}       | replicas=3
            stop_grace_period: 1m30s                      | stopGraceMillis=90000
            stop_grace_period: 1.5s                       | stopGraceMillis=1500
            stop_grace_period: 250ms                      | stopGraceMillis=250
            privileged: false ;; init: false                | -
            ports: [{target: 80, name: web, app_protocol: http}] | ports=[PortRequest[container=80, host=null, protocol=tcp]]
            environment: {A: , B: b}                      | env={B=b}
            """)
    void carriesKeysOverInto(String keys, String expected) throws Exception {
        ComposeFile.Service service = of(keys);
        assertThat(service.wrong()).isEmpty();
        assertThat(String.join(
                        ", ",
                        differences(
                                Requests.of(service.form(), null),
                                Requests.of(of("x-a: b").form(), null))))
                .isEqualTo(expected.equals("-") ? "" : expected);
    }

    private static List<String> differences(Record one, Record other) throws ReflectiveOperationException {
        List<String> found = new ArrayList<>();
        for (RecordComponent component : one.getClass().getRecordComponents()) {
            Object value = component.getAccessor().invoke(one);
            Object usual = component.getAccessor().invoke(other);
            if (value instanceof ResourcesRequest inner && usual instanceof ResourcesRequest usualInner) {
                found.addAll(differences(inner, usualInner));
            } else if (!Objects.equals(value, usual)) {
                found.add(component.getName() + "=" + value);
            }
        }
        return found;
    }

    @Test
    void mergesWhatAnAnchorHolds() {
        ComposeFile file = read("""
                x-common: &common
                  image: nginx
                  restart: always
                  environment: {A: b}
                services:
                  one: {<<: *common}
                  two: {<<: *common, image: caddy}
                """);
        assertThat(file.services())
                .extracting(service -> service.form().image())
                .containsExactly("nginx", "caddy");
        assertThat(file.services())
                .allSatisfy(service -> assertThat(service.left()).isEmpty());
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
        assertThat(service(bomb.toString()).wrong())
                .containsExactly(new FieldError("command", "is not one plain value"));
    }

    @Test
    void takesValuesAsTheyAreWritten() {
        LaunchForm form = service("""
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
