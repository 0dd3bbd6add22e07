package io.flotilla.agent.oci;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code linux.resources} of the runtime specification; the names and units are those of cgroup v1. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Resources(
        List<DeviceRule> devices,
        @Nullable Memory memory,
        @Nullable Cpu cpu,
        @Nullable Pids pids,
        @Nullable BlockIo blockIO,
        List<HugepageLimit> hugepageLimits,
        @Nullable Network network,
        Map<String, Rdma> rdma,
        Map<String, String> unified) {

    public Resources {
        devices = Lists.copy(devices);
        hugepageLimits = Lists.copy(hugepageLimits);
        rdma = Lists.copy(rdma);
        unified = Lists.copy(unified);
    }

    /** {@code access} is made of r, w and m; absent numbers stand for all. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DeviceRule(
            boolean allow,
            @Nullable String type,
            @Nullable Long major,
            @Nullable Long minor,
            @Nullable String access) {}

    /** Bytes, -1 for no limit. {@code swap} counts memory and swap together, as cgroup v1 does. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Memory(
            @Nullable Long limit,
            @Nullable Long reservation,
            @Nullable Long swap,
            @Nullable Long kernel,
            @Nullable Long kernelTCP,
            @Nullable Long swappiness,
            @Nullable Boolean disableOOMKiller,
            @Nullable Boolean useHierarchy,
            @Nullable Boolean checkBeforeUpdate) {

        /** Limits alone. */
        public static Memory of(@Nullable Long limit, @Nullable Long reservation, @Nullable Long swap) {
            return new Memory(limit, reservation, swap, null, null, null, null, null, null);
        }
    }

    /** Quota and period in microseconds; {@code shares} 2 to 262144. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cpu(
            @Nullable Long shares,
            @Nullable Long quota,
            @Nullable Long burst,
            @Nullable Long period,
            @Nullable Long realtimeRuntime,
            @Nullable Long realtimePeriod,
            @Nullable String cpus,
            @Nullable String mems,
            @Nullable Long idle) {

        /** Without a processor set and for ordinary scheduling. */
        public static Cpu of(@Nullable Long shares, @Nullable Long quota, @Nullable Long period) {
            return new Cpu(shares, quota, null, period, null, null, null, null, null);
        }
    }

    /** 0 and -1 both mean no limit. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Pids(long limit) {}

    /** Nothing limited. */
    public static Resources none() {
        return new Resources(List.of(), null, null, null, null, List.of(), null, Map.of(), Map.of());
    }

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record BlockIo(
            @Nullable Integer weight,
            @Nullable Integer leafWeight,
            List<WeightDevice> weightDevice,
            List<ThrottleDevice> throttleReadBpsDevice,
            List<ThrottleDevice> throttleWriteBpsDevice,
            List<ThrottleDevice> throttleReadIOPSDevice,
            List<ThrottleDevice> throttleWriteIOPSDevice) {
        public BlockIo {
            weightDevice = Lists.copy(weightDevice);
            throttleReadBpsDevice = Lists.copy(throttleReadBpsDevice);
            throttleWriteBpsDevice = Lists.copy(throttleWriteBpsDevice);
            throttleReadIOPSDevice = Lists.copy(throttleReadIOPSDevice);
            throttleWriteIOPSDevice = Lists.copy(throttleWriteIOPSDevice);
        }

        /** Whether it limits nothing; a weight of 0 means none. */
        @JsonIgnore
        public boolean isEmpty() {
            return (weight == null || weight == 0)
                    && (leafWeight == null || leafWeight == 0)
                    && weightDevice.isEmpty()
                    && throttleReadBpsDevice.isEmpty()
                    && throttleWriteBpsDevice.isEmpty()
                    && throttleReadIOPSDevice.isEmpty()
                    && throttleWriteIOPSDevice.isEmpty();
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record WeightDevice(
            long major,
            long minor,
            @Nullable Integer weight,
            @Nullable Integer leafWeight) {}

    /** {@code rate} is unsigned, per second. */
    @JsonInclude
    public record ThrottleDevice(
            long major, long minor, @Unsigned long rate) {}

    /** {@code pageSize} as {@code 2MB}, limit in bytes, unsigned. */
    @JsonInclude
    public record HugepageLimit(String pageSize, @Unsigned long limit) {}

    /** The class that the container's packets are marked with, and their priority on each of its interfaces. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Network(@JsonProperty("classID") @Nullable Long classId, List<InterfacePriority> priorities) {
        public Network {
            priorities = Lists.copy(priorities);
        }
    }

    @JsonInclude
    public record InterfacePriority(String name, long priority) {}

    /** Limits of one RDMA device; absent for none. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Rdma(@Nullable Long hcaHandles, @Nullable Long hcaObjects) {}
}
