package io.flotilla.agent.cli;

import io.flotilla.protocol.Codec;
import io.flotilla.protocol.LogRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code logs}: what a container wrote. */
@Command(name = "logs", description = "Print what a container wrote.")
final class Logs implements CliCommand {

    @Mixin
    private Connection connection = new Connection();

    @Option(
            names = {"-f", "--follow"},
            description = "go on until it ends")
    private boolean follow;

    @Option(
            names = {"-n", "--tail"},
            paramLabel = "LINES",
            description = "only so many from the end")
    private @Nullable Integer tail;

    @Option(
            names = {"-t", "--timestamps"},
            description = "print the time of every line")
    private boolean times;

    @Parameters(paramLabel = "WORKLOAD|ALLOCATION")
    private String target = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (Api api = connection.api()) {
            String id = Targets.allocation(api, target).path("id").asString();
            print(api, id, follow, tail, times);
        }
        return 0;
    }

    static void print(Api api, String id, boolean follow, @Nullable Integer tail, boolean times)
            throws IOException, InterruptedException {
        String query = "?follow=" + follow + (tail == null ? "" : "&tail=" + tail);
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(api.stream("/allocations/" + id + "/logs" + query), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    print(Codec.decode(line, LogRecord.class), times);
                }
            }
        }
    }

    private static void print(LogRecord record, boolean times) {
        PrintStream out = record.stream() == LogRecord.Stream.STDOUT ? System.out : System.err;
        if (record.stream() == LogRecord.Stream.GAP) {
            out.println("[" + record.gap() + "]");
            return;
        }
        out.print((times ? record.time() + " " : "") + record.text() + (record.partial() ? "" : "\n"));
        out.flush();
    }
}
