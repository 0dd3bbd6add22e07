package io.flotilla.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Runs the agent's tests of control groups (tagged {@code kernel}) once more on a stock 6.1 kernel with pure cgroup v2 and
 * AppArmor, in the virtual machine of {@code e2e/vm}, and reports each of them here. The other tests with this tag run there
 * too, but take longer under emulation than a whole run may.
 */
class SecondKernelTest {

    private static final Duration DEADLINE = Duration.ofMinutes(20);

    @TestFactory
    Stream<DynamicTest> theEngineAlsoWorksOnPureCgroupV2() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "virtiofsd needs root");
        Path agent = Flotilla.ROOT.resolve("node-agent");
        // Not below /tmp, which is a disk of the machine's own there.
        Path out = Files.createTempDirectory(Files.createDirectories(Flotilla.ROOT.resolve("e2e/target")), "vm-");
        String classPath =
                agent.resolve("target/test-classes") + File.pathSeparator + System.getProperty("java.class.path");
        Command machine = Command.run(
                DEADLINE,
                agent,
                "env",
                "VM_OUT=" + out,
                "VM_TIMEOUT=" + DEADLINE.toSeconds(),
                "JAVA_HOME=" + System.getProperty("java.home"),
                Flotilla.ROOT.resolve("e2e/vm/run").toString(),
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                "org.junit.platform.console.ConsoleLauncher",
                "execute",
                "--disable-banner",
                "--scan-classpath",
                agent.resolve("target/test-classes").toString(),
                "--include-tag",
                "kernel",
                "--include-classname",
                ".*\\.cgroup\\..*",
                "--reports-dir",
                out.toString());
        List<DynamicTest> tests = new ArrayList<>();
        for (Path report : reports(out)) {
            NodeList cases = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(report.toFile())
                    .getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                tests.add(result((Element) cases.item(i)));
            }
        }
        Registry.deleteTree(out);
        assertThat(tests).as(machine.output()).isNotEmpty();
        return tests.stream();
    }

    private static List<Path> reports(Path out) throws IOException {
        try (Stream<Path> files = Files.list(out)) {
            return files.filter(file -> file.toString().endsWith(".xml")).toList();
        }
    }

    private static DynamicTest result(Element test) {
        String name = test.getAttribute("classname") + "." + test.getAttribute("name");
        for (String bad : List.of("failure", "error")) {
            NodeList found = test.getElementsByTagName(bad);
            if (found.getLength() > 0) {
                String why = found.item(0).getTextContent();
                return DynamicTest.dynamicTest(name, () -> {
                    throw new AssertionError(why);
                });
            }
        }
        NodeList skipped = test.getElementsByTagName("skipped");
        String reason = skipped.getLength() > 0 ? skipped.item(0).getTextContent() : null;
        return DynamicTest.dynamicTest(
                name, () -> Assumptions.assumeTrue(reason == null, () -> "in the machine: " + reason));
    }
}
