package io.flotilla.agent.network;

import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.NetlinkSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A network namespace that plays a host, a container or the world, with a thread that lives in it. */
@SuppressWarnings("try") // An interrupt ends the test, and that is what it is for.
final class TestNamespace implements AutoCloseable {

    private static int count;

    final String name;
    final Fd fd;
    private final ExecutorService thread;

    TestNamespace(String role) throws Exception {
        synchronized (TestNamespace.class) {
            name = "net-" + ProcessHandle.current().pid() + "-" + role + ++count;
        }
        onHost("ip", "netns", "add", name);
        fd = Descriptors.open("/run/netns/" + name, Descriptors.O_RDONLY, 0);
        thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
        call(() -> {
            NetlinkSocket.enterNamespace(fd);
            return name;
        });
        run("ip", "link", "set", "lo", "up");
        // A new namespace takes the host's setting; these tests are about what changes it.
        run("sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_forward");
    }

    /** Runs the call on the thread that lives in the namespace; threads and processes that it starts live there too. */
    <T> T call(Callable<T> call) throws Exception {
        try {
            return thread.submit(call).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Runs a command in the namespace and returns what it wrote. */
    String run(String... command) throws Exception {
        return call(() -> onHost(command));
    }

    private static String onHost(String... command) throws IOException, InterruptedException {
        var process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
        return output;
    }

    @Override
    public void close() throws Exception {
        thread.shutdownNow();
        if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a thread is stuck in " + name);
        }
        fd.close();
        onHost("ip", "netns", "del", name);
    }
}
