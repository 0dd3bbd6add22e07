package io.flotilla.agent.engine.launch;

import io.flotilla.agent.kernel.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** An agent that starts one container and is then killed: run in a JVM of its own by {@link ShimAdoptionTest}. */
final class SpawningJvm {

    private SpawningJvm() {}

    /** Arguments: runtime directory, log directory, layers, upper, work, then the container's argv. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Step root = new Step.OverlayRoot(
                Path.of(arguments[2]), List.of("bottom"), Path.of(arguments[3]), Path.of(arguments[4]), true);
        String[] argv = Arrays.copyOfRange(arguments, 5, arguments.length);
        Shims shims = Shims.open();
        Shim shim = shims.spawn(new ShimRequest(
                Path.of(arguments[0]),
                Optional.of(Path.of(arguments[1])),
                TestPlans.container(root, false, true, argv)));
        shim.proceed();
        shim.start();
        System.out.println("started " + Processes.bootId());
        Thread.currentThread().join();
    }

    static Process start(ShimRequest request, Step.OverlayRoot root, String... argv) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                SpawningJvm.class.getName(),
                request.runtimeDirectory().toString(),
                TestHost.logs(request).toString(),
                root.parent().toString(),
                root.upper().toString(),
                root.work().toString()));
        command.addAll(List.of(argv));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
