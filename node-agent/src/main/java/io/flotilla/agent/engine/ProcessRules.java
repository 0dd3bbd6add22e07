package io.flotilla.agent.engine;

import io.flotilla.agent.oci.ProcessSpec;
import io.flotilla.agent.oci.SpecException;

/** What can be told of {@code process} before anything is made. */
final class ProcessRules {

    private static final long LAST_ID = 0xffff_fffeL;
    private static final int EVERY_PERMISSION = 0777;

    private ProcessRules() {}

    /** @throws SpecException naming field and value */
    static void refuse(ProcessSpec process, Facilities facilities) {
        if (process.cwd() == null || !process.cwd().startsWith("/")) {
            throw new SpecException("process.cwd", "\"" + process.cwd() + "\" is not absolute");
        }
        if (process.args().isEmpty()) {
            throw new SpecException("process.args", "is empty");
        }
        refuseZeros(process);
        ids(process.user());
        Integer score = process.oomScoreAdj();
        if (score != null) {
            range("process.oomScoreAdj", score, -1000, 1000);
        }
        if (process.apparmorProfile() != null && !facilities.appArmor()) {
            throw new SpecException(
                    "process.apparmorProfile",
                    "\"" + process.apparmorProfile() + "\" cannot be set: this kernel has no AppArmor, or it is off");
        }
        if (process.selinuxLabel() != null) {
            requireSelinux("process.selinuxLabel", process.selinuxLabel(), facilities);
        }
    }

    static void requireSelinux(String field, String label, Facilities facilities) {
        if (!facilities.selinux()) {
            throw new SpecException(field, "\"" + label + "\" cannot be set: this kernel has no SELinux, or it is off");
        }
    }

    /** The kernel's strings end there, so that another program or directory would be meant. */
    private static void refuseZeros(ProcessSpec process) {
        for (int i = 0; i < process.args().size(); i++) {
            refuseZero("process.args[" + i + "]", process.args().get(i));
        }
        for (int i = 0; i < process.env().size(); i++) {
            refuseZero("process.env[" + i + "]", process.env().get(i));
        }
        refuseZero("process.cwd", process.cwd());
    }

    private static void refuseZero(String field, String value) {
        if (value.indexOf('\0') >= 0) {
            throw new SpecException(field, "contains a zero byte");
        }
    }

    private static void ids(ProcessSpec.User user) {
        range("process.user.uid", user.uid(), 0, LAST_ID);
        range("process.user.gid", user.gid(), 0, LAST_ID);
        for (int i = 0; i < user.additionalGids().size(); i++) {
            range(
                    "process.user.additionalGids[" + i + "]",
                    user.additionalGids().get(i),
                    0,
                    LAST_ID);
        }
        if (user.umask() != null) {
            range("process.user.umask", user.umask(), 0, EVERY_PERMISSION);
        }
    }

    private static void range(String field, long value, long least, long most) {
        if (value < least || value > most) {
            throw new SpecException(field, "%d is not from %d to %d".formatted(value, least, most));
        }
    }
}
