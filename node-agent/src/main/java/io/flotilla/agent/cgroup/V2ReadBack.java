package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the files of a group on cgroup2 hold, beside what {@link V2Limits} was asked to write. Which devices a filter lets
 * through cannot be read.
 */
record V2ReadBack(Path group) {

    List<LimitReading> of(Resources asked) {
        List<LimitReading> readings = new ArrayList<>();
        if (asked.cpu() != null) {
            cpu(readings, asked.cpu());
        }
        if (asked.memory() != null) {
            memory(readings, asked.memory());
        }
        if (asked.pids() != null) {
            long limit = asked.pids().limit();
            readings.add(LimitReading.count("linux.resources.pids.limit", file("pids.max"), limit));
        }
        return readings;
    }

    private CgroupFile file(String name) {
        return CgroupFile.at(group, name);
    }

    private void cpu(List<LimitReading> readings, Resources.Cpu cpu) {
        if (cpu.shares() != null && cpu.shares() != 0) {
            long weight = Conversions.weight(cpu.shares());
            readings.add(LimitReading.count("linux.resources.cpu.shares", file("cpu.weight"), weight));
        }
        if (cpu.quota() != null) {
            readings.add(LimitReading.of("linux.resources.cpu.quota", file("cpu.max"), V2Limits.bandwidth(cpu)));
        }
    }

    private void memory(List<LimitReading> readings, Resources.Memory memory) {
        if (memory.limit() != null) {
            readings.add(LimitReading.bytes("linux.resources.memory.limit", file("memory.max"), memory.limit()));
        }
        if (memory.reservation() != null) {
            readings.add(
                    LimitReading.bytes("linux.resources.memory.reservation", file("memory.low"), memory.reservation()));
        }
        CgroupFile swap = file("memory.swap.max");
        if (memory.swap() != null && swap.exists()) {
            long limit = memory.limit() == null ? -1 : memory.limit();
            readings.add(
                    LimitReading.bytes("linux.resources.memory.swap", swap, Conversions.swap(memory.swap(), limit)));
        }
    }
}
