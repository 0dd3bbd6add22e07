package io.flotilla.agent.engine.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@ExtendWith(RootRequired.class)
@Timeout(180)
class ShimContainerTest {

    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = new TestHost();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @Test
    void runsAProgramAndTellsItsOutputAndExitCode() throws Exception {
        TestHost.Result result = host.run("sh", "-c", "echo out; echo err >&2; exit 7");
        assertThat(result.output()).isEqualTo("out\n");
        assertThat(result.error()).isEqualTo("err\n");
        assertThat(result.exit().code()).isEqualTo(7);
        assertThat(result.exit().ended()).isAfterOrEqualTo(result.exit().started());
    }

    @Test
    void writesOutputToTheLogLineByLineWithStreamAndPartialFlag() throws Exception {
        ShimRequest request = host.request(
                TestPlans.container(host.overlay(), false, false, "sh", "-c", "echo one; echo two >&2; printf three"));
        Shim shim = host.spawn(request);
        shim.proceed();
        shim.start();
        assertThat(shim.exit().get(60, TimeUnit.SECONDS).code()).isZero();
        String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z";
        assertThat(Files.readAllLines(TestHost.logs(request).resolve("00000001.log")))
                .anyMatch(line -> line.matches(time + " stdout F one"))
                .anyMatch(line -> line.matches(time + " stderr F two"))
                .anyMatch(line -> line.matches(time + " stdout P three"))
                .hasSize(3);
    }

    @Test
    void leavesWhenTheExitIsAcknowledgedAndKeepsTheExitRecord() throws Exception {
        ShimRequest request = host.request(TestPlans.container(host.overlay(), false, false, "false"));
        Shim shim = host.spawn(request);
        shim.proceed();
        shim.start();
        assertThat(shim.exit().get(60, TimeUnit.SECONDS).code()).isEqualTo(1);
        Path runtime = request.runtimeDirectory();
        assertThat(ShimRecord.readExit(runtime).orElseThrow().code()).isEqualTo(1);
        shim.release();
        int pid = shim.record().shimPid();
        TestHost.await("the shim leaves", () -> !Files.exists(Path.of("/proc/" + pid)));
        assertThat(runtime.resolve("shim.sock")).doesNotExist();
        assertThat(host.shims.adopt(runtime)).isInstanceOf(Adoption.Ended.class);
    }
}
