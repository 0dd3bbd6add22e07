package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.agent.oci.RuntimeSpec.Hook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code hooks}: where each kind runs, what it is told, and what its failure does. */
@Tag("kernel")
@Timeout(180)
class SpecHooksTest {

    private TestBundle bundle;

    @BeforeEach
    void open() throws IOException {
        bundle = new TestBundle();
    }

    @AfterEach
    void close() throws IOException {
        bundle.close();
    }

    /** A program of the host. */
    private Path script(String name, String body) throws IOException {
        Path file = Files.writeString(bundle.base.resolve(name), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    private static String hooks(String kind, Object path, String more) {
        return "{\"annotations\":{\"a\":\"b\\\"c\"},\"hooks\":{\"%s\":[{\"path\":\"%s\"%s}]}}"
                .formatted(kind, path, more);
    }

    private Path open(String name) throws IOException {
        Path file = Files.writeString(bundle.base.resolve(name), "");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        return file;
    }

    @Test
    void hooksOfTheRuntimeSeeTheStateAndRunBeforeTheRootIsEntered() throws IOException {
        for (String kind : List.of("prestart", "createRuntime")) {
            Path told = open(kind + "-told");
            Path hook = script(kind, "cat > " + told + "; echo \"$0 $1 $COLOUR\" > " + told + "-args");
            TestBundle.Made made = bundle.create(
                    hooks(kind, hook, ",\"args\":[\"named\",\"one\"],\"env\":[\"COLOUR=red\"],\"timeout\":30"));
            JsonNode state = JsonMapper.shared().readTree(Files.readString(told));
            assertThat(state.path("status").asString()).isEqualTo("creating");
            assertThat(state.path("pid").asInt()).isEqualTo(made.pid());
            assertThat(state.path("bundle").asString()).isEqualTo(bundle.base.toString());
            assertThat(state.path("annotations").path("a").asString()).isEqualTo("b\"c");
            assertThat(state.path("id").asString()).isEqualTo(made.group().name());
            assertThat(Files.readString(Path.of(told + "-args"))).isEqualTo(hook + " one red\n");
        }
    }

    @Test
    void networkInterfaceThatAHookBringsIsThereForItsKernelParameters() throws IOException {
        Path hook = script(
                "net",
                "pid=$(sed 's/.*\"pid\":\\([0-9]*\\).*/\\1/'); nsenter -t $pid -n ip link add hooked type bridge");
        assertThat(bundle.print(
                        "cat /proc/sys/net/ipv4/conf/hooked/forwarding; ip link show hooked | head -n 1 | cut -d: -f2",
                        hooks("prestart", hook, ",\"env\":[\"PATH=/usr/sbin:/usr/bin:/sbin:/bin\"]"),
                        "{\"linux\":{\"sysctl\":{\"net.ipv4.conf.hooked.forwarding\":\"1\"}}}"))
                .isEqualTo("1\n hooked");
    }

    @Test
    void createContainerHookIsAProgramOfTheHostInTheContainersNamespacesAndSeesItsMounts() throws IOException {
        Path told = open("told");
        Path hook = script(
                "create",
                "cat > " + told + "; readlink /proc/self/ns/uts /proc/self/ns/mnt >> " + told + "; echo from-hook > "
                        + bundle.rootfs + "/data/made; id -u >> " + told);
        TestBundle.Made made = bundle.create(
                hooks("createContainer", hook, ""),
                "{\"mounts\":[{\"destination\":\"/data\",\"type\":\"tmpfs\",\"source\":\"t\"}]}",
                TestBundle.sh("cat /data/made"));
        List<String> lines = Files.readAllLines(told);
        String state = lines.getFirst().substring(0, lines.getFirst().lastIndexOf('}') + 1);
        assertThat(JsonMapper.shared().readTree(state).path("status").asString())
                .isEqualTo("creating");
        assertThat(JsonMapper.shared().readTree(state).path("pid").asInt()).isEqualTo(1);
        assertThat(String.join("\n", lines))
                .contains(Files.readSymbolicLink(made.proc("ns/uts")).toString())
                .contains(Files.readSymbolicLink(made.proc("ns/mnt")).toString())
                .endsWith("\n0");
        assertThat(bundle.run(made).output()).isEqualTo("from-hook\n");
        assertThat(bundle.rootfs.resolve("data/made")).doesNotExist();
    }

    @Test
    void startContainerHookIsAProgramOfTheContainerAndRunsAtItsStart() throws IOException {
        Files.writeString(
                bundle.rootfs.resolve("bin/hook"),
                "#!/bin/sh\ncat > /tmp/state; echo $1 > /tmp/ran; id -u >> /tmp/ran\n");
        TestBundle.run("chmod", "755", bundle.rootfs.resolve("bin/hook").toString());
        TestBundle.run("chmod", "777", bundle.rootfs.resolve("tmp").toString());
        TestBundle.Made made = bundle.create(
                hooks("startContainer", "/bin/hook", ",\"args\":[\"hook\",\"word\"],\"env\":[\"PATH=/bin\"]"),
                "{\"process\":{\"user\":{\"uid\":7,\"gid\":7}}}",
                TestBundle.sh("cat /tmp/ran /tmp/state"));
        assertThat(bundle.rootfs.resolve("tmp/ran")).doesNotExist();
        String output = bundle.run(made).output();
        assertThat(output).startsWith("word\n7\n{").contains("\"status\":\"created\",\"pid\":1,");
    }

    @Test
    void hooksAfterTheStartAndTheEndAreToldTheStatus() throws IOException {
        Path told = open("told");
        Path hook = script("after", "cat >> " + told + "; echo >> " + told);
        TestBundle.Made made =
                bundle.create("{\"hooks\":{\"poststart\":[{\"path\":\"%s\"}],\"poststop\":[{\"path\":\"%s\"}]}}"
                        .formatted(hook, hook));
        made.hooks("hooks.poststart", EngineParts.required(made.spec().hooks()).poststart(), ContainerStatus.RUNNING);
        made.hooks("hooks.poststop", EngineParts.required(made.spec().hooks()).poststop(), ContainerStatus.STOPPED);
        assertThat(Files.readAllLines(told))
                .satisfiesExactly(
                        first -> assertThat(first).contains("\"status\":\"running\""),
                        second -> assertThat(second).contains("\"status\":\"stopped\""));
    }

    @Test
    void failureOfAHookSaysWhichOneAndWhy() throws IOException {
        Path wrong = script("wrong", "echo no such luck >&2; exit 3");
        assertThatThrownBy(() -> bundle.create(hooks("createRuntime", wrong, "")))
                .hasMessage("hooks.createRuntime[0]: the hook " + wrong + " ended with exit code 3: no such luck");
        assertThatThrownBy(() -> bundle.create(hooks("createRuntime", "/no/such/hook", "")))
                .hasMessage("hooks.createRuntime[0]: the hook /no/such/hook cannot be run: No such file or directory");
        assertThatThrownBy(() -> bundle.create(hooks("createContainer", wrong, "")))
                .hasMessageStartingWith("run the createContainer hook " + wrong + ": ECANCELED")
                .hasMessageContaining("the hook ended with exit code 3");
        assertThatThrownBy(() -> bundle.create(hooks("createContainer", "/no/such/hook", "")))
                .hasMessageStartingWith("run the createContainer hook /no/such/hook: ENOENT");
        TestBundle.Made made = bundle.create(hooks("startContainer", "/bin/false", ""));
        assertThatThrownBy(() -> made.shim().start())
                .hasMessageStartingWith("run the startContainer hook /bin/false: ECANCELED")
                .hasMessageContaining("exit code 1");
    }

    @Test
    void hookThatTakesTooLongIsKilled() throws IOException {
        Path slow = script("slow", "exec sleep 1000");
        String env = ",\"timeout\":1,\"env\":[\"PATH=/bin:/usr/bin\"]";
        assertThatThrownBy(() -> bundle.create(hooks("createRuntime", slow, env)))
                .hasMessage("hooks.createRuntime[0]: the hook " + slow + " was not done after 1 s");
        assertThatThrownBy(() -> bundle.create(hooks("createContainer", slow, env)))
                .hasMessageStartingWith("run the createContainer hook " + slow + ": ETIMEDOUT")
                .hasMessageContaining("timeout of seconds: 1");
    }

    @Test
    void hooksOfOneKindRunInTheirOrderUntilOneFails() throws IOException {
        Path told = open("told");
        Hook first = new Hook(script("first", "echo first >> " + told).toString(), List.of(), List.of(), null);
        Hook second = new Hook(
                script("second", "echo second >> " + told + "; exit 1").toString(), List.of(), List.of(), null);
        assertThatThrownBy(() -> HostHooks.run("hooks.poststop", List.of(first, second, first), "{}"))
                .hasMessageStartingWith("hooks.poststop[1]: ");
        assertThat(Files.readAllLines(told)).containsExactly("first", "second");
    }
}
