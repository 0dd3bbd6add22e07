package io.flotilla.agent.program;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The agent as a systemd service. */
final class SystemdUnit {

    private static final Path FILE = Path.of("/etc/systemd/system/flotilla-agent.service");

    private SystemdUnit() {}

    /** Whether systemd is this host's service manager (sd_booted(3)). */
    static boolean runsHere() {
        return Files.isDirectory(Path.of("/run/systemd/system"));
    }

    /** The unit's text. Its reasons stand in the file, for whoever administers the host. */
    static String text(Path launcher, Path data) throws IOException {
        try (var in = SystemdUnit.class.getResourceAsStream("flotilla-agent.service")) {
            if (in == null) {
                throw new IOException("the unit file is missing from this program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@LAUNCHER@", launcher.toString())
                    .replace("@DATA@", data.toString())
                    .replace("@JAVA@", System.getProperty("java.home"));
        }
    }

    /** Writes the unit, and starts the service now and at every boot. */
    static int install(Path data, PrintWriter out) throws IOException, InterruptedException {
        Files.writeString(FILE, text(launcher(), data));
        for (List<String> command : List.of(
                List.of("systemctl", "daemon-reload"),
                List.of("systemctl", "enable", "--now", "flotilla-agent.service"))) {
            int code = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (code != 0) {
                throw new IOException(String.join(" ", command) + " ended with code " + code);
            }
        }
        out.println("The agent runs as flotilla-agent.service; `journalctl -u flotilla-agent` shows what it says.");
        return 0;
    }

    /** The script that started this program says where it is. */
    private static Path launcher() throws IOException {
        String path = System.getProperty("flotilla.launcher");
        if (path == null) {
            throw new IOException("this program was not started by its script flotilla-agent, which a service needs");
        }
        return Path.of(path).toRealPath();
    }
}
