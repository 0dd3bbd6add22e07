package io.flotilla.agent.engine;

import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.Processes;
import io.flotilla.agent.oci.RuntimeSpec.Hook;
import io.flotilla.agent.oci.Signals;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Hooks in the host's namespaces: prestart, createRuntime, poststart and poststop. Those of the container's side are steps of
 * its plan.
 *
 * <pre>
 * create: shim.proceed → prestart, createRuntime → shim.proceed (createContainer) → start: (startContainer) → poststart
 * delete: → poststop
 * </pre>
 *
 * What fails before the program runs ends the container; poststart and poststop are only told of.
 */
final class HostHooks {

    private static final int LONGEST_COMPLAINT = 4096;

    private HostHooks() {}

    /** A hook that could not be run, ended with anything but 0, or was not done in its time. */
    static final class HookException extends IOException {
        private static final long serialVersionUID = 1;

        HookException(String field, Hook hook, String problem) {
            super(field + ": the hook " + hook.path() + " " + problem);
        }
    }

    /**
     * Runs them one after the other, each with the state on its standard input, until one fails.
     *
     * @param field as {@code hooks.poststop}
     */
    static void run(String field, List<Hook> hooks, String state) throws IOException {
        for (int i = 0; i < hooks.size(); i++) {
            run(field + "[" + i + "]", hooks.get(i), state);
        }
    }

    private static void run(String field, Hook hook, String state) throws IOException {
        try (Fd content = Descriptors.memory("state", state.getBytes(StandardCharsets.UTF_8));
                Fd input = Descriptors.open(content.path(), Descriptors.O_RDONLY, 0);
                Fd nowhere = Descriptors.open("/dev/null", Descriptors.O_RDWR, 0);
                Fd complaint = Descriptors.memory("hook's errors", new byte[0])) {
            List<String> arguments = hook.args().isEmpty() ? List.of(hook.path()) : hook.args();
            int pid;
            try {
                pid = Processes.spawn(hook.path(), arguments, hook.env(), List.of(input, nowhere, complaint));
            } catch (KernelException e) {
                throw new HookException(
                        field, hook, "cannot be run: " + e.errno().text());
            }
            OptionalInt code = await(pid, hook.timeout());
            if (code.isEmpty()) {
                throw new HookException(field, hook, "was not done after " + hook.timeout() + " s");
            }
            if (code.getAsInt() != 0) {
                throw new HookException(
                        field, hook, "ended with exit code " + code.getAsInt() + text(Path.of(complaint.path())));
            }
        }
    }

    private static OptionalInt await(int pid, @Nullable Integer seconds) throws KernelException {
        OptionalInt code = Processes.await(pid, seconds == null ? null : Duration.ofSeconds(seconds));
        if (code.isEmpty()) {
            try (Fd pidfd = Processes.pidfd(pid)) {
                Processes.signal(pidfd, Signals.KILL);
            }
            Processes.await(pid, null);
        }
        return code;
    }

    private static String text(Path complaint) throws IOException {
        byte[] bytes = Files.readAllBytes(complaint);
        String text = new String(bytes, 0, Math.min(bytes.length, LONGEST_COMPLAINT), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "" : ": " + text;
    }
}
