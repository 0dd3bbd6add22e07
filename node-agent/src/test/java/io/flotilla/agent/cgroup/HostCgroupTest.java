package io.flotilla.agent.cgroup;

/** The hierarchies as this host has mounted them: hybrid on the build machine, pure v2 in the virtual machine. */
class HostCgroupTest extends CgroupContract {

    @Override
    CgroupLayout layout() {
        return CgroupLayout.detect();
    }
}
