package io.flotilla.agent.ocicli;

import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.Processes;
import io.flotilla.agent.oci.Signals;
import io.flotilla.agent.oci.SpecException;
import java.io.IOException;
import java.util.List;

/** {@code kill}: sends a signal to the container's first process, or to all of them. */
final class Kill implements Command {

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Options options = Options.parse(arguments, "all,a");
        List<String> operands = options.operands();
        if (operands.isEmpty() || operands.size() > 2) {
            throw new Refused("\"oci kill\" requires a container's id and at most a signal; there are "
                    + operands.size() + " argument(s)");
        }
        Target target = Target.of(context, operands.getFirst());
        int signal = operands.size() == 1 ? Signals.TERM : signal(operands.get(1));
        if (options.has("all")) {
            for (long pid : target.group().processes()) {
                signal((int) pid, signal);
            }
            return 0;
        }
        if (target.status() == Status.STOPPED) {
            throw new Refused("container not running");
        }
        send(target, signal);
        return 0;
    }

    /** 0 asks only whether there is a process. */
    private static int signal(String name) throws Refused {
        if (name.equals("0")) {
            return 0;
        }
        try {
            return Signals.number("signal", name);
        } catch (SpecException e) {
            throw new Refused("unknown signal \"" + name + "\"", e);
        }
    }

    /** What is frozen dies only when it is thawed. */
    static void send(Target target, int signal) throws IOException {
        try (Fd process = target.process()) {
            if (!Processes.signal(process, signal)) {
                throw new Refused("container not running");
            }
        }
        if (target.status() == Status.PAUSED && signal == Signals.KILL) {
            target.group().thaw();
        }
    }

    private static void signal(int pid, int signal) throws IOException {
        try (Fd process = Processes.pidfd(pid)) {
            Processes.signal(process, signal);
        } catch (KernelException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
    }
}
