package io.flotilla.controlplane.ui.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.ui.launch.LaunchForm.EnvRow;
import io.flotilla.controlplane.ui.launch.LaunchForm.PortRow;
import io.flotilla.controlplane.ui.words.CommandLine;
import org.junit.jupiter.api.Test;

class DockerRunTest {

    private static DockerRun read(String line) {
        return DockerRun.read(line, "default");
    }

    @Test
    void carriesOverEverythingThatHasACounterpart() {
        DockerRun run = read("""
                $ docker run -d --name=web -p 8080:80 -p5353:53/udp -e A=b --env 'GREETING=ahoy there' \\
                  --memory 1g --cpus 0.5 -u 1000:1000 -w /srv -h web-1 --entrypoint /bin/sh --network host \\
                  --read-only --cap-add NET_ADMIN --cap-drop=ALL --pids-limit 64 --stop-signal SIGINT --stop-timeout 3 \\
                  --restart unless-stopped --userns host nginx:1.27 -c 'echo $HOME; exec nginx'""");
        LaunchForm form = run.form();
        assertThat(run.left()).isEmpty();
        assertThat(form.name()).isEqualTo("web");
        assertThat(form.image()).isEqualTo("nginx:1.27");
        assertThat(form.kind()).isEqualTo("service");
        assertThat(form.ports()).containsExactly(new PortRow("80", "8080", "tcp"), new PortRow("53", "5353", "udp"));
        assertThat(form.env()).containsExactly(new EnvRow("A", "b"), new EnvRow("GREETING", "ahoy there"));
        assertThat(form.memory() + form.memoryUnit()).isEqualTo("1024Mi");
        assertThat(form.cpu()).isEqualTo("0.5");
        assertThat(form.user()).isEqualTo("1000:1000");
        assertThat(form.workingDir()).isEqualTo("/srv");
        assertThat(form.hostName()).isEqualTo("web-1");
        assertThat(form.network()).isEqualTo("host");
        assertThat(form.readOnly()).isTrue();
        assertThat(form.capAdd()).isEqualTo("NET_ADMIN");
        assertThat(form.capDrop()).isEqualTo("ALL");
        assertThat(form.pids()).isEqualTo("64");
        assertThat(form.stopSignal()).isEqualTo("SIGINT");
        assertThat(form.stopSeconds()).isEqualTo("3");
        assertThat(form.restart()).isEqualTo("always");
        assertThat(form.userns()).isFalse();
        assertThat(CommandLine.words(form.command())).containsExactly("/bin/sh");
        assertThat(CommandLine.words(form.args())).containsExactly("-c", "echo $HOME; exec nginx");
    }

    @Test
    void namesWhatItCannotCarryOver() {
        DockerRun run = read("docker run -v /data:/data --gpus all --privileged -p 80-90:80-90 -e HOME "
                + "--network mynet --restart on-failure:3 -Z debian");
        assertThat(run.left())
                .satisfiesExactlyInAnyOrder(
                        text -> assertThat(text).startsWith("-v /data:/data"),
                        text -> assertThat(text).startsWith("--gpus all"),
                        text -> assertThat(text).startsWith("--privileged"),
                        text -> assertThat(text).startsWith("-p 80-90:80-90"),
                        text -> assertThat(text).startsWith("-e HOME"),
                        text -> assertThat(text).startsWith("--network mynet"),
                        text -> assertThat(text).startsWith("--restart on-failure:3"),
                        text -> assertThat(text).startsWith("-Z"));
        assertThat(run.form().image()).isEqualTo("debian");
        assertThat(run.form().restart()).isEqualTo("on-failure");
    }

    @Test
    void aShellInTheForegroundIsAJobWithATerminal() {
        LaunchForm form = read("sudo docker run -it ubuntu /bin/bash").form();
        assertThat(form.kind()).isEqualTo("job");
        assertThat(form.restart()).isEqualTo("never");
        assertThat(form.tty()).isTrue();
        assertThat(form.stdin()).isTrue();
        assertThat(form.args()).isEqualTo("/bin/bash");
    }

    @Test
    void saysWhatAShellWouldHaveReplaced() {
        assertThat(read("docker run -d -w $(pwd) -e A=$B web").left())
                .anyMatch(text -> text.startsWith("-w") && text.contains("$(pwd"))
                .anyMatch(text -> text.startsWith("-e") && text.contains("$B"));
    }

    @Test
    void saysWhatIsMissing() {
        assertThat(read("docker run -d --name").left())
                .containsExactly("--name has no value.", "The line names no image.");
        assertThat(read("nginx").left()).contains("The line does not begin with docker run.");
    }
}
