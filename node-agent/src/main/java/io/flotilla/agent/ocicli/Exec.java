package io.flotilla.agent.ocicli;

import io.flotilla.agent.engine.BundleLaunch;
import io.flotilla.agent.engine.launch.HandedOver;
import io.flotilla.agent.engine.launch.LaunchException;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.Processes;
import io.flotilla.agent.oci.RuntimeSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code exec}: a further process in a running container. */
final class Exec implements Command {

    @Override
    public int failed() {
        return 255;
    }

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Options options = Options.parseUpToOperand(
                arguments,
                "console-socket=",
                "pid-file=",
                "preserve-fds=",
                "no-new-keyring",
                "detach,d",
                "process,p=",
                "tty,t",
                "cwd=",
                "env,e=",
                "user,u=",
                "additional-gids,g=",
                "process-label=",
                "apparmor=",
                "no-new-privs",
                "cap,c=",
                "no-subreaper",
                "ignore-paused");
        if (options.operands().isEmpty()) {
            throw new Refused("\"oci exec\" requires a container's id");
        }
        Target target = Target.of(context, options.operands().getFirst());
        if (target.status() == Status.STOPPED) {
            throw new Refused("cannot exec in a stopped container");
        }
        if (target.status() == Status.PAUSED && !options.has("ignore-paused")) {
            throw new Refused("cannot exec in a paused container (use --ignore-paused to override)");
        }
        Bundle bundle = Bundle.kept(context.states(), target.state());
        Map<String, @Nullable Object> process = new ExecProcess(bundle.tree(), options).make();
        return run(target, bundle.withProcess(process), options);
    }

    private static int run(Target target, RuntimeSpec spec, Options options) throws IOException {
        boolean terminal = spec.requireProcess().terminal();
        if (options.has("detach")) {
            try (Streams streams = Streams.detached(options, terminal)) {
                start(target, spec, options, streams);
            }
            return 0;
        }
        try (Foreground foreground = Foreground.prepare(terminal);
                Streams streams = Streams.attached(options, foreground.console())) {
            int pid = start(target, spec, options, streams);
            return foreground.await(pid, Processes.pidfd(pid));
        }
    }

    private static int start(Target target, RuntimeSpec spec, Options options, Streams streams) throws IOException {
        Path directory = target.states().directory(target.state().id());
        BundleLaunch.Bundle bundle = new BundleLaunch.Bundle(
                target.state().id(), Path.of(target.state().bundle()), spec);
        try (BundleLaunch launch = BundleLaunch.open();
                Fd first = target.process();
                HandedOver process = launch.exec(bundle, target.group(), directory, first, streams.forLaunch())) {
            process.proceed();
            Path pidFile = Create.pidFile(options);
            if (pidFile != null) {
                States.replace(pidFile.toAbsolutePath(), String.valueOf(process.pid()));
            }
            return process.pid();
        } catch (LaunchException e) {
            throw Words.of(e, spec.requireProcess().args().getFirst());
        }
    }
}
