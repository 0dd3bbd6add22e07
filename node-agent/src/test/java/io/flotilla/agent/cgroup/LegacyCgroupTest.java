package io.flotilla.agent.cgroup;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** A host's v1 hierarchies alone, as if it had no cgroup2. */
class LegacyCgroupTest extends CgroupContract {

    @Override
    CgroupLayout layout() {
        CgroupLayout host = CgroupLayout.detect();
        assumeTrue(host.mode() != CgroupMode.V2, "this host has no v1 control groups");
        return new CgroupLayout(host.v1(), null);
    }
}
