package io.flotilla.controlplane;

import io.flotilla.controlplane.audit.ExportCheck;
import io.flotilla.controlplane.audit.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks an export of the audit log offline. */
@Command(
        name = "audit-verify",
        mixinStandardHelpOptions = true,
        description = "Checks an export of the audit log (JSON Lines) without a running control plane.")
final class AuditVerify implements Callable<Integer> {

    @Parameters(paramLabel = "EXPORT", description = "the export, one entry a line")
    private Path export = Path.of("");

    @Option(names = "--heads", description = "the file control-plane/audit-heads, to notice a deleted tail")
    private @Nullable Path heads;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Verdict verdict = ExportCheck.verify(export, heads);
        if (verdict.entries() == 0 && verdict.ok()) {
            out.println("NOT ok: " + export + " holds no entries, so there is nothing that could be checked");
            return 1;
        }
        verdict.findings().forEach(finding -> out.println(finding.kind().word() + ": " + finding.detail()));
        out.println((verdict.ok() ? "ok: " : "NOT ok: ") + verdict.entries() + " entries, compared with "
                + verdict.heads() + " kept heads");
        return verdict.ok() ? 0 : 1;
    }
}
