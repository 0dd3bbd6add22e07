package io.flotilla.agent.program;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code flotilla-agent install}: the agent as a systemd service. */
@Command(name = "install", description = "Install and start the agent as a systemd service.")
final class InstallCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in before it calls.
    private CommandSpec spec;

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--print", description = "only print the unit file")
    private boolean print;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (print) {
            String launcher = System.getProperty("flotilla.launcher", "/usr/local/bin/flotilla-agent");
            spec.commandLine().getOut().print(SystemdUnit.text(java.nio.file.Path.of(launcher), data.data()));
            spec.commandLine().getOut().flush();
            return 0;
        }
        if (!SystemdUnit.runsHere()) {
            throw new IOException("systemd does not run on this host; start `flotilla-agent run` by other means");
        }
        return SystemdUnit.install(data.data(), spec.commandLine().getOut());
    }
}
