package io.flotilla.agent.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code process} of the runtime specification: who runs what, with which rights. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ProcessSpec(
        boolean terminal,
        @Nullable ConsoleSize consoleSize,
        User user,
        List<String> args,
        List<String> env,
        String cwd,
        @Nullable Capabilities capabilities,
        List<Rlimit> rlimits,
        boolean noNewPrivileges,
        @Nullable String apparmorProfile,
        @Nullable String selinuxLabel,
        @Nullable Integer oomScoreAdj,
        @Nullable Scheduler scheduler,
        @Nullable IoPriority ioPriority,
        @Nullable CpuAffinity execCPUAffinity) {

    public ProcessSpec {
        user = user == null ? new User(0, 0, null, List.of()) : user;
        args = Lists.copy(args);
        env = Lists.copy(env);
        rlimits = Lists.copy(rlimits);
    }

    /** Rows and columns of the terminal. */
    public record ConsoleSize(int height, int width) {}

    /** Ids as the container sees them; {@code umask} as a number, null for the inherited one. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record User(long uid, long gid, @Nullable Integer umask, List<Long> additionalGids) {
        public User {
            additionalGids = Lists.copy(additionalGids);
        }
    }

    /** Names as in capabilities(7), for example {@code CAP_CHOWN}. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Capabilities(
            List<String> bounding,
            List<String> effective,
            List<String> inheritable,
            List<String> permitted,
            List<String> ambient) {
        public Capabilities {
            bounding = Lists.copy(bounding);
            effective = Lists.copy(effective);
            inheritable = Lists.copy(inheritable);
            permitted = Lists.copy(permitted);
            ambient = Lists.copy(ambient);
        }
    }

    /** {@code type} as {@code RLIMIT_NOFILE}; the limits are unsigned, so that -1 is no limit. */
    public record Rlimit(
            String type, @Unsigned long soft, @Unsigned long hard) {}

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Scheduler(
            String policy,
            @Nullable Integer nice,
            @Nullable Integer priority,
            List<String> flags,
            @Nullable Long runtime,
            @Nullable Long deadline,
            @Nullable Long period) {
        public Scheduler {
            flags = Lists.copy(flags);
        }
    }

    /** {@code class} as {@code IOPRIO_CLASS_BE}, priority 0 to 7. */
    @JsonInclude
    public record IoPriority(@JsonProperty("class") String type, int priority) {}

    /** Processors, as {@code 0-3,7}, of a process that joins the container: until it is in the control group, and after. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record CpuAffinity(
            @Nullable String initial,
            @JsonProperty("final") @Nullable String later) {}
}
