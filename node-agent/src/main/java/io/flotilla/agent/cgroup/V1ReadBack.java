package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the files of a group on v1 hold, beside what {@link V1Limits} was asked to write. */
record V1ReadBack(CgroupLayout layout, String below) {

    List<LimitReading> of(Resources asked) {
        List<LimitReading> readings = new ArrayList<>();
        Path cpu = in("cpu");
        if (asked.cpu() != null && cpu != null) {
            cpu(readings, cpu, asked.cpu());
        }
        Path memory = in("memory");
        if (asked.memory() != null && memory != null) {
            memory(readings, memory, asked.memory());
        }
        Path pids = in("pids");
        if (asked.pids() != null && pids != null) {
            long limit = asked.pids().limit();
            readings.add(LimitReading.count("linux.resources.pids.limit", CgroupFile.at(pids, "pids.max"), limit));
        }
        Path devices = in("devices");
        if (!asked.devices().isEmpty() && devices != null) {
            readings.add(devices(CgroupFile.at(devices, "devices.list"), asked.devices()));
        }
        return readings;
    }

    private @Nullable Path in(String controller) {
        return layout.group(controller, below);
    }

    private static void cpu(List<LimitReading> readings, Path group, Resources.Cpu cpu) {
        if (cpu.shares() != null && cpu.shares() != 0) {
            readings.add(
                    LimitReading.count("linux.resources.cpu.shares", CgroupFile.at(group, "cpu.shares"), cpu.shares()));
        }
        if (cpu.quota() != null) {
            readings.add(LimitReading.count(
                    "linux.resources.cpu.quota", CgroupFile.at(group, "cpu.cfs_quota_us"), cpu.quota()));
        }
        if (cpu.period() != null) {
            readings.add(LimitReading.count(
                    "linux.resources.cpu.period", CgroupFile.at(group, "cpu.cfs_period_us"), cpu.period()));
        }
    }

    private static void memory(List<LimitReading> readings, Path group, Resources.Memory memory) {
        if (memory.limit() != null) {
            readings.add(LimitReading.bytes(
                    "linux.resources.memory.limit", CgroupFile.at(group, "memory.limit_in_bytes"), memory.limit()));
        }
        if (memory.reservation() != null) {
            readings.add(LimitReading.bytes(
                    "linux.resources.memory.reservation",
                    CgroupFile.at(group, "memory.soft_limit_in_bytes"),
                    memory.reservation()));
        }
        CgroupFile both = CgroupFile.at(group, "memory.memsw.limit_in_bytes");
        if (memory.swap() != null && both.exists()) {
            readings.add(LimitReading.bytes("linux.resources.memory.swap", both, memory.swap()));
        }
    }

    /** The kernel lists what is allowed. Rules that take something back one by one are not followed here. */
    private static LimitReading devices(CgroupFile list, List<Resources.DeviceRule> rules) {
        TreeSet<String> asked = new TreeSet<>();
        for (Resources.DeviceRule rule : rules) {
            if (rule.allow()) {
                asked.add(V1Limits.line(rule));
            } else if (rule.type() == null || rule.type().equals("a")) {
                asked.clear();
            }
        }
        TreeSet<String> inForce = new TreeSet<>(list.read().lines().toList());
        return new LimitReading("linux.resources.devices", String.join(", ", asked), String.join(", ", inForce));
    }
}
